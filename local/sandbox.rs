//! The function's own process: this program started again, in the environment that Lambda would give it.

#![expect(clippy::disallowed_methods, reason = "the local server hands its environment on to the function")]

use stand_ins::bedrock::Bedrock;
use stand_ins::function::Function;
use stand_ins::runtime_api::RuntimeApi;
use stand_ins::transport;
use std::net::SocketAddr;
use std::process::ExitCode;

/// Tells the process that it is the function, and whom it asks: an address, or the word `bedrock`.
const ROLE: &str = "KOKUNAI_LOCAL_MODEL";

/// The word that stands for Claude itself. Nothing else does: a mistyped address must not cost anyone money.
const BEDROCK: &str = "bedrock";

/// The function's settings, which it gets from whoever started `cargo local`.
const SETTINGS: [&str; 5] =
    ["DEFAULT_MAX_TOKENS", "TIME_BUDGET_SECONDS", "RETRY_BUDGET_SECONDS", "RESPONSE_MODE", "LOG_LEVEL"];

/// What the credential chain looks at first; blank counts as not set.
const STATIC_CREDENTIALS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Whom the function asks.
pub(crate) enum Model {
    /// The stand-in, on loopback.
    StandIn(SocketAddr),
    /// Claude on Bedrock in Japan.
    Bedrock,
}

/// The model that this process, as the function, asks; `None` in the process that a person started.
pub(crate) fn role() -> Option<Model> {
    match std::env::var(ROLE).ok()?.as_str() {
        BEDROCK => Some(Model::Bedrock),
        address => address.parse().ok().map(Model::StandIn),
    }
}

/// Is the function, until its Runtime API goes away.
pub(crate) async fn run(model: Model) -> ExitCode {
    let transport = match model {
        Model::StandIn(address) => transport::panicking(transport::loopback(address)),
        Model::Bedrock => kokunai::residency::https(),
    };
    kokunai::start(transport).await
}

/// The function with what surrounds it.
pub(crate) struct Sandbox {
    pub(crate) runtime: RuntimeApi,
    pub(crate) functions: Vec<Function>,
    // It answers for as long as it is kept.
    _bedrock: Option<Bedrock>,
}

impl Sandbox {
    /// Starts the function `processes` times: Lambda, too, starts another one for a prompt that comes meanwhile.
    pub(crate) async fn start(bedrock: bool, processes: usize) -> Result<Self, String> {
        let failed = |error| format!("the function could not be started: {error}");
        let runtime = RuntimeApi::start().await.map_err(failed)?;
        let stand_in = if bedrock { None } else { Some(Bedrock::start().await.map_err(failed)?) };
        let role = stand_in.as_ref().map_or(BEDROCK.to_owned(), |it| it.address().to_string());
        let environment = environment(bedrock, role);
        let environment: Vec<_> = environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let executable = std::env::current_exe().map_err(failed)?;
        let functions = (0..processes)
            .map(|_| Function::spawn(&executable, runtime.address(), &environment))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        Ok(Self { runtime, functions, _bedrock: stand_in })
    }

    /// Waits until the function is ready, or says why it does not start.
    pub(crate) async fn ready(&self) -> Result<(), String> {
        tokio::select! {
            () = self.runtime.polled() => Ok(()),
            error = self.runtime.init_error() => Err(format!("the function refuses to start: {}", error.message)),
        }
    }
}

/// What the function's environment has beside what Lambda sets.
fn environment(bedrock: bool, role: String) -> Vec<(String, String)> {
    let is_setting = |name: &str| SETTINGS.contains(&name);
    // The credential chain may need any of the caller's variables; the Region stays Lambda's.
    let is_wanted = |name: &str| is_setting(name) || (bedrock && name != "AWS_REGION" && name != "AWS_DEFAULT_REGION");
    let mut environment: Vec<_> = std::env::vars().filter(|(name, _)| is_wanted(name)).collect();
    if bedrock {
        let missing = STATIC_CREDENTIALS.into_iter().filter(|name| std::env::var(name).is_err());
        environment.extend(missing.map(|name| (name.to_owned(), String::new())).collect::<Vec<_>>());
    }
    environment.push((ROLE.to_owned(), role));
    environment
}

//! The function's own process: this program started again, in the environment that Lambda would give it.

#![expect(clippy::disallowed_methods, reason = "the local server hands its environment on to the function")]

use crate::output::note;
use stand_ins::bedrock::Bedrock;
use stand_ins::cloudformation::{self, CloudFormation};
use stand_ins::control_plane::ControlPlane;
use stand_ins::function::Function;
use stand_ins::runtime_api::RuntimeApi;
use stand_ins::transport;
use stand_ins::usage_plan::{self, UsagePlan};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Instant;

/// Tells the process that it is the function, and whom it asks: an address, or the word `bedrock`.
const ROLE: &str = "KOKUNAI_LOCAL_MODEL";

/// The word that stands for Claude itself. Nothing else does: a mistyped address must not cost anyone money.
const BEDROCK: &str = "bedrock";

/// The function's settings, which it gets from whoever started `cargo local`.
const SETTINGS: [&str; 9] = [
    "DEFAULT_MAX_TOKENS",
    "TIME_BUDGET_SECONDS",
    "RETRY_BUDGET_SECONDS",
    RESPONSE_MODE,
    "STREAM_IDLE_SECONDS",
    "COUNT_TOKENS",
    "QUEUE_CONCURRENCY",
    "IDEMPOTENCY_TTL_HOURS",
    "LOG_LEVEL",
];

/// The setting that both the function and the front read, and must read alike.
const RESPONSE_MODE: &str = "RESPONSE_MODE";

/// What the template deploys unless it is told otherwise.
const DEFAULT_RESPONSE_MODE: &str = "stream";

/// What the credential chain looks at first; blank counts as not set.
const STATIC_CREDENTIALS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Tell it where SQS and DynamoDB are, if there are any.
pub(crate) const QUEUES: &str = "KOKUNAI_LOCAL_SQS";
pub(crate) const TABLES: &str = "KOKUNAI_LOCAL_DYNAMODB";

/// Tell it where Bedrock's control plane and CloudFormation's bucket are.
const CONTROL_PLANE: &str = "KOKUNAI_LOCAL_CONTROL_PLANE";
const CLOUDFORMATION: &str = "KOKUNAI_LOCAL_CLOUDFORMATION";

/// Tells it where API Gateway's control plane is, which lists the keys of a usage plan.
const API_GATEWAY: &str = "KOKUNAI_LOCAL_API_GATEWAY";

/// The settings that name what only AWS has.
const NOT_HERE: [&str; 4] = ["RESULTS_QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "IDEMPOTENCY_TABLE", "USAGE_PLAN_ID"];

/// What the function's process is surrounded by.
pub(crate) enum Surroundings {
    /// Stand-ins on loopback, by the first label of the host that each stands in for.
    StandIns(Vec<(&'static str, SocketAddr)>),
    /// Claude on Bedrock in Japan.
    Bedrock,
}

/// What this process, as the function, is surrounded by; `None` in the process that a person started.
pub(crate) fn role() -> Option<Surroundings> {
    let address = |variable| std::env::var(variable).ok()?.parse().ok();
    if std::env::var(ROLE).ok()? == BEDROCK {
        return Some(Surroundings::Bedrock);
    }
    let services = [
        ("bedrock-runtime", ROLE),
        ("bedrock", CONTROL_PLANE),
        (cloudformation::LABEL, CLOUDFORMATION),
        ("apigateway", API_GATEWAY),
        ("sqs", QUEUES),
        ("dynamodb", TABLES),
    ];
    let services = services.into_iter().filter_map(|(service, variable)| Some((service, address(variable)?)));
    Some(Surroundings::StandIns(services.collect()))
}

/// Is the function, until its Runtime API goes away.
pub(crate) async fn run(surroundings: Surroundings) -> ExitCode {
    let began = Instant::now();
    let transport = match surroundings {
        Surroundings::StandIns(services) => transport::wilful(transport::loopback_by_service(services)),
        Surroundings::Bedrock => kokunai::residency::https(),
    };
    kokunai::start(began, transport).await
}

/// The settings of a worker that the caller has not set, as the template sets them.
pub(crate) fn worker_defaults() -> Vec<(&'static str, String)> {
    let is_missing = |name: &str| std::env::var_os(name).is_none();
    [("RETRY_BUDGET_SECONDS", "30".to_owned())].into_iter().filter(|(name, _)| is_missing(name)).collect()
}

/// Says which settings of the environment are not used.
pub(crate) fn warn() {
    for name in NOT_HERE.into_iter().filter(|name| std::env::var_os(name).is_some()) {
        note(&format!("{name} is not used: cargo local has stand-ins of its own for what only AWS has"));
    }
}

/// How HTTP answers leave the function, which the front has to know.
pub(crate) fn response_mode() -> String {
    std::env::var(RESPONSE_MODE).unwrap_or_else(|_| DEFAULT_RESPONSE_MODE.to_owned())
}

/// The function with what surrounds it.
pub(crate) struct Sandbox {
    pub(crate) runtime: RuntimeApi,
    pub(crate) functions: Vec<Function>,
    // They answer for as long as they are kept.
    stand_ins: Option<StandIns>,
}

/// What stands in for AWS, as far as a function meets it that has neither queues nor tables.
struct StandIns {
    bedrock: Bedrock,
    control_plane: ControlPlane,
    cloudformation: CloudFormation,
    usage_plan: UsagePlan,
}

impl StandIns {
    async fn start() -> std::io::Result<Self> {
        Ok(Self {
            bedrock: Bedrock::start().await?,
            control_plane: ControlPlane::start().await?,
            cloudformation: CloudFormation::start().await?,
            usage_plan: UsagePlan::start().await?,
        })
    }

    /// Where each of them is, as the function is told.
    fn addresses(&self) -> Vec<(String, String)> {
        let addresses = [
            (ROLE, self.bedrock.address()),
            (CONTROL_PLANE, self.control_plane.address()),
            (CLOUDFORMATION, self.cloudformation.address()),
            (API_GATEWAY, self.usage_plan.address()),
        ];
        let addresses = addresses.into_iter().map(|(name, address)| (name.to_owned(), address.to_string()));
        // Then the sample events of an authoriser get their policies here too.
        addresses.chain([("USAGE_PLAN_ID".to_owned(), usage_plan::PLAN.to_owned())]).collect()
    }
}

impl Sandbox {
    /// Starts the function `processes` times: Lambda, too, starts another one for a prompt that comes meanwhile.
    pub(crate) async fn start(
        bedrock: bool,
        processes: usize,
        more: Vec<(&'static str, String)>,
    ) -> Result<Self, String> {
        let failed = |error| format!("the function could not be started: {error}");
        let runtime = RuntimeApi::start().await.map_err(failed)?;
        let stand_ins = if bedrock { None } else { Some(StandIns::start().await.map_err(failed)?) };
        let mut environment = environment(bedrock);
        let role = vec![(ROLE.to_owned(), BEDROCK.to_owned())];
        environment.extend(stand_ins.as_ref().map_or(role, StandIns::addresses));
        environment.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let environment: Vec<_> = environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let executable = std::env::current_exe().map_err(failed)?;
        let functions = (0..processes)
            .map(|_| Function::spawn(&executable, runtime.address(), &environment))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        Ok(Self { runtime, functions, stand_ins })
    }

    /// The stand-in for Bedrock; nothing if Bedrock itself is asked.
    pub(crate) fn bedrock(&self) -> Option<&Bedrock> {
        self.stand_ins.as_ref().map(|stand_ins| &stand_ins.bedrock)
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
fn environment(bedrock: bool) -> Vec<(String, String)> {
    let is_setting = |name: &str| SETTINGS.contains(&name);
    // The credential chain may need any of the caller's variables; the Region stays Lambda's.
    let is_wanted = |name: &str| is_setting(name) || (bedrock && name != "AWS_REGION" && name != "AWS_DEFAULT_REGION");
    let mut environment: Vec<_> = std::env::vars().filter(|(name, _)| is_wanted(name)).collect();
    if bedrock {
        let missing = STATIC_CREDENTIALS.into_iter().filter(|name| std::env::var(name).is_err());
        environment.extend(missing.map(|name| (name.to_owned(), String::new())).collect::<Vec<_>>());
    }
    // Also where the caller has not set it: the function's own default is the other one.
    environment.push((RESPONSE_MODE.to_owned(), response_mode()));
    environment
}

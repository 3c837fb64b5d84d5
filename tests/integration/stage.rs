//! What every test stands on: one function process with its surroundings, and the questions that tests ask of them.

use serde_json::{Value, json};
use stand_ins::bedrock::Bedrock;
use stand_ins::function::Function;
use stand_ins::gateway::{self, GatewayAnswer, GatewayRequest, GatewayResponse, GatewayStream, Mode, rest_event};
use stand_ins::runtime_api::{Departure, Invocation, Outcome, RuntimeApi};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a line may take from the function's output to the test: a busy machine gets all the time it needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// One function process between its stand-ins.
pub(crate) struct Stage {
    pub(crate) bedrock: Bedrock,
    pub(crate) runtime: RuntimeApi,
    pub(crate) function: Function,
    mode: Mode,
}

impl Stage {
    /// The twin of the binary, with the default settings.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The twin of the binary, with these variables on top of Lambda's.
    pub(crate) async fn with(environment: &[(&str, &str)]) -> Self {
        let bedrock = Bedrock::start().await.unwrap();
        let runtime = RuntimeApi::start().await.unwrap();
        let address = bedrock.address().to_string();
        let mut all = vec![("STAND_IN_BEDROCK", address.as_str())];
        all.extend(environment);
        let function = Function::spawn(&twin(), runtime.address(), &all).unwrap();
        let streams = environment.contains(&("RESPONSE_MODE", "stream"));
        Self { bedrock, runtime, function, mode: if streams { Mode::Stream } else { Mode::Buffered } }
    }

    /// Sends an event.
    pub(crate) async fn invoke(&self, event: impl ToString) -> Outcome {
        while_it_runs(&self.function, self.runtime.invoke(Invocation::new(event.to_string()))).await
    }

    /// Sends an event that must be answered with a JSON document.
    pub(crate) async fn answer(&self, event: impl ToString) -> Value {
        self.invoke(event).await.answered().json()
    }

    /// Sends an HTTP event, and gives what its client would see.
    pub(crate) async fn http(&self, event: impl ToString) -> GatewayAnswer {
        GatewayAnswer::from_outcome(&self.invoke(event).await, self.mode)
    }

    /// Posts a JSON body through a REST API.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> GatewayAnswer {
        self.http(rest_event(&post(path, body.to_string()), "prod")).await
    }

    /// Posts a prompt to the Messages API.
    pub(crate) async fn ask(&self, prompt: &str) -> GatewayAnswer {
        self.post("/v1/messages", &question(prompt)).await
    }

    /// Posts a JSON body to the Messages API, and gives the answer as it begins.
    pub(crate) async fn open(&self, body: &Value, departure: Departure) -> GatewayStream {
        let event = rest_event(&post("/v1/messages", body.to_string()), "prod").to_string();
        let opened = self.runtime.stream(Invocation::new(event).departure(departure));
        let opened = while_it_runs(&self.function, opened).await;
        match gateway::open(opened, self.mode).await {
            GatewayResponse::Stream(stream) => stream,
            GatewayResponse::Whole(answer) => panic!("no stream: {}", answer.text()),
        }
    }

    /// The log lines of prompts, once there are `count` of them.
    pub(crate) async fn prompt_lines(&self, count: usize) -> Vec<Value> {
        let is_prompt_line = |line: &Value| line.get("duration_ms").is_some();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let lines: Vec<_> = self.function.json_lines().into_iter().filter(is_prompt_line).collect();
            if lines.len() >= count || tokio::time::Instant::now() > deadline {
                assert_eq!(lines.len(), count, "log lines of prompts: {lines:#?}");
                return lines;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// What is waited for of a function, unless its process ends meanwhile: then it would never come.
pub(crate) async fn while_it_runs<T>(function: &Function, waiting: impl Future<Output = T>) -> T {
    tokio::select! {
        biased;
        came = waiting => came,
        Some(status) = function.exit_status(Duration::MAX) => {
            panic!("the function has ended with {status}: {:#?}", function.lines())
        }
    }
}

/// A Messages request with one user message.
pub(crate) fn question(prompt: &str) -> Value {
    json!({ "max_tokens": 1000, "messages": [{ "role": "user", "content": prompt }] })
}

/// A POST with a JSON body.
pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> GatewayRequest {
    GatewayRequest {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: body.into(),
        ..GatewayRequest::default()
    }
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file, by its path from the root.
pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An event file, by its name.
pub(crate) fn event(name: &str) -> String {
    text(&format!("events/{name}.json"))
}

/// The production binary: what cargo built, or the artifact that `KOKUNAI_BINARY` names.
pub(crate) fn production() -> PathBuf {
    named("KOKUNAI_BINARY").unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_kokunai")))
}

/// Its twin, whose transport leads to the stand-ins: what cargo built, or what `KOKUNAI_TWIN` names.
pub(crate) fn twin() -> PathBuf {
    named("KOKUNAI_TWIN").unwrap_or_else(|| example("twin"))
}

/// The file that is deployed. An artifact for another machine is run by a script, which is none.
pub(crate) fn artifact() -> PathBuf {
    named("KOKUNAI_ARTIFACT").unwrap_or_else(production)
}

fn named(variable: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "which binary is tested is the test's own question")]
    std::env::var_os(variable).map(PathBuf::from)
}

/// The executable of an example, which `cargo test` builds beside the tests, and `cargo test --test …` does not.
pub(crate) fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().unwrap().parent().unwrap().join("examples").join(name);
    let changed = |path: &Path| std::fs::metadata(path).and_then(|it| it.modified()).ok();
    let built = changed(&path);
    // An executable that is older than what it was built from would test the code of yesterday.
    let stale = sources_of(&path).into_iter().find(|source| changed(source) > built);
    assert!(
        built.is_some() && stale.is_none(),
        "{} is missing, or older than {stale:?}: run the whole of `cargo test`, which builds it",
        path.display()
    );
    path
}

/// The files that cargo built an executable from, as it notes them beside it: `EXECUTABLE: SOURCE SOURCE …`.
fn sources_of(executable: &Path) -> Vec<PathBuf> {
    let notes = std::fs::read_to_string(executable.with_extension("d")).unwrap_or_default();
    let sources = notes.lines().next().and_then(|line| line.split_once(": ")).map(|(_, sources)| sources);
    // A blank within a path stands behind a backslash there.
    let sources = sources.unwrap_or_default().replace("\\ ", "\0");
    sources.split(' ').filter(|path| !path.is_empty()).map(|path| PathBuf::from(path.replace('\0', " "))).collect()
}

#[test]
fn the_sources_of_the_twin_are_known() {
    let sources = sources_of(&example("twin"));
    assert!(sources.contains(&root().join("src/claude.rs")) && sources.contains(&root().join("tests/twin.rs")));
    assert!(!sources.iter().any(|source| source.starts_with(root().join("local"))), "{sources:?}");
}

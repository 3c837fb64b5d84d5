//! A process of the function under callgrind, and what it was counted to take.

use serde_json::{Value, json};
use stand_ins::bedrock::Bedrock;
use stand_ins::function::Function;
use stand_ins::gateway::{self, GatewayRequest, GatewayResponse, Mode, rest_event};
use stand_ins::runtime_api::{Invocation, RuntimeApi};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything takes some fifty times as long under callgrind.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a process has for what follows an answer.
const SETTLED: Duration = Duration::from_millis(500);

/// What is asked, again and again.
pub(crate) enum Workload {
    /// A prompt whose answer comes whole.
    Whole(String),
    /// A prompt whose answer comes as a stream.
    Stream(String),
}

impl Workload {
    fn body(&self) -> Value {
        let (text, stream) = match self {
            Self::Whole(text) => (text, false),
            Self::Stream(text) => (text, true),
        };
        json!({ "max_tokens": 1000, "stream": stream, "messages": [{ "role": "user", "content": text }] })
    }
}

/// An executable that is counted.
pub(crate) struct Counted {
    executable: PathBuf,
}

impl Counted {
    pub(crate) fn new(executable: &Path) -> Self {
        let executable = executable.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", executable.display()));
        Self { executable }
    }

    /// The instructions from the start of the process to its first poll for an event.
    pub(crate) async fn until_ready(&self) -> u64 {
        self.count(None, 0).await
    }

    /// The instructions of one warm prompt: what many take in excess of a few, so that start and connections fall away.
    pub(crate) async fn each(&self, workload: Workload, prompts: u32) -> u64 {
        let few = self.count(Some(&workload), 2).await;
        let many = self.count(Some(&workload), 2 + prompts).await;
        (many - few) / u64::from(prompts)
    }

    /// The instructions of a process that answers so many prompts.
    async fn count(&self, workload: Option<&Workload>, prompts: u32) -> u64 {
        let folder = std::env::temp_dir().join(format!("kokunai-counted-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let (report, script) = (folder.join("report"), folder.join("function"));
        let valgrind = "exec valgrind --quiet --tool=callgrind";
        let line = format!(
            "#!/bin/sh\n{valgrind} --callgrind-out-file='{}' '{}'\n",
            report.display(),
            self.executable.display()
        );
        std::fs::write(&script, line).expect("a script");
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("a script that can be run");

        let (bedrock, runtime) = (Bedrock::start().await.expect("a port"), RuntimeApi::start().await.expect("a port"));
        let address = bedrock.address().to_string();
        let environment = [("STAND_IN_BEDROCK", address.as_str()), ("RESPONSE_MODE", "stream")];
        let function = Function::spawn(&script, runtime.address(), &environment).expect("a process");
        tokio::time::timeout(PATIENCE, runtime.polled()).await.expect("a first poll");
        for _ in 0..prompts {
            answer(&runtime, workload.expect("something to ask")).await;
        }
        // What follows the last answer, the next poll above all, belongs to it.
        tokio::time::sleep(SETTLED).await;
        function.terminate().expect("a process that runs");
        function.exit_status(PATIENCE).await.expect("an end");
        let report = std::fs::read_to_string(&report).expect("callgrind's report");
        let _ = std::fs::remove_dir_all(&folder);
        total(&report)
    }
}

/// What callgrind says it has counted, in a line such as `totals: 5432109`.
fn total(report: &str) -> u64 {
    let totals = report.lines().find_map(|line| line.strip_prefix("totals: ")).expect("a total");
    totals.trim().parse().expect("a number")
}

/// Asks, and reads the answer to its end.
async fn answer(runtime: &RuntimeApi, workload: &Workload) {
    let request = GatewayRequest {
        method: "POST".to_owned(),
        path: "/v1/messages".to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: workload.body().to_string().into_bytes(),
        ..GatewayRequest::default()
    };
    let invocation = Invocation::new(rest_event(&request, "prod").to_string()).timeout(PATIENCE);
    match gateway::open(runtime.stream(invocation).await, Mode::Stream).await {
        GatewayResponse::Stream(mut stream) => {
            while let Some(bytes) = stream.chunk().await {
                bytes.expect("an unbroken answer");
            }
        }
        GatewayResponse::Whole(answer) => assert_eq!(answer.status, 200, "{}", answer.text()),
    }
}

//! Answers read through the function, as API Gateway reads them.

#![expect(clippy::disallowed_methods, reason = "the function's process is told by a variable what it is")]

use crate::figures::Reading;
use bytes::Bytes;
use serde_json::{Value, json};
use stand_ins::function::Function;
use stand_ins::gateway::{self, GatewayRequest, GatewayResponse, Mode, rest_event};
use stand_ins::runtime_api::{Invocation, RuntimeApi};
use stand_ins::transport;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Instant;

/// Tells the process that it is the function, and where the stand-in listens.
const ROLE: &str = "KOKUNAI_BENCH_BEDROCK";

/// An invocation that X-Ray samples, where there is a daemon.
const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

/// A path of the function's, and how its streams tell a text.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    pub(crate) path: &'static str,
    /// Whether a frame of a stream is a text delta.
    pub(crate) is_delta: fn(&str) -> bool,
}

/// Anthropic's language, which is the function's own.
pub(crate) const MESSAGES: Door =
    Door { path: "/v1/messages", is_delta: |frame| frame.starts_with("event: content_block_delta\n") };

/// The stand-in's address, in the process that is the function.
pub(crate) fn role() -> Option<SocketAddr> {
    std::env::var(ROLE).ok()?.parse().ok()
}

/// The event of a body that is posted.
pub(crate) fn event(door: Door, body: &Value) -> String {
    let request = GatewayRequest {
        method: "POST".to_owned(),
        path: door.path.to_owned(),
        body: body.to_string().into_bytes(),
        ..GatewayRequest::default()
    };
    rest_event(&request, "prod").to_string()
}

/// Is the function, until its Runtime API goes away. It has one thread, as the production binary has.
pub(crate) fn run(bedrock: SocketAddr) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(kokunai::start(Instant::now(), transport::loopback(bedrock)))
}

pub(crate) struct Client {
    runtime: RuntimeApi,
    /// It runs for as long as it is kept.
    function: Function,
}

impl Client {
    pub(crate) async fn start(bedrock: SocketAddr) -> Self {
        Self::start_with(bedrock, &[]).await
    }

    /// One whose process has these variables too.
    pub(crate) async fn start_with(bedrock: SocketAddr, variables: &[(&str, &str)]) -> Self {
        let runtime = RuntimeApi::start().await.expect("a free port");
        let bedrock = bedrock.to_string();
        let own = [(ROLE, bedrock.as_str()), ("RESPONSE_MODE", "stream")];
        let environment: Vec<_> = own.into_iter().chain(variables.iter().copied()).collect();
        let executable = std::env::current_exe().expect("this program");
        let function = Function::spawn(&executable, runtime.address(), &environment).expect("a process");
        Self { runtime, function }
    }

    /// The ID of the function's process.
    pub(crate) fn pid(&self) -> u32 {
        self.function.pid()
    }

    /// Posts a body, and gives the answer as it begins.
    pub(crate) async fn open(&self, door: Door, body: &Value) -> GatewayResponse {
        self.send(event(door, body)).await
    }

    /// The same for a post that was made an event before.
    pub(crate) async fn send(&self, event: impl Into<Bytes>) -> GatewayResponse {
        let opened = self.runtime.stream(Invocation::new(event).trace_id(TRACE)).await;
        gateway::open(opened, Mode::Stream).await
    }

    /// Reads the stream that this prompt asks for, in words that both languages know.
    pub(crate) async fn read(&self, door: Door, prompt: &str) -> Reading {
        let messages = json!([{ "role": "user", "content": prompt }]);
        let body = json!({ "max_tokens": 1000, "stream": true, "messages": messages });
        let GatewayResponse::Stream(mut stream) = self.open(door, &body).await else {
            return Reading { first: Instant::now(), last: Instant::now(), deltas: 0 };
        };
        let (mut first, mut body) = (None, Vec::new());
        while let Some(bytes) = stream.chunk().await {
            first.get_or_insert_with(Instant::now);
            body.extend_from_slice(&bytes.expect("an unbroken stream"));
        }
        let last = Instant::now();
        let deltas = String::from_utf8_lossy(&body).split("\n\n").filter(|frame| (door.is_delta)(frame)).count();
        Reading { first: first.expect("a first byte"), last, deltas }
    }
}

//! The stream read through the function, as API Gateway reads it.

#![expect(clippy::disallowed_methods, reason = "the function's process is told by a variable what it is")]

use crate::Reading;
use serde_json::json;
use stand_ins::function::Function;
use stand_ins::gateway::{self, GatewayRequest, GatewayResponse, Mode, rest_event};
use stand_ins::runtime_api::{Invocation, RuntimeApi};
use stand_ins::transport;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Instant;

/// Tells the process that it is the function, and where the stand-in listens.
const ROLE: &str = "KOKUNAI_BENCH_BEDROCK";

/// What the client counts.
const DELTA: &[u8] = b"event: content_block_delta\n";

/// The stand-in's address, in the process that is the function.
pub(crate) fn role() -> Option<SocketAddr> {
    std::env::var(ROLE).ok()?.parse().ok()
}

/// Is the function, until its Runtime API goes away.
pub(crate) async fn run(bedrock: SocketAddr) -> ExitCode {
    kokunai::start(transport::loopback(bedrock)).await
}

pub(crate) struct Client {
    runtime: RuntimeApi,
    // It runs for as long as it is kept.
    _function: Function,
}

impl Client {
    pub(crate) async fn start(bedrock: SocketAddr) -> Self {
        let runtime = RuntimeApi::start().await.expect("a free port");
        let bedrock = bedrock.to_string();
        let environment = [(ROLE, bedrock.as_str()), ("RESPONSE_MODE", "stream")];
        let executable = std::env::current_exe().expect("this program");
        let function = Function::spawn(&executable, runtime.address(), &environment).expect("a process");
        Self { runtime, _function: function }
    }

    /// Reads the stream that this prompt asks for.
    pub(crate) async fn read(&self, prompt: &str) -> Reading {
        let messages = json!([{ "role": "user", "content": prompt }]);
        let body = json!({ "max_tokens": 1000, "stream": true, "messages": messages });
        let request = GatewayRequest {
            method: "POST".to_owned(),
            path: "/v1/messages".to_owned(),
            body: body.to_string().into_bytes(),
            ..GatewayRequest::default()
        };
        let opened = self.runtime.stream(Invocation::new(rest_event(&request, "prod").to_string())).await;
        let GatewayResponse::Stream(mut stream) = gateway::open(opened, Mode::Stream).await else {
            return Reading { first: Instant::now(), last: Instant::now(), deltas: 0 };
        };
        let (mut first, mut body) = (None, Vec::new());
        while let Some(bytes) = stream.chunk().await {
            first.get_or_insert_with(Instant::now);
            body.extend_from_slice(&bytes.expect("an unbroken stream"));
        }
        let last = Instant::now();
        let deltas = body.windows(DELTA.len()).filter(|window| *window == DELTA).count();
        Reading { first: first.expect("a first byte"), last, deltas }
    }
}

//! What happens to a request, from its arrival to its answer, and what the stand-in remembers of it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::answer::{self, Answer};
use super::command::{COMMANDS, Command, Failure, Times};
use super::refusal::Refusal;
use super::rules::Delivery;
use super::{Call, door, rules, stream};
use crate::identifiers;
use crate::server::{Body, Hangup, lock, whole};

/// On every answer and every refusal: CloudTrail knows the call by this ID.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const INPUT_TOKENS: HeaderName = HeaderName::from_static("x-amzn-bedrock-input-token-count");
const OUTPUT_TOKENS: HeaderName = HeaderName::from_static("x-amzn-bedrock-output-token-count");
const LATENCY: HeaderName = HeaderName::from_static("x-amzn-bedrock-invocation-latency");

#[derive(Debug, Default)]
pub(super) struct State {
    /// Everything that arrived, in order.
    pub(super) calls: Mutex<Vec<Call>>,
    /// How often each prompt has failed, for the failures that are asked for a number of times.
    failures: Mutex<HashMap<String, usize>>,
    /// What the prompt cache holds.
    cached: Mutex<HashSet<String>>,
}

impl State {
    /// Records a request, judges it, and does what it asks for.
    pub(super) async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Hangup> {
        let arrived = Instant::now();
        let (parts, body) = request.into_parts();
        // A client that hangs up inside its own request has asked nothing.
        let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
        let request_id = identifiers::uuid();
        let entry = self.record(&parts, &body, &request_id);
        let mut response = match door::admit(&parts, &body) {
            Ok(delivery) => match rules::read(&body, delivery) {
                Ok(body) => self.obey(&body, delivery, entry.clone(), arrived).await?,
                Err(message) => Refusal::validation(message).into_response(),
            },
            Err(refusal) => refusal.into_response(),
        };
        if let Ok(request_id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID, request_id);
        }
        entry.update(|call| call.status = Some(response.status().as_u16()));
        Ok(response)
    }

    fn record(self: &Arc<Self>, parts: &Parts, body: &Bytes, request_id: &str) -> Entry {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let call = Call {
            method: parts.method.to_string(),
            path: parts.uri.to_string(),
            host: parts.headers.get("host").map(text).unwrap_or_default(),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: body.clone(),
            status: None,
            request_id: request_id.to_owned(),
            streamed: door::asks_for_a_stream(parts),
            chunks_sent: 0,
            events_sent: Vec::new(),
            stream_ended: false,
            prompt: answer::last_user_text(&json).to_owned(),
            stray: door::pinned(parts).err(),
        };
        let mut calls = lock(&self.calls);
        calls.push(call);
        Entry { state: Arc::clone(self), number: calls.len() - 1 }
    }

    /// Does what the prompt says, or else answers it.
    async fn obey(
        &self,
        body: &Value,
        delivery: Delivery,
        entry: Entry,
        arrived: Instant,
    ) -> Result<Response<Body>, Hangup> {
        let prompt = answer::last_user_text(body);
        let command = match Command::find(prompt) {
            Ok(command) => command,
            Err(message) => return Ok(Refusal::validation(message).into_response()),
        };
        match &command {
            Some(Command::Fail(failure, times)) if self.fails_again(prompt, *times) => return fail(*failure, prompt),
            Some(Command::Slow(delay)) => tokio::time::sleep(*delay).await,
            Some(Command::Stall) => std::future::pending().await,
            Some(Command::NotJson) => return Ok(page("text/html", "<html><body>502 Bad Gateway</body></html>")),
            Some(command) if delivery == Delivery::Whole && command.needs_a_stream() => {
                let message = "This command of the stand-in needs a stream: use InvokeModelWithResponseStream.";
                return Ok(Refusal::validation(message).into_response());
            }
            _ => {}
        }
        let answer = self.answer(body, command.as_ref());
        Ok(match delivery {
            Delivery::Whole => answered(&answer, command.as_ref(), arrived),
            Delivery::Streamed => stream::answered(&answer, command.as_ref(), prompt, entry, arrived),
        })
    }

    /// The answer to a body, the same whether it goes out whole or as a stream.
    fn answer(&self, body: &Value, command: Option<&Command>) -> Answer {
        let cached = &mut lock(&self.cached);
        match command {
            Some(Command::Refusal) => answer::refusal(body, cached),
            Some(Command::Help) => answer::verbatim(body, COMMANDS, cached),
            Some(Command::Long(characters)) => answer::long(body, *characters, cached),
            Some(Command::Chunks(deltas)) => answer::in_deltas(body, *deltas, cached),
            _ => answer::plain(body, cached),
        }
    }

    fn fails_again(&self, prompt: &str, times: Times) -> bool {
        let Times::First(times) = times else { return true };
        let mut failures = lock(&self.failures);
        let so_far = failures.entry(prompt.to_owned()).or_default();
        *so_far += 1;
        *so_far <= times
    }
}

/// One call's place in the record, for what is only known after it was answered.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    state: Arc<State>,
    number: usize,
}

impl Entry {
    pub(super) fn update(&self, change: impl FnOnce(&mut Call)) {
        if let Some(call) = lock(&self.state.calls).get_mut(self.number) {
            change(call);
        }
    }
}

fn fail(failure: Failure, prompt: &str) -> Result<Response<Body>, Hangup> {
    match failure {
        Failure::Drop => Err(Hangup),
        Failure::Refuse(fault) => {
            Ok(Refusal::new(fault.status, fault.error_type, fault.message(prompt)).into_response())
        }
    }
}

/// The whole answer, or what the command leaves of it.
fn answered(answer: &Answer, command: Option<&Command>, arrived: Instant) -> Response<Body> {
    let text = answer.message.to_string();
    match command {
        Some(Command::Empty) => return page("application/json", ""),
        Some(Command::OddShape) => return page("application/json", json!({ "hello": 1 }).to_string()),
        Some(Command::Truncated) => return page("application/json", Bytes::from(text.clone()).slice(..text.len() / 2)),
        _ => {}
    }
    let mut response = page("application/json", text);
    let headers = response.headers_mut();
    headers.insert(INPUT_TOKENS, answer.input_tokens.into());
    headers.insert(OUTPUT_TOKENS, answer.output_tokens.into());
    headers.insert(LATENCY, milliseconds_since(arrived).into());
    response
}

/// Never zero, as no model answers within a millisecond.
pub(super) fn milliseconds_since(moment: Instant) -> u64 {
    u64::try_from(moment.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
}

fn page(content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(whole(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

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
use super::{Call, door, rules};
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
        let number = self.record(&parts, &body, &request_id);
        let mut response = match door::admit(&parts, &body) {
            Ok(delivery) => match rules::read(&body, delivery) {
                Ok(body) => self.obey(&body, arrived).await?,
                Err(message) => Refusal::validation(message).into_response(),
            },
            Err(refusal) => refusal.into_response(),
        };
        if let Ok(request_id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID, request_id);
        }
        if let Some(call) = lock(&self.calls).get_mut(number) {
            call.status = Some(response.status().as_u16());
        }
        Ok(response)
    }

    fn record(&self, parts: &Parts, body: &Bytes, request_id: &str) -> usize {
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
            prompt: answer::last_user_text(&json).to_owned(),
            stray: door::pinned(parts).err(),
        };
        let mut calls = lock(&self.calls);
        calls.push(call);
        calls.len() - 1
    }

    /// Does what the prompt says, or else answers it.
    async fn obey(&self, body: &Value, arrived: Instant) -> Result<Response<Body>, Hangup> {
        let prompt = answer::last_user_text(body);
        let answer = |answer: Answer| Ok(answered(&answer, arrived));
        let command = match Command::find(prompt) {
            Ok(command) => command,
            Err(message) => return Ok(Refusal::validation(message).into_response()),
        };
        match command {
            Some(Command::Fail(failure, times)) if self.fails_again(prompt, times) => fail(failure, prompt),
            None | Some(Command::Fail(..)) => answer(answer::plain(body, &mut lock(&self.cached))),
            Some(Command::Slow(delay)) => {
                tokio::time::sleep(delay).await;
                answer(answer::plain(body, &mut lock(&self.cached)))
            }
            Some(Command::Stall) => std::future::pending().await,
            Some(Command::NotJson) => Ok(page("text/html", "<html><body>502 Bad Gateway</body></html>")),
            Some(Command::Empty) => Ok(page("application/json", "")),
            Some(Command::OddShape) => Ok(page("application/json", json!({ "hello": 1 }).to_string())),
            Some(Command::Truncated) => {
                let text = answer::plain(body, &mut lock(&self.cached)).message.to_string().into_bytes();
                let half = text.len() / 2;
                Ok(page("application/json", Bytes::from(text).slice(..half)))
            }
            Some(Command::Refusal) => answer(answer::refusal(body, &mut lock(&self.cached))),
            Some(Command::Help) => answer(answer::verbatim(body, COMMANDS, &mut lock(&self.cached))),
            Some(Command::Long(characters)) => answer(answer::long(body, characters, &mut lock(&self.cached))),
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

fn fail(failure: Failure, prompt: &str) -> Result<Response<Body>, Hangup> {
    match failure {
        Failure::Drop => Err(Hangup),
        Failure::Refuse(fault) => {
            Ok(Refusal::new(fault.status, fault.error_type, fault.message(prompt)).into_response())
        }
    }
}

fn answered(answer: &Answer, arrived: Instant) -> Response<Body> {
    let mut response = page("application/json", answer.message.to_string());
    let headers = response.headers_mut();
    headers.insert(INPUT_TOKENS, answer.input_tokens.into());
    headers.insert(OUTPUT_TOKENS, answer.output_tokens.into());
    // Never zero, as no model answers within a millisecond.
    let milliseconds = u64::try_from(arrived.elapsed().as_millis()).unwrap_or(u64::MAX);
    headers.insert(LATENCY, milliseconds.max(1).into());
    response
}

fn page(content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(whole(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

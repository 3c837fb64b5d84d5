//! What happens to a request, from its arrival to its answer, and what the stand-in remembers of it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::header::HeaderName;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use super::answer::{self, Answer};
use super::command::{COMMANDS, Command, Failure, Times};
use super::operation::Operation;
use super::prepared::Prepared;
use super::refusal::Refusal;
use super::{Call, count, door, rules, stream, whole};
use crate::identifiers;
use crate::server::{Body, Hangup, lock};

/// On every answer and every refusal: CloudTrail knows the call by this ID.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

#[derive(Debug, Default)]
pub(super) struct State {
    /// Another host that it answers for, if it has one.
    alias: Option<String>,
    /// Everything that arrived, in order.
    pub(super) calls: Mutex<Vec<Call>>,
    /// How often each prompt has failed, for the failures that are asked for a number of times.
    failures: Mutex<HashMap<String, usize>>,
    /// What the prompt cache holds.
    cached: Mutex<HashSet<String>>,
    /// The answers whose sizes have been asked for.
    prepared: Mutex<HashMap<usize, Arc<Prepared>>>,
}

impl State {
    /// One that answers for this host too.
    pub(super) fn also_at(alias: String) -> Self {
        Self { alias: Some(alias), ..Self::default() }
    }

    /// Records a request, judges it, and does what it asks for.
    pub(super) async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Hangup> {
        let arrived = Instant::now();
        let (parts, body) = request.into_parts();
        // A client that hangs up inside its own request has asked nothing.
        let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
        let request_id = identifiers::uuid();
        let entry = self.record(&parts, &body, &request_id);
        let mut response = match understood(&parts, &body, self.alias.as_deref()) {
            Ok((operation, request)) => self.obey(&request, operation, entry.clone(), arrived).await?,
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
        let operation = door::operation(parts);
        let request = match operation {
            Some(Operation::CountTokens) => count::opened(body).unwrap_or_default().into(),
            _ => body.clone(),
        };
        let request: Value = serde_json::from_slice(&request).unwrap_or_default();
        let call = Call {
            method: parts.method.to_string(),
            path: parts.uri.to_string(),
            host: parts.headers.get("host").map(text).unwrap_or_default(),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: body.clone(),
            status: None,
            request_id: request_id.to_owned(),
            operation,
            streamed: operation == Some(Operation::InvokeModelWithResponseStream),
            first_chunk_at: None,
            chunks_sent: 0,
            events_sent: Vec::new(),
            stream_ended: false,
            prompt: answer::last_user_text(&request).to_owned(),
            request,
            stray: door::pinned(parts).err(),
        };
        let mut calls = lock(&self.calls);
        calls.push(call);
        Entry { state: Arc::clone(self), number: calls.len() - 1 }
    }

    /// Does what the prompt says, or else answers it.
    async fn obey(
        &self,
        request: &Value,
        operation: Operation,
        entry: Entry,
        arrived: Instant,
    ) -> Result<Response<Body>, Hangup> {
        let prompt = answer::last_user_text(request);
        let command = match Command::find(prompt).and_then(|command| usable(command, operation, request)) {
            Ok(command) => command,
            Err(message) => return Ok(Refusal::validation(message).into_response()),
        };
        match &command {
            Some(Command::Fail(failure, times)) if self.fails_again(prompt, *times) => return fail(*failure, prompt),
            Some(Command::Slow(delay)) => tokio::time::sleep(*delay).await,
            Some(Command::Stall) => std::future::pending().await,
            Some(Command::NotJson) => return Ok(whole::html()),
            _ => {}
        }
        Ok(self.respond(request, operation, command.as_ref(), entry, arrived))
    }

    fn respond(
        &self,
        request: &Value,
        operation: Operation,
        command: Option<&Command>,
        entry: Entry,
        arrived: Instant,
    ) -> Response<Body> {
        match (operation, command) {
            (Operation::CountTokens, _) => whole::counted(answer::input_tokens(request), command),
            (Operation::InvokeModel, Some(Command::Size(bytes))) => {
                whole::prepared(&self.prepared(request, *bytes), arrived)
            }
            (Operation::InvokeModel, _) => whole::answered(&self.answer(request, command), command, arrived),
            (Operation::InvokeModelWithResponseStream, Some(Command::Size(bytes))) => {
                stream::prepared(&self.prepared(request, *bytes), entry, arrived)
            }
            (Operation::InvokeModelWithResponseStream, _) => {
                let prompt = answer::last_user_text(request);
                stream::answered(&self.answer(request, command), command, prompt, entry, arrived)
            }
        }
    }

    /// The answer to a body, the same whether it goes out whole or as a stream.
    fn answer(&self, body: &Value, command: Option<&Command>) -> Answer {
        let cached = &mut lock(&self.cached);
        match command {
            Some(Command::Refusal) => answer::refusal(body, cached),
            Some(Command::Help) => answer::verbatim(body, COMMANDS, cached),
            Some(Command::Long(characters)) => answer::long(body, *characters, cached),
            Some(Command::Tools(uses)) => answer::with_tools(body, *uses, cached),
            Some(Command::Use(tool)) => answer::with_tool(body, tool, cached),
            Some(Command::Chunks(deltas)) => answer::in_deltas(body, *deltas, answer::DELTA_CHARACTERS, cached),
            Some(Command::Wide(deltas)) => answer::in_deltas(body, *deltas, answer::WIDE_DELTA_CHARACTERS, cached),
            _ => answer::plain(body, cached),
        }
    }

    /// The answer of this size, the same one to all who ask for it.
    fn prepared(&self, body: &Value, bytes: usize) -> Arc<Prepared> {
        let prepare = || Arc::new(Prepared::of(answer::in_deltas(body, 1, bytes, &mut lock(&self.cached))));
        Arc::clone(lock(&self.prepared).entry(bytes).or_insert_with(prepare))
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

/// What a call asks for, and the Messages request in it, after door and rules.
fn understood(parts: &Parts, body: &Bytes, alias: Option<&str>) -> Result<(Operation, Value), Refusal> {
    let operation = door::admit(parts, body, alias)?;
    let request = match operation {
        Operation::CountTokens => count::opened(body)?.into(),
        Operation::InvokeModel | Operation::InvokeModelWithResponseStream => body.clone(),
    };
    Ok((operation, rules::read(&request, operation).map_err(Refusal::validation)?))
}

/// A command that makes sense here: obeying it half would let a test pass for nothing. Only a count lets them all pass,
/// because clients count the very prompt that they are about to send.
fn usable(command: Option<Command>, operation: Operation, request: &Value) -> Result<Option<Command>, String> {
    let problem = match &command {
        Some(command) if operation == Operation::InvokeModel && command.needs_a_stream() => {
            "needs a stream: use InvokeModelWithResponseStream"
        }
        Some(Command::Tools(_)) if operation != Operation::CountTokens && !answer::tools::are_offered(request) => {
            "needs a request with tools that the model may use"
        }
        Some(Command::Use(tool)) if operation != Operation::CountTokens && !tool.is_offered(request) => {
            "needs a request with this very tool, which the model may use"
        }
        _ => return Ok(command),
    };
    Err(format!("This command of the stand-in {problem}."))
}

fn fail(failure: Failure, prompt: &str) -> Result<Response<Body>, Hangup> {
    match failure {
        Failure::Drop => Err(Hangup),
        Failure::Refuse(fault) => {
            Ok(Refusal::new(fault.status, fault.error_type, fault.message(prompt)).into_response())
        }
    }
}

/// Never zero, as no model answers within a millisecond.
pub(super) fn milliseconds_since(moment: Instant) -> u64 {
    u64::try_from(moment.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
}

//! What happens to a request, from its arrival to its answer, and what the stand-in remembers of it.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use super::fault::{Fault, Faults};
use super::input::Input;
use super::operation::Operation;
use super::perform::perform;
use super::queues::Queues;
use super::refusal::Refusal;
use super::{Call, door, settings};
use crate::aws::header;
use crate::identifiers;
use crate::server::{Body, Hangup, lock, whole};

/// On every answer and every refusal.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// The header by which an SDK within Lambda names the trace that it works in.
const TRACE: &str = "x-amzn-trace-id";

#[derive(Debug, Default)]
pub(super) struct State {
    /// Everything that arrived, in order.
    pub(super) calls: Mutex<Vec<Call>>,
    pub(super) queues: Queues,
    pub(super) faults: Faults,
}

impl State {
    /// Records a request, judges it, and does what it asks for, or what the test asks for instead.
    pub(super) async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Hangup> {
        let (parts, body) = request.into_parts();
        // A client that hangs up inside its own request has asked nothing.
        let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
        let request_id = identifiers::uuid();
        let number = self.record(&parts, &body, &request_id);
        let answer = match door::admit(&parts, &body) {
            Ok((operation, input)) => self.obey(operation, &Input(&input), header(&parts.headers, TRACE)).await?,
            Err(refusal) => Err(refusal),
        };
        let mut response = answer.map_or_else(Refusal::into_response, |answer| answered(&answer));
        if let Ok(request_id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID, request_id);
        }
        if let Some(call) = lock(&self.calls).get_mut(number) {
            call.status = Some(response.status().as_u16());
        }
        Ok(response)
    }

    /// The number of the call in the record.
    fn record(&self, parts: &Parts, body: &Bytes, request_id: &str) -> usize {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let input: Value = serde_json::from_slice(body).unwrap_or_default();
        let call = Call {
            host: parts.headers.get("host").map(text).unwrap_or_default(),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            status: None,
            request_id: request_id.to_owned(),
            operation: door::operation(parts),
            queue: queue_in(&input).map(str::to_owned),
            input,
            stray: door::pinned(parts).err(),
        };
        let mut calls = lock(&self.calls);
        calls.push(call);
        calls.len() - 1
    }

    async fn obey(
        &self,
        operation: Operation,
        input: &Input<'_>,
        trace: Option<&str>,
    ) -> Result<Result<Value, Refusal>, Hangup> {
        let name = match self.addressed(operation, input) {
            Ok(name) => name,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let fault = self.faults.next(name, operation);
        if let Some(refusal) = fault.and_then(|fault| fault.refusal(name, operation)) {
            return Ok(Err(refusal));
        }
        match fault {
            Some(Fault::Drop) => Err(Hangup),
            Some(_) => std::future::pending().await,
            None => Ok(perform(&self.queues, name, operation, input, trace).await),
        }
    }

    /// The name of the existing queue that a call is for.
    fn addressed<'a>(&self, operation: Operation, input: &Input<'a>) -> Result<&'a str, Refusal> {
        let name = if operation == Operation::GetQueueUrl {
            Some(input.required("QueueName")?)
        } else {
            settings::name_in(input.required("QueueUrl")?)
        };
        name.filter(|name| self.queues.has(name)).ok_or_else(Refusal::no_such_queue)
    }
}

/// The name of the queue that a call says, whether it exists or not.
fn queue_in(input: &Value) -> Option<&str> {
    let url = input["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next());
    url.or_else(|| input["QueueName"].as_str())
}

fn answered(answer: &Value) -> Response<Body> {
    let mut response = Response::new(whole(answer.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(door::CONTENT));
    response
}

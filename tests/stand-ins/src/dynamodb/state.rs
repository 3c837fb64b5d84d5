//! What happens to a request, from its arrival to its answer, and what the stand-in remembers of it.

use std::sync::Mutex;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use super::fault::{self, Fault, Planned};
use super::refusal::Refusal;
use super::table::Tables;
use super::{Call, Operation, door, work};
use crate::identifiers;
use crate::server::{Body, Hangup, lock, whole};

/// On every answer and every refusal.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

#[derive(Debug, Default)]
pub(super) struct State {
    /// Everything that arrived, in order.
    pub(super) calls: Mutex<Vec<Call>>,
    /// Locked for as long as one call reads and writes, which is what makes a conditional write atomic.
    pub(super) tables: Mutex<Tables>,
    /// What is to go wrong, in order.
    pub(super) faults: Mutex<Vec<Planned>>,
}

impl State {
    /// Records a request, judges it, and does what it asks for, unless a fault was planned for it.
    pub(super) async fn handle(&self, request: Request<Incoming>) -> Result<Response<Body>, Hangup> {
        let (parts, body) = request.into_parts();
        // A client that hangs up inside its own request has asked nothing.
        let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
        let request_id = identifiers::uuid();
        let number = self.record(&parts, &body, &request_id);
        let mut response = match understood(&parts, &body) {
            Ok((operation, request)) => self.obey(operation, &request).await?,
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
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let call = Call {
            host: parts.headers.get("host").map(text).unwrap_or_default(),
            operation: door::operation(parts),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: body.clone(),
            status: None,
            request_id: request_id.to_owned(),
            stray: door::pinned(parts, &request).err(),
            request,
        };
        let mut calls = lock(&self.calls);
        calls.push(call);
        calls.len() - 1
    }

    async fn obey(&self, operation: Operation, request: &Value) -> Result<Response<Body>, Hangup> {
        let fault = fault::next(&mut lock(&self.faults), operation);
        let table = request["TableName"].as_str().unwrap_or_default();
        if let Some(refusal) = fault.and_then(|fault| fault::refusal(fault, operation, table)) {
            return Ok(refusal.into_response());
        }
        match fault {
            Some(Fault::Stall) => std::future::pending().await,
            Some(Fault::Drop) => return Err(Hangup),
            _ => {}
        }
        let answer = work::perform(operation, &mut lock(&self.tables), request);
        if fault == Some(Fault::Lost) {
            return Err(Hangup);
        }
        Ok(answer.map_or_else(Refusal::into_response, |answer| answered(&answer)))
    }
}

/// What a call asks for, and the request in its body.
fn understood(parts: &Parts, body: &Bytes) -> Result<(Operation, Value), Refusal> {
    let operation = door::admit(parts, body)?;
    let request = serde_json::from_slice(body).map_err(|error| Refusal::serialization(error.to_string()))?;
    Ok((operation, request))
}

fn answered(answer: &Value) -> Response<Body> {
    let mut response = Response::new(whole(answer.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, super::CONTENT_TYPE);
    response
}

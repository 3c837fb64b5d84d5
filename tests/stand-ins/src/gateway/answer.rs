//! The HTTP answer that API Gateway makes of an outcome, or the error with which it refuses a malformed one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::stream::{Head, is_http};
use crate::runtime_api::{Answered, Outcome};

/// How the integration is configured, which the event does not tell the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The answer is one JSON value with the status, the headers and the body in it.
    Buffered,
    /// The answer is metadata, eight NUL bytes, and the body as it comes.
    Stream,
}

/// What the caller of the API gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, as the function wrote them; a name may come twice.
    pub headers: Vec<(String, String)>,
    /// The body, decoded if the function had encoded it.
    pub body: Vec<u8>,
}

impl GatewayAnswer {
    /// What API Gateway makes of an outcome: the answer in it, 502 for an error or a malformed buffered answer, 500 for
    /// a malformed stream, 504 when there was nothing in time.
    #[must_use]
    pub fn from_outcome(outcome: &Outcome, mode: Mode) -> Self {
        let answered = match outcome {
            Outcome::Answered(answered) => answered,
            Outcome::TimedOut => return Self::error(504, "Endpoint request timed out"),
            Outcome::Failed(_) | Outcome::TooLarge { .. } => return Self::error(502, "Internal server error"),
        };
        match mode {
            Mode::Buffered => buffered(answered).unwrap_or_else(|| Self::error(502, "Internal server error")),
            Mode::Stream => streamed(answered).unwrap_or_else(Self::malformed_stream),
        }
    }

    /// The value of a header, whatever its case; the first if it comes twice.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text; what is not UTF-8 is replaced, which shows in a failed comparison.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is not JSON; the message quotes it.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that expects JSON should end where there is none")]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {:?}", self.text()),
        }
    }

    /// What API Gateway says instead of a streamed answer that it cannot read.
    pub(super) fn malformed_stream() -> Self {
        Self::error(500, "Internal server error")
    }

    /// API Gateway's own words, which a caller cannot tell apart from one failure to the next.
    fn error(status: u16, message: &str) -> Self {
        let content_type = ("Content-Type".to_owned(), "application/json".to_owned());
        let body = serde_json::json!({ "message": message }).to_string().into_bytes();
        Self { status, headers: vec![content_type], body }
    }
}

/// A buffered answer, or nothing if API Gateway would log "malformed Lambda proxy response".
fn buffered(answered: &Answered) -> Option<GatewayAnswer> {
    let answer: Map<String, Value> = serde_json::from_slice(&answered.body).ok()?;
    let status = status(&answer)?;
    let headers = headers(&answer)?;
    let body = match answer.get("body") {
        None | Some(Value::Null) => "",
        Some(body) => body.as_str()?,
    };
    let encoded = match answer.get("isBase64Encoded") {
        None | Some(Value::Null) => false,
        Some(encoded) => encoded.as_bool()?,
    };
    let body = if encoded { STANDARD.decode(body).ok()? } else { body.as_bytes().to_vec() };
    Some(GatewayAnswer { status, headers, body })
}

/// A streamed answer, or nothing if it was not streamed, not declared as HTTP, or has no metadata where it should be.
fn streamed(answered: &Answered) -> Option<GatewayAnswer> {
    if !answered.streamed || !is_http(answered.content_type.as_deref()) {
        return None;
    }
    let Head { status, headers, length } = Head::read(&answered.body)?;
    let body = answered.body.get(length..)?.to_vec();
    Some(GatewayAnswer { status, headers, body })
}

pub(super) fn status(answer: &Map<String, Value>) -> Option<u16> {
    let status = answer.get("statusCode")?.as_u64()?;
    u16::try_from(status).ok().filter(|status| (100..600).contains(status))
}

/// `multiValueHeaders`, and those of `headers` that are not among them, as API Gateway merges the two.
pub(super) fn headers(answer: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    for (name, values) in map(answer, "multiValueHeaders")? {
        for value in values.as_array()? {
            headers.push((name.clone(), scalar(value)?));
        }
    }
    for (name, value) in map(answer, "headers")? {
        let value = scalar(value)?;
        if !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            headers.push((name.clone(), value));
        }
    }
    Some(headers)
}

/// The entries of a field that may be absent or null, but is otherwise an object.
fn map<'a>(answer: &'a Map<String, Value>, name: &str) -> Option<Vec<(&'a String, &'a Value)>> {
    match answer.get(name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(map) => Some(map.as_object()?.iter().collect()),
    }
}

pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

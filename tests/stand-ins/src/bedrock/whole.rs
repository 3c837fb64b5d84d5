//! What is sent in one piece: a message, a count, or what a command leaves of either.

use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response};
use serde_json::{Value, json};

use super::answer::Answer;
use super::command::Command;
use super::prepared::Prepared;
use super::state::milliseconds_since;
use crate::server::{Body, whole};

const INPUT_TOKENS: HeaderName = HeaderName::from_static("x-amzn-bedrock-input-token-count");
const OUTPUT_TOKENS: HeaderName = HeaderName::from_static("x-amzn-bedrock-output-token-count");
const LATENCY: HeaderName = HeaderName::from_static("x-amzn-bedrock-invocation-latency");

/// A message, whose counts Bedrock repeats in headers.
pub(super) fn answered(answer: &Answer, command: Option<&Command>, arrived: Instant) -> Response<Body> {
    with_counts(sent(&answer.message, command), answer, arrived)
}

/// The same of a message whose text was written before.
pub(super) fn prepared(answer: &Prepared, arrived: Instant) -> Response<Body> {
    with_counts(page("application/json", answer.text.clone()), &answer.answer, arrived)
}

fn with_counts(mut response: Response<Body>, answer: &Answer, arrived: Instant) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(INPUT_TOKENS, answer.input_tokens.into());
    headers.insert(OUTPUT_TOKENS, answer.output_tokens.into());
    headers.insert(LATENCY, milliseconds_since(arrived).into());
    response
}

/// How many tokens a body has.
pub(super) fn counted(tokens: usize, command: Option<&Command>) -> Response<Body> {
    sent(&json!({ "inputTokens": tokens }), command)
}

/// What a proxy on the way says when it has lost the service behind it.
pub(super) fn html() -> Response<Body> {
    page("text/html", "<html><body>502 Bad Gateway</body></html>")
}

fn sent(answer: &Value, command: Option<&Command>) -> Response<Body> {
    let text = match command {
        Some(Command::Empty) => Bytes::new(),
        Some(Command::OddShape) => json!({ "hello": 1 }).to_string().into(),
        Some(Command::Truncated) => {
            let text = Bytes::from(answer.to_string());
            text.slice(..text.len() / 2)
        }
        _ => answer.to_string().into(),
    };
    page("application/json", text)
}

fn page(content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(whole(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

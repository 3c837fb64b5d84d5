//! What the reader of the results queue gets for each message: a prompt answer or an error, in an envelope.

use super::delivery::sendable;
use super::message::Message;
use crate::answer::PromptAnswer;
use crate::error::Error;
use serde::Serialize;
use std::time::Duration;

/// The envelope.
#[derive(Serialize)]
struct Envelope<'a> {
    /// The ID of the message that was answered; a result that comes twice has the same.
    message_id: Option<&'a str>,
    /// `succeeded` or `failed`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a PromptAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Reason<'a>>,
    timings: Timings,
}

/// Why there is no answer.
#[derive(Serialize)]
struct Reason<'a> {
    #[serde(rename = "type")]
    label: &'static str,
    message: &'a str,
    field: Option<&'a str>,
    bedrock_request_id: Option<&'a str>,
}

/// Whole milliseconds.
#[derive(Serialize)]
struct Timings {
    /// From when the message was sent to when it was received this time.
    waited_ms: Option<u128>,
    /// From then on.
    duration_ms: u128,
}

/// The result of a message that was answered.
pub(super) fn succeeded(message: &Message, answer: &PromptAnswer, duration: Duration) -> Result<String, Error> {
    write(message, "succeeded", Some(answer), None, duration)
}

/// The result of a message that can have no answer.
pub(super) fn failed(message: &Message, error: &Error, duration: Duration) -> Result<String, Error> {
    let reason = Reason {
        label: error.kind().row().label,
        message: error.message(),
        field: error.field(),
        bedrock_request_id: error.bedrock_request_id(),
    };
    write(message, "failed", None, Some(reason), duration)
}

fn write(
    message: &Message,
    status: &'static str,
    answer: Option<&PromptAnswer>,
    error: Option<Reason<'_>>,
    duration: Duration,
) -> Result<String, Error> {
    let waited_ms = message.waited().map(|waited| waited.saturating_sub(duration).as_millis());
    let timings = Timings { waited_ms, duration_ms: duration.as_millis() };
    let envelope = Envelope { message_id: message.id.as_deref(), status, answer, error, timings };
    serde_json::to_string(&envelope).map(sendable).map_err(|_| Error::internal())
}

//! Anthropic's dialect: its error shape with its type names, and its list of models.

use super::response::Answer;
use crate::error::{Error, Kind};
use crate::residency;
use crate::sse;
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a throttled caller should wait. Bedrock does not say; its quotas refill within the minute.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The longest that a caller is told to wait: a lease lasts as long as an invocation may, but is mostly over much earlier.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// An error in the middle of a stream, as the event that ends it.
pub(super) fn error_event(error: &Error, request_id: &str) -> Bytes {
    sse::frame("error", body(error, request_id).to_string().as_bytes())
}

fn body(error: &Error, request_id: &str) -> Value {
    json!({
        "type": "error",
        "error": { "type": error.kind().row().anthropic_type, "message": error.message() },
        "request_id": request_id,
    })
}

/// An error as Anthropic's SDKs read it.
pub(super) fn error(error: &Error, request_id: &str) -> Answer {
    let answer = Answer::json(body(error, request_id).to_string())
        .with_status(error.kind().row().status)
        .with_bedrock_request_id(error.bedrock_request_id());
    match error.kind() {
        Kind::Throttled | Kind::QuotaExceeded | Kind::InProgress | Kind::MemoryUnavailable => {
            let wait = error.retry_after().unwrap_or(RETRY_AFTER).min(LONGEST_WAIT).as_secs().max(1);
            answer.with_header("retry-after", &wait.to_string())
        }
        // The SDKs would send the prompt again at once: pay for it again, or hear the same.
        Kind::Timeout | Kind::ModelTimeout | Kind::BadAnswer | Kind::KeyReused | Kind::AnswerNotKept => {
            answer.with_header("x-should-retry", "false")
        }
        Kind::MethodNotAllowed => answer.with_header("allow", error.allow().unwrap_or_default()),
        Kind::InvalidRequest
        | Kind::NotFound
        | Kind::TooLarge
        | Kind::UnsupportedMediaType
        | Kind::UnknownEvent
        | Kind::Overloaded
        | Kind::AccessDenied
        | Kind::ModelNotFound
        | Kind::Rejected
        | Kind::ModelFailed
        | Kind::BedrockError
        | Kind::Unreachable
        | Kind::AnswerTooLarge
        | Kind::Undelivered
        | Kind::Credentials
        | Kind::Internal => answer,
    }
}

/// The one model.
pub(super) fn model() -> Value {
    json!({
        "type": "model",
        "id": residency::MODEL_NAME,
        "display_name": "Claude Sonnet 4.5",
        "created_at": "2025-09-29T00:00:00Z",
    })
}

/// The models: one.
pub(super) fn models() -> Value {
    let name = residency::MODEL_NAME;
    json!({ "data": [model()], "has_more": false, "first_id": name, "last_id": name })
}

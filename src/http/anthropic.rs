//! Anthropic's dialect: its error shape with its type names, and its list of models.

use super::response::Answer;
use crate::error::{Error, Kind};
use crate::residency;
use serde_json::{Value, json};

/// How long a throttled caller should wait, in seconds. Bedrock does not say; its quotas refill within the minute.
const RETRY_AFTER_SECONDS: &str = "10";

/// An error as Anthropic's SDKs read it.
pub(super) fn error(error: &Error, request_id: &str) -> Answer {
    let row = error.kind().row();
    let body = json!({
        "type": "error",
        "error": { "type": row.anthropic_type, "message": error.message() },
        "request_id": request_id,
    });
    let answer =
        Answer::json(body.to_string()).with_status(row.status).with_bedrock_request_id(error.bedrock_request_id());
    match error.kind() {
        Kind::Throttled | Kind::QuotaExceeded => answer.with_header("retry-after", RETRY_AFTER_SECONDS),
        // The SDKs would send the prompt again at once, and pay for it again.
        Kind::Timeout | Kind::ModelTimeout | Kind::BadAnswer => answer.with_header("x-should-retry", "false"),
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

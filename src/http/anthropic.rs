//! Anthropic's dialect: its error shape with its type names, and its list of models.

use super::failure;
use super::response::Answer;
use crate::error::Error;
use crate::residency;
use crate::sse;
use bytes::Bytes;
use serde_json::{Value, json};

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
    failure::answer(error, error.kind().row().status, body(error, request_id).to_string())
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

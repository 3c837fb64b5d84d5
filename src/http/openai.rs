//! OpenAI's dialect: its error shape with its types and codes, and its list of models.

use super::failure;
use super::response::Answer;
use crate::error::{Error, Kind};
use crate::residency;
use serde_json::{Value, json};
use std::borrow::Cow;

/// 2025-09-29, the day in the model's name, in seconds since 1970.
const CREATED: u64 = 1_759_104_000;

/// An error in the middle of a stream, as the chunk that ends it. No `[DONE]` follows: the answer is not done.
pub(super) fn error_chunk(error: &Error) -> String {
    format!("data: {}\n\n", body(error))
}

/// An error as OpenAI's SDKs read it.
pub(super) fn error(error: &Error) -> Answer {
    // 529 is Anthropic's own; OpenAI's API says the same with 503.
    let status = if error.kind() == Kind::Overloaded { 503 } else { error.kind().row().status };
    failure::answer(error, status, body(error).to_string())
}

fn body(error: &Error) -> Value {
    let (kind, code) = words(error);
    // The body as a whole is no parameter.
    let param = error.field().filter(|field| *field != "body");
    json!({ "error": { "message": message(error), "type": kind, "param": param, "code": code } })
}

/// The sentence for the caller. Bedrock names the places of a request that the caller has not written.
fn message(error: &Error) -> Cow<'_, str> {
    if error.kind() == Kind::Rejected {
        return format!("of the Messages request that this became: {}", error.message()).into();
    }
    error.message().into()
}

/// OpenAI's type and code of an error. Where OpenAI has no code for it, it is the label of the log line.
fn words(error: &Error) -> (&'static str, &'static str) {
    let row = error.kind().row();
    match error.kind() {
        Kind::Throttled => ("rate_limit_error", "rate_limit_exceeded"),
        Kind::QuotaExceeded => ("insufficient_quota", "insufficient_quota"),
        Kind::InvalidRequest | Kind::NotFound if error.field() == Some("model") => {
            ("invalid_request_error", "model_not_found")
        }
        Kind::ModelNotFound => ("invalid_request_error", "model_not_found"),
        Kind::AccessDenied => ("permission_error", row.label),
        Kind::Timeout | Kind::ModelTimeout => ("timeout_error", row.label),
        Kind::InvalidRequest
        | Kind::NotFound
        | Kind::MethodNotAllowed
        | Kind::TooLarge
        | Kind::UnsupportedMediaType
        | Kind::UnknownEvent
        | Kind::Rejected
        | Kind::InProgress
        | Kind::KeyReused
        | Kind::AnswerNotKept => ("invalid_request_error", row.label),
        Kind::Overloaded
        | Kind::ModelFailed
        | Kind::BedrockError
        | Kind::BadAnswer
        | Kind::Unreachable
        | Kind::AnswerTooLarge
        | Kind::Undelivered
        | Kind::MemoryUnavailable
        | Kind::KeysUnavailable
        | Kind::Credentials
        | Kind::Internal => ("server_error", row.label),
    }
}

/// The one model.
pub(super) fn model() -> Value {
    json!({ "id": residency::MODEL_NAME, "object": "model", "created": CREATED, "owned_by": "anthropic" })
}

/// The models: one.
pub(super) fn models() -> Value {
    json!({ "object": "list", "data": [model()] })
}

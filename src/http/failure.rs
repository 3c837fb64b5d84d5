//! What every error says in its status and headers, whatever the dialect: SDKs of all of them heed the same ones.

use super::response::Answer;
use crate::error::{Error, Kind};
use std::time::Duration;

/// How long a throttled caller should wait. Bedrock does not say; its quotas refill within the minute.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The longest that a caller is told to wait: a lease lasts as long as an invocation may, but is mostly over much earlier.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// An error with this status, and this body in the caller's dialect.
pub(super) fn answer(error: &Error, status: u16, body: String) -> Answer {
    let answer = Answer::json(body).with_status(status).with_bedrock_request_id(error.bedrock_request_id());
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
        | Kind::KeysUnavailable
        | Kind::Credentials
        | Kind::Internal => answer,
    }
}

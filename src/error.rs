//! Every way to fail: one table of status, label, Anthropic type, and whether trying again can help.

use crate::refusal::Refusal;
use lambda_runtime::Diagnostic;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// What went wrong, as a closed list: each kind is one row of [`Kind::row`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The prompt breaks a rule; the message names the field.
    InvalidRequest,
    /// No such path.
    NotFound,
    /// The path exists, but not for this method.
    MethodNotAllowed,
    /// The prompt is larger than Lambda or Bedrock takes.
    TooLarge,
    /// The HTTP body is not JSON by its headers.
    UnsupportedMediaType,
    /// The event comes from a service that the function does not answer.
    UnknownEvent,
    /// Bedrock's quota of requests or tokens a minute is used up, and stayed so for the retry budget.
    Throttled,
    /// A quota that waiting a few seconds does not renew.
    QuotaExceeded,
    /// Bedrock has no capacity for the model just now.
    Overloaded,
    /// Bedrock does not let the function's role use the model.
    AccessDenied,
    /// Bedrock knows no such profile or model in this account.
    ModelNotFound,
    /// Bedrock refused the prompt as invalid.
    Rejected,
    /// The model failed while it answered.
    ModelFailed,
    /// The model took longer than Bedrock allows.
    ModelTimeout,
    /// Bedrock failed in a way that is its own.
    BedrockError,
    /// What came back is not a Messages answer.
    BadAnswer,
    /// No connection to Bedrock, or a connection that broke.
    Unreachable,
    /// The time budget of the prompt ran out.
    Timeout,
    /// The answer is larger than the way to its reader takes.
    AnswerTooLarge,
    /// The results queue, the dead-letter queue or CloudFormation did not take what was to be delivered.
    Undelivered,
    /// The same prompt, under the same key, is being answered already.
    InProgress,
    /// The key was used for another prompt before.
    KeyReused,
    /// The prompt was answered before, and its answer was too large to be kept.
    AnswerNotKept,
    /// It cannot be found out whether the prompt was answered before.
    MemoryUnavailable,
    /// It cannot be found out which keys are valid.
    KeysUnavailable,
    /// The function found no valid credentials of its own.
    Credentials,
    /// A fault in the function itself.
    Internal,
}

/// What is known of a kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The HTTP status; prompts that did not come over HTTP are logged with it too.
    pub status: u16,
    /// The name in the log line and in `errorType` of a direct invocation.
    pub label: &'static str,
    /// The name in Anthropic's error shape.
    pub anthropic_type: &'static str,
    /// Whether the same prompt can succeed later.
    pub retry: bool,
}

impl Kind {
    /// Every kind, for tests and documents.
    pub const ALL: [Self; 27] = [
        Self::InvalidRequest,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::UnknownEvent,
        Self::Throttled,
        Self::QuotaExceeded,
        Self::Overloaded,
        Self::AccessDenied,
        Self::ModelNotFound,
        Self::Rejected,
        Self::ModelFailed,
        Self::ModelTimeout,
        Self::BedrockError,
        Self::BadAnswer,
        Self::Unreachable,
        Self::Timeout,
        Self::AnswerTooLarge,
        Self::Undelivered,
        Self::InProgress,
        Self::KeyReused,
        Self::AnswerNotKept,
        Self::MemoryUnavailable,
        Self::KeysUnavailable,
        Self::Credentials,
        Self::Internal,
    ];

    /// The table. 529 and 504 are what Anthropic's own API answers when it is overloaded and when time runs out.
    #[must_use]
    pub fn row(self) -> Row {
        let (status, label, anthropic_type, retry) = match self {
            Self::InvalidRequest => (400, "invalid_request", "invalid_request_error", false),
            Self::NotFound => (404, "not_found", "not_found_error", false),
            Self::MethodNotAllowed => (405, "method_not_allowed", "invalid_request_error", false),
            Self::TooLarge => (413, "too_large", "request_too_large", false),
            Self::UnsupportedMediaType => (415, "unsupported_media_type", "invalid_request_error", false),
            Self::UnknownEvent => (400, "unknown_event", "invalid_request_error", false),
            Self::Throttled => (429, "throttled", "rate_limit_error", true),
            Self::QuotaExceeded => (429, "quota_exceeded", "rate_limit_error", true),
            Self::Overloaded => (529, "overloaded", "overloaded_error", true),
            Self::AccessDenied => (403, "access_denied", "permission_error", true),
            Self::ModelNotFound => (404, "model_not_found", "not_found_error", true),
            Self::Rejected => (400, "rejected", "invalid_request_error", false),
            Self::ModelFailed => (502, "model_failed", "api_error", true),
            Self::ModelTimeout => (504, "model_timeout", "timeout_error", true),
            Self::BedrockError => (502, "bedrock_error", "api_error", true),
            Self::BadAnswer => (502, "bad_answer", "api_error", true),
            Self::Unreachable => (502, "unreachable", "api_error", true),
            Self::Timeout => (504, "timeout", "timeout_error", true),
            Self::AnswerTooLarge => (502, "answer_too_large", "api_error", false),
            Self::Undelivered => (502, "undelivered", "api_error", true),
            Self::InProgress => (409, "in_progress", "invalid_request_error", true),
            Self::KeyReused => (409, "key_reused", "invalid_request_error", false),
            Self::AnswerNotKept => (410, "answer_not_kept", "invalid_request_error", false),
            Self::MemoryUnavailable => (503, "memory_unavailable", "api_error", true),
            Self::KeysUnavailable => (503, "keys_unavailable", "api_error", true),
            Self::Credentials => (500, "credentials", "api_error", true),
            Self::Internal => (500, "internal", "api_error", true),
        };
        Row { status, label, anthropic_type, retry }
    }
}

/// A failure as its caller may see it. It is logged by its label only: the message may quote the prompt.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: Cow<'static, str>,
    // Boxed, as the refusal is, because every result carries the room for it.
    field: Option<Box<Field>>,
    cause: Option<Kind>,
    refusal: Option<Box<Refusal>>,
    allow: Option<&'static str>,
    retry_after: Option<Duration>,
    bedrock_request_id: Option<String>,
}

/// The field that breaks a rule.
#[derive(Clone, PartialEq, Eq)]
struct Field {
    /// Its path in the caller's own words.
    path: String,
    /// What is logged in its place, where not all of the path is ours.
    logged: Option<Cow<'static, str>>,
}

impl Error {
    /// An error of `kind` with a sentence for the caller.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self {
            kind,
            message,
            field: None,
            cause: None,
            refusal: None,
            allow: None,
            retry_after: None,
            bedrock_request_id: None,
        }
    }

    /// A rule of the prompt that was broken; `field` is its path, such as `messages.0.content`. It is logged, so it is
    /// made of names that kokunai knows and of positions; a name that the caller made up is [logged](Self::logged_as) as
    /// something else.
    #[must_use]
    pub fn invalid(field: &str, rule: impl fmt::Display) -> Self {
        let message = format!("{field}: {rule}");
        let field = Field { path: field.to_owned(), logged: None };
        Self { field: Some(Box::new(field)), ..Self::new(Kind::InvalidRequest, message) }
    }

    /// A fault in the function itself, of which the caller hears no more than that.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Kind::Internal, "this function failed")
    }

    /// A method that the path does not know; `allow` lists those that it does.
    #[must_use]
    pub fn method_not_allowed(allow: &'static str) -> Self {
        let message = format!("this path answers {allow} only");
        Self { allow: Some(allow), ..Self::new(Kind::MethodNotAllowed, message) }
    }

    /// The same error, for which this field is to blame.
    #[must_use]
    pub fn naming(self, field: &'static str) -> Self {
        Self { field: Some(Box::new(Field { path: field.to_owned(), logged: None })), ..self }
    }

    /// The same error, whose field is logged as `field`: for a name of which only a part is ours.
    #[must_use]
    pub fn logged_as(mut self, logged: impl Into<Cow<'static, str>>) -> Self {
        if let Some(field) = &mut self.field {
            field.logged = Some(logged.into());
        }
        self
    }

    /// The same error, with Bedrock's ID of the call that failed.
    #[must_use]
    pub fn with_bedrock_request_id(self, bedrock_request_id: Option<String>) -> Self {
        Self { bedrock_request_id, ..self }
    }

    /// The same error, which waiting for so long may end.
    #[must_use]
    pub fn with_retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// The same error, which came while that of another kind was dealt with.
    #[must_use]
    pub fn caused_by(self, cause: Kind) -> Self {
        Self { cause: Some(cause), ..self }
    }

    /// The same error, which a service of AWS is the reason for.
    #[must_use]
    pub fn with_refusal(self, refusal: Refusal) -> Self {
        Self { refusal: Some(Box::new(refusal)), ..self }
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The field that breaks a rule, where one does, in the caller's own words. It is not for the log.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_ref().map(|field| field.path.as_str())
    }

    /// The same field as it may be logged.
    #[must_use]
    pub fn logged_field(&self) -> Option<&str> {
        self.field.as_ref().map(|field| field.logged.as_deref().unwrap_or(&field.path))
    }

    /// What was dealt with when it came, if it did not come first.
    #[must_use]
    pub fn cause(&self) -> Option<Kind> {
        self.cause
    }

    /// Which service of AWS did not take something, and what it said.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_deref()
    }

    /// Bedrock's ID of the call that failed, if Bedrock answered it.
    #[must_use]
    pub fn bedrock_request_id(&self) -> Option<&str> {
        self.bedrock_request_id.as_deref()
    }

    /// How long to wait before the next attempt, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The value of the `Allow` header, where one is due.
    #[must_use]
    pub fn allow(&self) -> Option<&'static str> {
        self.allow
    }
}

/// The label only: the Lambda runtime and panics print errors with `{:?}`, and a message may quote the prompt.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({})", self.kind.row().label)
    }
}

impl From<Error> for Diagnostic {
    /// What a direct invocation sees: `errorType` is the label, so that a state machine can match on it.
    fn from(error: Error) -> Self {
        Self { error_type: error.kind.row().label.to_owned(), error_message: error.message.into_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const ANTHROPIC_TYPES: [&str; 9] = [
        "invalid_request_error",
        "authentication_error",
        "permission_error",
        "not_found_error",
        "request_too_large",
        "rate_limit_error",
        "api_error",
        "overloaded_error",
        "timeout_error",
    ];

    #[test]
    fn every_kind_has_its_own_label_and_a_type_that_anthropic_knows() {
        let labels: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.row().label).collect();
        assert_eq!(labels.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            let row = kind.row();
            assert!(ANTHROPIC_TYPES.contains(&row.anthropic_type), "{kind:?}");
            assert!((400..600).contains(&row.status), "{kind:?}");
        }
    }

    #[test]
    fn a_printed_error_never_shows_its_message() {
        let error = Error::invalid("prompt", "canary");
        assert_eq!(format!("{error:?}"), "Error(invalid_request)");
    }

    #[test]
    fn a_diagnostic_carries_the_label_and_the_sentence() {
        let diagnostic = Diagnostic::from(Error::invalid("model", "is another model"));
        assert_eq!(diagnostic.error_type, "invalid_request");
        assert_eq!(diagnostic.error_message, "model: is another model");
    }
}

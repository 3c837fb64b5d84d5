//! A refusal, in the shape that SQS gives it: an error type in JSON, and the code of its older protocol in a header.

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::aws::Untrusted;
use crate::server::{Body, whole};

/// The header in which SQS repeats the error as clients of its older protocol knew it; newer ones may go by it too.
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// The namespace of the errors that the service's model declares.
const OWN: &str = "com.amazonaws.sqs#";

/// The namespace of those that it has in common with other services.
const COMMON: &str = "com.amazon.coral.service#";

/// Why a call, or one message of a batch, is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    namespace: &'static str,
    error_type: &'static str,
    /// The code of the older protocol, which a batch also gives for each message that failed.
    code: String,
    message: String,
}

impl Refusal {
    /// An error of the service's own model, whose older code is this one.
    pub(super) fn own(error_type: &'static str, code: &str, message: impl Into<String>) -> Self {
        let (status, code) = (StatusCode::BAD_REQUEST, code.to_owned());
        Self { status, namespace: OWN, error_type, code, message: message.into() }
    }

    /// An error of the kind that every service has.
    pub(super) fn common(status: u16, error_type: &'static str, code: &str, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, namespace: COMMON, error_type, code: code.to_owned(), message: message.into() }
    }

    /// An error about a batch as a whole, whose older code carries the name of the service.
    pub(super) fn batch(error_type: &'static str, message: impl Into<String>) -> Self {
        Self::own(error_type, &format!("AWS.SimpleQueueService.{error_type}"), message)
    }

    /// The sentence.
    pub(super) fn into_message(self) -> String {
        self.message
    }

    /// A parameter has a value that SQS does not take.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::common(400, "InvalidParameterValueException", "InvalidParameterValue", message)
    }

    /// The same in the words in which SQS says it about a value.
    pub(super) fn value(parameter: &str, value: impl std::fmt::Display, reason: &str) -> Self {
        Self::invalid(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
    }

    /// A parameter is not there, or empty.
    pub(super) fn missing(parameter: &str) -> Self {
        let message = format!("The request must contain the parameter {parameter}.");
        Self::common(400, "MissingRequiredParameterException", "MissingParameter", message)
    }

    /// What was sent is not in the protocol at all.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::common(400, "SerializationException", "MalformedInput", message)
    }

    /// No queue has this name.
    pub(super) fn no_such_queue() -> Self {
        let code = "AWS.SimpleQueueService.NonExistentQueue";
        Self::own("QueueDoesNotExist", code, "The specified queue does not exist.")
    }

    /// The same refusal with another status.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The entry for a message of a batch that was refused while others were not.
    pub(super) fn entry(&self, id: &str) -> Value {
        let sender = !self.status.is_server_error();
        json!({ "Id": id, "Code": self.code, "Message": self.message, "SenderFault": sender })
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let body = json!({ "__type": format!("{}{}", self.namespace, self.error_type), "message": self.message });
        let mut response = Response::new(whole(body.to_string()));
        *response.status_mut() = self.status;
        let fault = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(super::door::CONTENT));
        if let Ok(code) = HeaderValue::from_str(&format!("{};{fault}", self.code)) {
            headers.insert(QUERY_ERROR, code);
        }
        response
    }
}

impl From<Untrusted> for Refusal {
    fn from(untrusted: Untrusted) -> Self {
        let code = match untrusted.error_type {
            "UnrecognizedClientException" => "InvalidClientTokenId",
            "InvalidSignatureException" => "SignatureDoesNotMatch",
            other => other.trim_end_matches("Exception"),
        };
        Self::common(403, untrusted.error_type, code, untrusted.message)
    }
}

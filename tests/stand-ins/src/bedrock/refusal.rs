//! A refusal, in the shape that Bedrock gives it: a status, an error type in a header, a message in JSON.

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::aws::Untrusted;
use crate::server::{Body, whole};

/// The header that names the error. The SDK reads the type from here, not from the body.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// What Bedrock appends to the name of an error, and an SDK must cut off again.
const ERROR_NAMESPACE: &str = ":http://internal.amazon.com/coral/com.amazon.bedrock/";

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error_type: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error_type: &'static str, message: impl Into<String>) -> Self {
        Self { status, error_type, message: message.into() }
    }

    /// The body of the request breaks a rule of the service or of the model.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ValidationException", message)
    }

    /// The caller may be known, but may not do this.
    pub(super) fn forbidden(error_type: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, error_type, message)
    }

    /// The address names nothing that this service has.
    pub(super) fn unknown_operation() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "UnknownOperationException",
            "The requested operation is not recognized by the service.",
        )
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(whole(json!({ "message": self.message }).to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(error_type) = HeaderValue::from_str(&format!("{}{ERROR_NAMESPACE}", self.error_type)) {
            headers.insert(ERROR_TYPE, error_type);
        }
        response
    }
}

impl From<Untrusted> for Refusal {
    fn from(untrusted: Untrusted) -> Self {
        Self::forbidden(untrusted.error_type, untrusted.message)
    }
}

//! A refusal, in the shape that DynamoDB gives it: a status, and a type and a message in JSON.

use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::CONTENT_TYPE;
use super::item::{self, Item};
use crate::aws::Untrusted;
use crate::server::{Body, whole};

/// What stands before the name of an error that DynamoDB's own model has, and an SDK must cut off again.
const OWN: &str = "com.amazonaws.dynamodb.v20120810#";

/// What stands before the name of an error that every service of this protocol has.
const COMMON: &str = "com.amazon.coral.service#";

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    namespace: &'static str,
    pub(super) error_type: &'static str,
    pub(super) message: String,
    /// The item that stood in the way of a conditional write, if the caller asked to see it.
    item: Option<Value>,
}

impl Refusal {
    fn new(namespace: &'static str, error_type: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, namespace, error_type, message: message.into(), item: None }
    }

    /// An error of DynamoDB's own model.
    pub(super) fn own(error_type: &'static str, message: impl Into<String>) -> Self {
        Self::new(OWN, error_type, message)
    }

    /// An error that any service may give.
    pub(super) fn common(error_type: &'static str, message: impl Into<String>) -> Self {
        Self::new(COMMON, error_type, message)
    }

    /// The request breaks a rule of DynamoDB.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new("com.amazon.coral.validate#", "ValidationException", message)
    }

    /// The request is sound for DynamoDB, but this stand-in would obey it only in part, and a test would then pass for nothing.
    pub(super) fn not_in_the_stand_in(what: &str) -> Self {
        Self::validation(format!("The stand-in for DynamoDB does not know {what}."))
    }

    /// The body is not the JSON that the operation takes.
    pub(super) fn serialization(message: impl Into<String>) -> Self {
        Self::common("SerializationException", message)
    }

    /// There is no such table, or no longer.
    pub(super) fn no_such_table(message: impl Into<String>) -> Self {
        Self::own("ResourceNotFoundException", message)
    }

    /// The condition of a write did not hold.
    pub(super) fn condition_failed(found: Option<&Item>) -> Self {
        let refusal = Self::own("ConditionalCheckFailedException", "The conditional request failed");
        Self { item: found.map(item::to_json), ..refusal }
    }

    /// The same refusal with another status.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut body = json!({ "__type": format!("{}{}", self.namespace, self.error_type), "message": self.message });
        if let Some(item) = self.item {
            body["Item"] = item;
        }
        let mut response = Response::new(whole(body.to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(http::header::CONTENT_TYPE, CONTENT_TYPE);
        response
    }
}

impl From<Untrusted> for Refusal {
    fn from(untrusted: Untrusted) -> Self {
        Self::common(untrusted.error_type, untrusted.message)
    }
}

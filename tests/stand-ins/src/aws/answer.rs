//! How services of AWS with paths and JSON answer: the document, the request's ID, and the kind of the error in a header.

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::identifiers;
use crate::server::{Body, whole};

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// A refusal: its status, its kind, and a sentence.
pub(crate) type Refusal = (StatusCode, &'static str, String);

/// The answer with this document.
pub(crate) fn told(document: &Value) -> Response<Body> {
    respond(StatusCode::OK, None, document)
}

/// The answer to a request that is refused.
pub(crate) fn refused((status, error, message): Refusal) -> Response<Body> {
    respond(status, Some(error), &json!({ "message": message }))
}

/// A refusal for which a test asked.
pub(crate) fn asked_for(status: StatusCode, error: &'static str) -> Refusal {
    (status, error, "The stand-in was asked to refuse this.".to_owned())
}

fn respond(status: StatusCode, error: Option<&'static str>, document: &Value) -> Response<Body> {
    let mut response = Response::new(whole(document.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.extend(error.map(|error| (ERROR_TYPE, HeaderValue::from_static(error))));
    headers.extend(HeaderValue::from_str(&identifiers::uuid()).ok().map(|id| (REQUEST_ID, id)));
    response
}

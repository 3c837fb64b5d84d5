//! The door of the endpoint: is this call for SQS in Tokyo, signed by someone who may ask, and in its protocol?

use http::Method;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde_json::{Map, Value};

use super::operation::Operation;
use super::refusal::Refusal;
use crate::aws::{Service, header};

/// The service as its callers sign for it.
pub(super) const SQS: Service = Service { name: "sqs", host: "sqs.ap-northeast-1.amazonaws.com" };

/// The content type of the protocol.
pub(super) const CONTENT: &str = "application/x-amz-json-1.0";

/// Checks everything but the operation's own rules.
pub(super) fn admit(parts: &Parts, body: &[u8]) -> Result<(Operation, Map<String, Value>), Refusal> {
    let unrecognised = |problem| Refusal::common(403, "UnrecognizedClientException", "InvalidClientTokenId", problem);
    SQS.is_host_of(&parts.headers).map_err(unrecognised)?;
    SQS.verify(parts, body)?;
    let unknown = |problem: &str| Refusal::common(404, "UnknownOperationException", "InvalidAction", problem);
    if parts.method != Method::POST || parts.uri.path() != "/" || parts.uri.query().is_some() {
        return Err(unknown("The stand-in speaks SQS's JSON protocol only, which posts to /."));
    }
    if header(&parts.headers, CONTENT_TYPE.as_str()) != Some(CONTENT) {
        return Err(unknown("The stand-in speaks SQS's JSON protocol only, whose content type is another."));
    }
    let operation = operation(parts).ok_or_else(|| unknown("The action or operation requested is invalid."))?;
    match serde_json::from_slice(body) {
        Ok(Value::Object(input)) => Ok((operation, input)),
        _ => Err(Refusal::malformed("The body is not a JSON object.")),
    }
}

/// What a call asks for, be it admitted or not; nothing if the stand-in has no such operation.
pub(super) fn operation(parts: &Parts) -> Option<Operation> {
    Operation::at(header(&parts.headers, "x-amz-target")?)
}

/// Whether a call was bound to Tokyo: host and credential scope; the error says which was not.
pub(super) fn pinned(parts: &Parts) -> Result<(), String> {
    SQS.is_host_of(&parts.headers)?;
    if SQS.is_scope_of(parts) {
        return Ok(());
    }
    let target = header(&parts.headers, "x-amz-target").unwrap_or("nothing");
    Err(format!("The call to {target} was not signed with SigV4 for SQS in Tokyo."))
}

//! The door of the endpoint: is this call for Tokyo, for an operation that there is, and signed by someone who may ask?

use http::Method;
use http::request::Parts;
use serde_json::Value;

use super::operation::Operation;
use super::refusal::Refusal;
use super::{CONTENT_TYPE, table};
use crate::aws::{Service, header};

/// The Regional endpoint. The SDK prefers one of the account's own, `<account>.ddb.ap-northeast-1.amazonaws.com`, as soon as it
/// knows the account, from the credentials or from a table's ARN; such a call is refused.
pub(super) const TOKYO: &str = "dynamodb.ap-northeast-1.amazonaws.com";

const DYNAMODB: Service = Service { name: "dynamodb", host: TOKYO };

/// Checks everything but the body.
pub(super) fn admit(parts: &Parts, body: &[u8]) -> Result<Operation, Refusal> {
    DYNAMODB.is_host_of(&parts.headers).map_err(|problem| Refusal::common("UnrecognizedClientException", problem))?;
    let operation = operation(parts).ok_or_else(|| Refusal::common("UnknownOperationException", ""))?;
    DYNAMODB.verify(parts, body)?;
    if header(&parts.headers, http::header::CONTENT_TYPE.as_str()) != CONTENT_TYPE.to_str().ok() {
        return Err(Refusal::serialization("The content type is not application/x-amz-json-1.0"));
    }
    Ok(operation)
}

/// What a call asks for, be it admitted or not; nothing if there is no such operation.
pub(super) fn operation(parts: &Parts) -> Option<Operation> {
    let known = parts.method == Method::POST && parts.uri == "/";
    Operation::targeted(header(&parts.headers, "x-amz-target")?).filter(|_| known)
}

/// Whether a call was bound to Japan: host, credential scope and, where it is an ARN, the table; the error says which was not.
pub(super) fn pinned(parts: &Parts, request: &Value) -> Result<(), String> {
    DYNAMODB.is_host_of(&parts.headers)?;
    if !DYNAMODB.is_scope_of(parts) {
        return Err("The call was not signed with SigV4 for DynamoDB in Tokyo.".to_owned());
    }
    match request["TableName"].as_str() {
        Some(name) if name.starts_with("arn:") && !name.starts_with(table::ARN) => {
            Err(format!("The table {name} is not the account's, in Tokyo."))
        }
        _ => Ok(()),
    }
}

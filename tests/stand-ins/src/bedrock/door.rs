//! The door of the endpoint: is this call for Tokyo, for the JP profile, and signed by someone who may ask?

use std::borrow::Cow;

use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::operation::Operation;
use super::refusal::Refusal;
use crate::aws::{Service, header};

/// The only host that this stand-in answers for.
pub(super) const TOKYO: &str = "bedrock-runtime.ap-northeast-1.amazonaws.com";

/// Bedrock signs by the name without `-runtime`.
const BEDROCK: Service = Service { name: "bedrock", host: TOKYO };

/// The only profile that it answers with.
pub(super) const PROFILE: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The model behind the profile, which cannot be invoked by its own name in Japan, but is counted for by no other.
pub(super) const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The largest body that InvokeModel takes.
const MAX_BODY: usize = 25_000_000;

/// Checks everything but the body's own rules, in the order in which AWS does. The alias is a host that is as good as Tokyo's.
pub(super) fn admit(parts: &Parts, body: &[u8], alias: Option<&str>) -> Result<Operation, Refusal> {
    if alias.is_none() || header(&parts.headers, HOST.as_str()) != alias {
        let forbidden = |problem| Refusal::forbidden("UnrecognizedClientException", problem);
        BEDROCK.is_host_of(&parts.headers).map_err(forbidden)?;
    }
    let path = Path::of(parts).ok_or_else(Refusal::unknown_operation)?;
    BEDROCK.verify(parts, body)?;
    path.model()?;
    let content_type = header(&parts.headers, CONTENT_TYPE.as_str());
    if content_type != Some("application/json") {
        return Err(Refusal::validation(format!(
            "The content type {:?} is not supported. Use application/json.",
            content_type.unwrap_or_default()
        )));
    }
    small_enough(body)?;
    Ok(path.operation)
}

fn small_enough(body: &[u8]) -> Result<(), Refusal> {
    if body.len() <= MAX_BODY {
        return Ok(());
    }
    Err(Refusal::new(
        http::StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLargeException",
        "Failed to buffer the request body: length limit exceeded",
    ))
}

/// Whether a call was bound to Japan: host, profile and credential scope; the error says which was not. A count never is,
/// because it names the bare model, and nothing but the host says where that is counted.
pub(super) fn pinned(parts: &Parts) -> Result<(), String> {
    BEDROCK.is_host_of(&parts.headers)?;
    let path = parts.uri.path();
    let through_the_profile = |path: Path<'_>| path.model == PROFILE && path.operation != Operation::CountTokens;
    if !Path::of(parts).is_some_and(through_the_profile) {
        return Err(format!("The path {path} does not invoke the JP profile."));
    }
    if BEDROCK.is_scope_of(parts) {
        return Ok(());
    }
    Err(format!("The call to {path} was not signed with SigV4 for Bedrock in Tokyo."))
}

/// What a call asks for, be it admitted or not; nothing if no operation has this path.
pub(super) fn operation(parts: &Parts) -> Option<Operation> {
    Path::of(parts).map(|path| path.operation)
}

/// `/model/<model>/<operation>`, taken apart.
struct Path<'a> {
    model: Cow<'a, str>,
    operation: Operation,
}

impl<'a> Path<'a> {
    fn of(parts: &'a Parts) -> Option<Self> {
        let (model, operation) = parts.uri.path().strip_prefix("/model/")?.split_once('/')?;
        let operation = Operation::at(operation)?;
        let known = parts.method == http::Method::POST && parts.uri.query().is_none();
        let model = percent_decode_str(model).decode_utf8().ok()?;
        known.then_some(Self { model, operation })
    }

    /// Whether the operation is offered for this model or profile, and the role may have it.
    fn model(&self) -> Result<(), Refusal> {
        let action = self.operation.action();
        match (self.model.as_ref(), self.operation) {
            (MODEL, Operation::CountTokens) => Ok(()),
            (PROFILE, Operation::CountTokens) => {
                Err(Refusal::validation("The provided model doesn't support counting tokens."))
            }
            (PROFILE, _) => Ok(()),
            (MODEL, _) => Err(Refusal::validation(format!(
                "Invocation of model ID {MODEL} with on-demand throughput isn’t supported. Retry your request with the \
                 ID or ARN of an inference profile that contains this model."
            ))),
            (other, _) => Err(Refusal::forbidden(
                "AccessDeniedException",
                format!(
                    "User: arn:aws:sts::123456789012:assumed-role/kokunai/kokunai is not authorized to perform: \
                     {action} on resource: {other} because no identity-based policy allows the {action} action"
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests;

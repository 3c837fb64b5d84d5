//! The door of the endpoint: is this call for Tokyo, for the JP profile, and signed by someone who may ask?

use std::borrow::Cow;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::authorization::{self, Authorization};
use super::refusal::Refusal;
use super::rules::Delivery;

/// The only host that this stand-in answers for.
pub(super) const TOKYO: &str = "bedrock-runtime.ap-northeast-1.amazonaws.com";

/// The only profile that it answers with.
pub(super) const PROFILE: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The model behind the profile, which cannot be invoked by its own name in Japan.
const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The largest body that InvokeModel takes.
const MAX_BODY: usize = 25_000_000;

/// Checks everything but the body's own rules, in the order in which AWS does.
pub(super) fn admit(parts: &Parts, body: &[u8]) -> Result<Delivery, Refusal> {
    host(&parts.headers).map_err(|problem| Refusal::forbidden("UnrecognizedClientException", problem))?;
    let path = Path::of(parts).ok_or_else(Refusal::unknown_operation)?;
    authorization::verify(parts, body)?;
    path.profile()?;
    let content_type = header(&parts.headers, CONTENT_TYPE.as_str());
    if content_type != Some("application/json") {
        return Err(Refusal::validation(format!(
            "The content type {:?} is not supported. Use application/json.",
            content_type.unwrap_or_default()
        )));
    }
    small_enough(body)?;
    Ok(path.delivery)
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

/// Whether a call was bound to Japan: host, profile and credential scope; the error says which was not.
pub(super) fn pinned(parts: &Parts) -> Result<(), String> {
    host(&parts.headers)?;
    let path = parts.uri.path();
    let profile = Path::of(parts).map(|path| path.model);
    if profile.as_deref() != Some(PROFILE) {
        return Err(format!("The path {path} does not invoke the JP profile."));
    }
    if Authorization::of(parts).is_some_and(|authorization| authorization.is_for_tokyo()) {
        return Ok(());
    }
    Err(format!("The call to {path} was not signed with SigV4 for Bedrock in Tokyo."))
}

fn host(headers: &HeaderMap) -> Result<(), String> {
    match header(headers, HOST.as_str()) {
        Some(TOKYO) => Ok(()),
        other => Err(format!("The Host was {:?} instead of {TOKYO}.", other.unwrap_or_default())),
    }
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a call asks for a stream, be it admitted or not.
pub(super) fn asks_for_a_stream(parts: &Parts) -> bool {
    Path::of(parts).is_some_and(|path| path.delivery == Delivery::Streamed)
}

/// `/model/<model>/invoke` or `/model/<model>/invoke-with-response-stream`, taken apart.
struct Path<'a> {
    model: Cow<'a, str>,
    delivery: Delivery,
}

impl<'a> Path<'a> {
    fn of(parts: &'a Parts) -> Option<Self> {
        let (model, operation) = parts.uri.path().strip_prefix("/model/")?.split_once('/')?;
        let delivery = match operation {
            "invoke" => Delivery::Whole,
            "invoke-with-response-stream" => Delivery::Streamed,
            _ => return None,
        };
        let known = parts.method == http::Method::POST && parts.uri.query().is_none();
        let model = percent_decode_str(model).decode_utf8().ok()?;
        known.then_some(Self { model, delivery })
    }

    /// The action that IAM knows the operation by.
    fn action(&self) -> &'static str {
        match self.delivery {
            Delivery::Whole => "bedrock:InvokeModel",
            Delivery::Streamed => "bedrock:InvokeModelWithResponseStream",
        }
    }

    fn profile(&self) -> Result<(), Refusal> {
        let action = self.action();
        match self.model.as_ref() {
            PROFILE => Ok(()),
            MODEL => Err(Refusal::validation(format!(
                "Invocation of model ID {MODEL} with on-demand throughput isn’t supported. Retry your request with the \
                 ID or ARN of an inference profile that contains this model."
            ))),
            other => Err(Refusal::forbidden(
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

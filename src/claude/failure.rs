//! Bedrock's failures in kokunai's own words: a table from error code to kind, with the sentence for the caller.

use crate::error::{Error, Kind};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::types::error::ResponseStreamError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::event_stream::RawMessage;

/// Translates a failed call. No text of the SDK reaches the caller, and Bedrock's own only where it says what is
/// wrong with the prompt.
pub(super) fn translate<E>(error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let Some(service) = error.as_service_error() else {
        return without_an_answer(error);
    };
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let kind = service.code().and_then(by_code).unwrap_or_else(|| by_status(status));
    told(kind, service.message())
}

/// Translates what went wrong in the middle of a stream, after Bedrock had said 200.
pub(super) fn translate_event(error: &SdkError<ResponseStreamError, RawMessage>) -> Error {
    let Some(service) = error.as_service_error() else {
        return without_an_answer(error);
    };
    #[expect(clippy::wildcard_enum_match_arm, reason = "a newer SDK may know more exceptions than there are kinds")]
    let kind = match service {
        ResponseStreamError::ThrottlingException(_) => Kind::Throttled,
        ResponseStreamError::ServiceUnavailableException(_) => Kind::Overloaded,
        ResponseStreamError::ValidationException(_) => Kind::Rejected,
        ResponseStreamError::ModelStreamErrorException(_) => Kind::ModelFailed,
        ResponseStreamError::ModelTimeoutException(_) => Kind::ModelTimeout,
        // InternalServerException, and whatever a newer Bedrock may say.
        _ => Kind::BedrockError,
    };
    told(kind, service.message())
}

/// An error of `kind`, with Bedrock's own sentence where it says what is wrong with the prompt.
fn told(kind: Kind, reason: Option<&str>) -> Error {
    match reason {
        Some(reason) if kind == Kind::Rejected => Error::new(kind, reason.to_owned()),
        _ => Error::new(kind, sentence(kind)),
    }
}

/// A call that Bedrock did not answer, or not in its own language.
fn without_an_answer<E, R>(error: &SdkError<E, R>) -> Error
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let kind = if let SdkError::ResponseError(_) = error {
        Kind::BadAnswer
    } else if has_cause::<CredentialsError>(error) {
        Kind::Credentials
    } else if let SdkError::DispatchFailure(failure) = error
        && !failure.is_user()
    {
        Kind::Unreachable
    } else {
        // The guard stopped the call, or it could not be built: neither happens to a prompt that passed the rules.
        Kind::Internal
    };
    Error::new(kind, sentence(kind))
}

/// Whether `error`, or what caused it, is an error of type `E`.
fn has_cause<E: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<E>())
}

fn by_code(code: &str) -> Option<Kind> {
    Some(match code {
        "ThrottlingException" | "TooManyRequestsException" => Kind::Throttled,
        "ModelNotReadyException" | "ServiceUnavailableException" => Kind::Overloaded,
        "ServiceQuotaExceededException" => Kind::QuotaExceeded,
        "AccessDeniedException" | "NotAuthorized" => Kind::AccessDenied,
        "ResourceNotFoundException" | "FTUFormNotFilled" => Kind::ModelNotFound,
        "ValidationException" => Kind::Rejected,
        "ModelErrorException" | "ModelStreamErrorException" => Kind::ModelFailed,
        "ModelTimeoutException" => Kind::ModelTimeout,
        "InternalServerException" | "RequestAbortedException" => Kind::BedrockError,
        "ExpiredTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "RequestExpired"
        | "UnrecognizedClientException" => Kind::Credentials,
        _ => return None,
    })
}

fn by_status(status: u16) -> Kind {
    match status {
        413 => Kind::TooLarge,
        429 => Kind::Throttled,
        503 => Kind::Overloaded,
        401 | 403 => Kind::AccessDenied,
        404 => Kind::ModelNotFound,
        // What is wrong with the prompt itself is a 400 or its finer sister. Everything else that is not known may pass, and a
        // prompt that was taken for hopeless would never be tried again.
        400 | 422 => Kind::Rejected,
        200..=299 => Kind::BadAnswer,
        _ => Kind::BedrockError,
    }
}

fn sentence(kind: Kind) -> &'static str {
    match kind {
        Kind::Throttled => "Bedrock is over its quota of requests or tokens a minute; try again shortly",
        Kind::Overloaded => "Bedrock has no capacity for the model just now; try again shortly",
        Kind::QuotaExceeded => "a Bedrock quota of this account is used up",
        Kind::AccessDenied => {
            "Bedrock does not let this function use the model; its role or the account's model access must be changed"
        }
        Kind::ModelNotFound => {
            "Bedrock does not find the model; the account may have yet to submit Anthropic's use-case form"
        }
        Kind::Rejected => "Bedrock refused the prompt as invalid",
        Kind::TooLarge => "the prompt is larger than Bedrock takes",
        Kind::ModelFailed => "the model failed while it answered",
        Kind::ModelTimeout => "the model took longer than Bedrock allows",
        Kind::BadAnswer => "Bedrock answered with something else than a message",
        Kind::Unreachable => "Bedrock could not be reached, or the connection broke",
        Kind::Credentials => "this function has no valid AWS credentials of its own",
        Kind::BedrockError => "Bedrock failed",
        Kind::InvalidRequest
        | Kind::NotFound
        | Kind::MethodNotAllowed
        | Kind::UnsupportedMediaType
        | Kind::UnknownEvent
        | Kind::Timeout
        | Kind::AnswerTooLarge
        | Kind::Undelivered
        | Kind::InProgress
        | Kind::KeyReused
        | Kind::AnswerNotKept
        | Kind::MemoryUnavailable
        | Kind::KeysUnavailable
        | Kind::Internal => "this function failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_modelled_exception_has_its_kind() {
        for (code, kind) in [
            ("ThrottlingException", Kind::Throttled),
            ("ModelNotReadyException", Kind::Overloaded),
            ("ServiceUnavailableException", Kind::Overloaded),
            ("ServiceQuotaExceededException", Kind::QuotaExceeded),
            ("AccessDeniedException", Kind::AccessDenied),
            ("ResourceNotFoundException", Kind::ModelNotFound),
            ("ValidationException", Kind::Rejected),
            ("ModelErrorException", Kind::ModelFailed),
            ("ModelTimeoutException", Kind::ModelTimeout),
            ("InternalServerException", Kind::BedrockError),
        ] {
            assert_eq!(by_code(code), Some(kind), "{code}");
        }
        assert_eq!(by_code("SomethingNewException"), None);
    }

    #[test]
    fn what_may_pass_or_is_the_accounts_own_is_never_the_prompts_fault() {
        for code in
            ["RequestAbortedException", "RequestExpired", "NotAuthorized", "IncompleteSignature", "FTUFormNotFilled"]
        {
            assert!(by_code(code).unwrap().row().retry, "{code}");
        }
        for status in [401, 402, 403, 404, 405, 408, 409, 418, 425, 429, 499, 500, 503, 599] {
            assert!(by_status(status).row().retry, "{status}");
        }
    }

    #[test]
    fn an_unknown_code_falls_back_to_its_status() {
        assert_eq!(by_status(403), Kind::AccessDenied);
        assert_eq!((by_status(400), by_status(422)), (Kind::Rejected, Kind::Rejected));
        assert_eq!(by_status(404), Kind::ModelNotFound);
        assert_eq!(by_status(500), Kind::BedrockError);
    }
}

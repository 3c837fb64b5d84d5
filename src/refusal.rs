//! What a service of AWS said when it did not take something.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A refusal, for the log and not for the caller, because it names our own surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked: one of a fixed set, such as `results`.
    pub service: &'static str,
    /// AWS's code, such as `AccessDenied`; `timeout` or `unreachable` where it did not answer.
    pub code: String,
}

impl Refusal {
    /// The refusal in an error of an SDK, or in the want of an answer.
    pub fn new<E: ProvideErrorMetadata, R>(service: &'static str, error: Option<&SdkError<E, R>>) -> Self {
        let code = match error {
            None | Some(SdkError::TimeoutError(_)) => "timeout",
            Some(error) => error.as_service_error().map_or("unreachable", |error| error.code().unwrap_or("unknown")),
        };
        // A code is a name. Whatever else stands in its place does not enter the log.
        let is_name = code.len() <= 80 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        Self { service, code: if is_name { code } else { "unknown" }.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::error::ErrorMetadata;

    fn code(error: Option<&SdkError<ErrorMetadata, ()>>) -> String {
        Refusal::new("results", error).code
    }

    fn said(code: &str) -> SdkError<ErrorMetadata, ()> {
        SdkError::service_error(ErrorMetadata::builder().code(code).message("never logged").build(), ())
    }

    #[test]
    fn a_code_is_awss_own_or_says_that_there_was_none() {
        assert_eq!(code(Some(&said("QueueDoesNotExist"))), "QueueDoesNotExist");
        assert_eq!(code(Some(&said("a code that quotes a prompt"))), "unknown");
        assert_eq!(code(Some(&said(&"x".repeat(81)))), "unknown");
        assert_eq!(code(None), "timeout");
        assert_eq!(code(Some(&SdkError::timeout_error("slow"))), "timeout");
        let unreachable = SdkError::dispatch_failure(ConnectorError::io("no network".into()));
        assert_eq!(code(Some(&unreachable)), "unreachable");
    }
}

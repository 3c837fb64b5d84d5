//! The errors of InvokeModel that a prompt can ask for before the first byte of an answer.

use http::StatusCode;

/// An error that Bedrock documents for InvokeModel.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Fault {
    pub(super) name: &'static str,
    pub(in super::super) status: StatusCode,
    pub(in super::super) error_type: &'static str,
    /// `{prompt}` in it stands for the prompt, to prove that nobody logs what Bedrock says.
    message: &'static str,
}

impl Fault {
    pub(in super::super) fn message(&self, prompt: &str) -> String {
        self.message.replace("{prompt}", prompt)
    }
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "throttle",
        status: StatusCode::TOO_MANY_REQUESTS,
        error_type: "ThrottlingException",
        message: "Too many requests, please wait before trying again.",
    },
    Fault {
        name: "not-ready",
        status: StatusCode::TOO_MANY_REQUESTS,
        error_type: "ModelNotReadyException",
        message: "The model specified in the request is not ready to serve inference requests.",
    },
    Fault {
        name: "internal-error",
        status: StatusCode::INTERNAL_SERVER_ERROR,
        error_type: "InternalServerException",
        message: "The system encountered an unexpected error during processing. Try your request again.",
    },
    Fault {
        name: "unavailable",
        status: StatusCode::SERVICE_UNAVAILABLE,
        error_type: "ServiceUnavailableException",
        message: "Bedrock is unable to process your request.",
    },
    Fault {
        name: "denied",
        status: StatusCode::FORBIDDEN,
        error_type: "AccessDeniedException",
        message: "You don't have access to the model with the specified model ID.",
    },
    Fault {
        name: "validation",
        status: StatusCode::BAD_REQUEST,
        error_type: "ValidationException",
        message: "messages.0.content: Input should not be {prompt}",
    },
    Fault {
        name: "not-found",
        status: StatusCode::NOT_FOUND,
        error_type: "ResourceNotFoundException",
        message: "Model use case details have not been submitted for this account.",
    },
    Fault {
        name: "quota",
        status: StatusCode::BAD_REQUEST,
        error_type: "ServiceQuotaExceededException",
        message: "Your request exceeds the service quota for your account.",
    },
    Fault {
        name: "model-timeout",
        status: StatusCode::REQUEST_TIMEOUT,
        error_type: "ModelTimeoutException",
        message: "Model has timed out in processing the request. Try your request again.",
    },
    Fault {
        name: "model-error",
        status: StatusCode::FAILED_DEPENDENCY,
        error_type: "ModelErrorException",
        message: "The system encountered an unexpected error during processing. Try your request again.",
    },
];

//! What a prompt can have happen in the middle of a stream, where HTTP has said 200 already.

/// What comes after the first few deltas of a stream, instead of the rest.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Interruption {
    pub(super) name: &'static str,
    pub(in super::super) kind: Kind,
}

/// The ways in which a stream is interrupted.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    /// Bedrock says what went wrong.
    Exception(Exception),
    /// A frame arrives whose checksum does not fit it.
    Broken,
    /// The connection closes in the middle of a frame.
    Drop,
    /// Nothing more arrives, and the connection stays open.
    Stall,
}

/// An exception that Bedrock documents for the stream itself.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Exception {
    pub(in super::super) exception_type: &'static str,
    /// `{prompt}` in it stands for the prompt, to prove that nobody logs what Bedrock says.
    message: &'static str,
}

impl Exception {
    pub(in super::super) fn message(&self, prompt: &str) -> String {
        self.message.replace("{prompt}", prompt)
    }
}

impl Interruption {
    const fn exception_of(name: &'static str, exception_type: &'static str, message: &'static str) -> Self {
        Self { name, kind: Kind::Exception(Exception { exception_type, message }) }
    }

    /// The exception that it is, if Bedrock says anything at all.
    #[cfg(test)]
    pub(super) fn exception(&self) -> Option<&Exception> {
        match &self.kind {
            Kind::Exception(exception) => Some(exception),
            Kind::Broken | Kind::Drop | Kind::Stall => None,
        }
    }
}

pub(super) const INTERRUPTIONS: &[Interruption] = &[
    Interruption::exception_of(
        "stream-throttle",
        "throttlingException",
        "Too many tokens, please wait before trying again.",
    ),
    Interruption::exception_of(
        "stream-internal-error",
        "internalServerException",
        "The system encountered an unexpected error during processing. Try your request again.",
    ),
    Interruption::exception_of(
        "stream-unavailable",
        "serviceUnavailableException",
        "Bedrock is unable to process your request.",
    ),
    Interruption::exception_of(
        "stream-validation",
        "validationException",
        "messages.0.content: Input should not be {prompt}",
    ),
    Interruption::exception_of(
        "stream-model-error",
        "modelStreamErrorException",
        "The system encountered an unexpected error during processing. Try your request again.",
    ),
    Interruption::exception_of(
        "stream-model-timeout",
        "modelTimeoutException",
        "Model has timed out in processing the request. Try your request again.",
    ),
    Interruption { name: "stream-broken", kind: Kind::Broken },
    Interruption { name: "stream-drop", kind: Kind::Drop },
    Interruption { name: "stream-stall", kind: Kind::Stall },
];

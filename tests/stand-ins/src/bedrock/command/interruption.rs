//! What a prompt can have happen in the middle of a stream, where HTTP has said 200 already.

/// What comes after the first few deltas of a stream, or before everything, instead of the rest.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Interruption {
    pub(super) name: &'static str,
    pub(in super::super) moment: Moment,
    pub(in super::super) kind: Kind,
}

/// When a stream is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Moment {
    /// In the place of the first frame.
    First,
    /// When the client has begun to show the answer.
    AfterAFewDeltas,
    /// When all of it has been said, but the stream has not ended.
    AfterTheEnd,
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
        Self::after_a_few_deltas(name, Kind::Exception(Exception { exception_type, message }))
    }

    const fn after_a_few_deltas(name: &'static str, kind: Kind) -> Self {
        Self { name, moment: Moment::AfterAFewDeltas, kind }
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

const TOO_MANY_TOKENS: &str = "Too many tokens, please wait before trying again.";

pub(super) const INTERRUPTIONS: &[Interruption] = &[
    Interruption {
        name: "first-throttle",
        moment: Moment::First,
        kind: Kind::Exception(Exception { exception_type: "throttlingException", message: TOO_MANY_TOKENS }),
    },
    Interruption::exception_of("stream-throttle", "throttlingException", TOO_MANY_TOKENS),
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
    Interruption::after_a_few_deltas("stream-broken", Kind::Broken),
    Interruption::after_a_few_deltas("stream-drop", Kind::Drop),
    Interruption::after_a_few_deltas("stream-stall", Kind::Stall),
    Interruption { name: "end-drop", moment: Moment::AfterTheEnd, kind: Kind::Drop },
    Interruption { name: "end-stall", moment: Moment::AfterTheEnd, kind: Kind::Stall },
];

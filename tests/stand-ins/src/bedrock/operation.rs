//! The operations of Bedrock Runtime that the stand-in offers.

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// An answer that is sent whole.
    InvokeModel,
    /// An answer that is sent as it is written.
    InvokeModelWithResponseStream,
    /// How many tokens an InvokeModel call would read.
    CountTokens,
}

impl Operation {
    /// The operation that a path ends in.
    pub(super) fn at(segment: &str) -> Option<Self> {
        match segment {
            "invoke" => Some(Self::InvokeModel),
            "invoke-with-response-stream" => Some(Self::InvokeModelWithResponseStream),
            "count-tokens" => Some(Self::CountTokens),
            _ => None,
        }
    }

    /// The action that IAM knows it by.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::InvokeModel => "bedrock:InvokeModel",
            Self::InvokeModelWithResponseStream => "bedrock:InvokeModelWithResponseStream",
            Self::CountTokens => "bedrock:CountTokens",
        }
    }
}

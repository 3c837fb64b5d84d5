//! The verdicts, and what each rests on.

use crate::residency::Place;

/// What a record says of where inference ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It ran in Japan, and what was asked answers nowhere else.
    Proved(Place),
    /// It ran elsewhere, or could have.
    Violation(Breach),
    /// The record does not tell.
    Unverified(Doubt),
    /// The call failed, so there was no inference to prove.
    Denied,
    /// It cannot be read.
    Malformed(Fault),
    /// It is not of an inference.
    Unrelated(Subject),
}

/// What a violation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// Inference ran outside Japan.
    InferenceRegion,
    /// The call went to a Region outside Japan.
    SourceRegion,
    /// What was asked can answer outside Japan, wherever it did this time: that path is not a governed one.
    ForeignModel,
}

/// What keeps a record from proving anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It names no Region of inference.
    NoRegion,
    /// It is of a streamed call, and names no Region: the service event of the call does.
    ServiceEventTells,
    /// It does not say what was asked, or names something that hides its model.
    UnknownModel,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no JSON object, or has a field twice.
    Unreadable,
    /// A field is missing, or no text, without which it cannot be judged.
    Incomplete,
}

/// What a record is of, if not of an inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Another service.
    AnotherService,
    /// Bedrock, but nothing that infers.
    AnotherOperation,
}

impl Verdict {
    /// Its name in the log line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Proved(_) => "proved",
            Self::Violation(_) => "violation",
            Self::Unverified(_) => "unverified",
            Self::Denied => "denied",
            Self::Malformed(_) => "malformed",
            Self::Unrelated(_) => "none",
        }
    }

    /// What it rests on, where the name does not say it all.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Proved(_) | Self::Denied => None,
            Self::Violation(Breach::InferenceRegion) => Some("inference_region"),
            Self::Violation(Breach::SourceRegion) => Some("source_region"),
            Self::Violation(Breach::ForeignModel) => Some("foreign_model"),
            Self::Unverified(Doubt::NoRegion) => Some("no_region"),
            Self::Unverified(Doubt::ServiceEventTells) => Some("service_event_tells"),
            Self::Unverified(Doubt::UnknownModel) => Some("unknown_model"),
            Self::Malformed(Fault::Unreadable) => Some("unreadable"),
            Self::Malformed(Fault::Incomplete) => Some("incomplete"),
            Self::Unrelated(Subject::AnotherService) => Some("another_service"),
            Self::Unrelated(Subject::AnotherOperation) => Some("another_operation"),
        }
    }
}

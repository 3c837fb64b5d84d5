//! What an asking came to, a panic of it included.

use crate::answer::{Answer, PromptAnswer};
use crate::claude::Call;
use crate::error::Error;
use crate::prompt::Dropped;
use crate::telemetry::Handled;
use futures_util::FutureExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An answer, with Bedrock's ID of the call that gave it.
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Bedrock's request ID, under which CloudTrail records where the inference ran.
    pub bedrock_request_id: Option<String>,
}

/// What an asking came to, before its line is written.
pub struct Asked {
    /// The answer, or what kept it away.
    pub outcome: Result<Answer, Error>,
    /// What was sent to Bedrock.
    pub call: Call,
    /// What was left out of the request.
    pub dropped: Dropped,
    /// The most tokens that the answer could have.
    pub max_tokens: u32,
}

impl Asked {
    /// What its line says.
    #[must_use]
    pub fn handled(&self) -> Handled<'_> {
        let answer = self.outcome.as_ref().ok();
        Handled {
            usage: answer.and_then(Answer::usage),
            stop_reason: answer.and_then(Answer::stop_reason),
            max_tokens: Some(self.max_tokens),
            dropped: Some(&self.dropped),
            error: self.outcome.as_ref().err(),
            ..Handled::default()
        }
    }
}

impl Answered {
    /// The answer as a prompt answer.
    #[must_use]
    pub fn into_prompt_answer(self) -> PromptAnswer {
        self.answer.into_prompt_answer(self.bedrock_request_id)
    }
}

/// The outcome of a reading, of which a panic is one.
pub(crate) fn caught<T>(reading: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(reading)).unwrap_or_else(|_| Err(Error::internal()))
}

/// The outcome of an asking, of which a panic is one.
pub(crate) async fn unpanicked<T>(asking: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    AssertUnwindSafe(asking).catch_unwind().await.unwrap_or_else(|_| Err(Error::internal()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_panic_of_a_reading_is_an_error_of_our_own() {
        let outcome: Result<(), Error> = caught(|| panic!("a panic of this test"));
        assert_eq!(outcome.unwrap_err().kind(), Kind::Internal);
        assert!(caught(|| Ok(1)).is_ok_and(|it| it == 1));
    }
}

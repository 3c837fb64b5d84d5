//! What becomes of one message: asked once, delivered, buried or returned, and its line at the end.

use super::message::Message;
use super::{Work, envelope, result};
use crate::answer::Answer;
use crate::error::{Error, Kind};
use crate::function::{Asked, root_of};
use crate::once::{self, Begun, Claim, Fingerprint, Kept, Key};
use crate::prompt::{Prompt, Purpose};
use crate::telemetry::{self, Asker, Fate, Handled, Source};
use std::time::Duration;
use tokio::time::Instant;

/// How long a message that failed for a passing reason is hidden after its first receive; twice as long after each other.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// Answers one message, and tells whether it is answered: then it may leave the queue.
pub(super) async fn handle(work: &Work, message: &Message) -> bool {
    let asker = work.invocation.asker(Source::Queue);
    let trace_id = message.trace_header().and_then(root_of).or_else(|| asker.trace_id.clone());
    let caller = message.sender().map(str::to_owned);
    let receives = Some(message.receives());
    // What is not known is left out of a line, and an empty ID tells nothing.
    let message_id = message.id.clone().filter(|id| !id.is_empty());
    let asker = Asker { message_id, receives, caller, trace_id, ..asker };
    let mut handling = Handling { work, message, start: asker.start, asked: None, claim: None };
    let outcome = match handling.answer().await {
        Err(error) => handling.settle(error).await,
        Ok(fate) => Outcome { fate, error: None },
    };
    let call = handling.asked.as_ref().map(|asked| asked.call.clone()).unwrap_or_default();
    let asked = handling.asked.as_ref().map(Asked::handled).unwrap_or_default();
    let handled = Handled { error: outcome.error.as_ref(), fate: outcome.fate, ..asked };
    telemetry::prompt_handled(&asker, &call, &handled);
    outcome.is_answered()
}

/// How it ended.
struct Outcome {
    /// Empty where nothing is delivered: then an answer ends with its line.
    fate: Option<Fate>,
    error: Option<Error>,
}

impl Outcome {
    fn is_answered(&self) -> bool {
        self.error.is_none() || self.fate == Some(Fate::DeadLettered)
    }
}

/// One message at work.
struct Handling<'a> {
    work: &'a Work,
    message: &'a Message,
    start: Instant,
    asked: Option<Asked>,
    claim: Option<Claim>,
}

impl Handling<'_> {
    /// Answers the prompt, unless that has been done, and delivers the result.
    async fn answer(&mut self) -> Result<Option<Fate>, Error> {
        let body = self.message.body.as_deref().map_err(Error::clone)?;
        match self.begin(body.as_bytes()).await? {
            None => {}
            Some(Begun::Fresh(claim)) => self.claim = Some(claim),
            Some(Begun::InProgress(left)) => {
                let sentence = "another delivery of this message is being answered";
                return Err(Error::new(Kind::InProgress, sentence).with_retry_after(left));
            }
            Some(Begun::Answered(kept)) => return self.replay(kept).await.map(Some),
            Some(Begun::OtherPrompt) => {
                return Err(Error::new(Kind::KeyReused, "another prompt came with this message's ID before"));
            }
        }
        let event = envelope::prompt_event(body)?;
        let prompt = self.work.function.parse(Ok(event.text()), Purpose::WholeAnswer, &[]);
        let prompt = prompt.map_err(|error| event.name(error))?;
        let answer = self.ask(prompt).await?;
        self.keep(answer.body()).await;
        let fate = self.deliver(answer, self.bedrock_request_id()).await?;
        if fate.is_some() {
            self.note_delivered().await;
        }
        Ok(fate)
    }

    /// The key of the message; one without an ID cannot be remembered.
    fn key(&self) -> Option<Key> {
        Some(Key::of_message(self.message.queue_arn.as_deref().unwrap_or_default(), self.message.id.as_deref()?))
    }

    /// Begins the prompt in the memory, if there is one.
    async fn begin(&self, body: &[u8]) -> Result<Option<Begun>, Error> {
        let (Some(once), Some(key)) = (self.work.function.once(), self.key()) else {
            return Ok(None);
        };
        let invocation = &self.work.invocation;
        let holder = format!("{}/{}", invocation.request_id(), self.message.position);
        once.begin(key, Fingerprint::of(body, &[]), &holder, invocation.deadline()).await.map(Some)
    }

    /// Asks, and keeps the facts for the line.
    async fn ask(&mut self, prompt: Prompt) -> Result<Answer, Error> {
        let start = Instant::now();
        let place = self.work.invocation.place();
        let asked = self.work.function.ask(place, prompt, self.work.budget().starting_now()).await;
        let answer = asked.outcome.clone();
        if answer.is_ok() {
            self.work.pace.note(start.elapsed());
        }
        self.asked = Some(asked);
        answer
    }

    fn bedrock_request_id(&self) -> Option<String> {
        self.asked.as_ref().and_then(|asked| asked.call.request_ids.last().cloned())
    }

    async fn keep(&self, answer: &str) {
        let (Some(once), Some(claim)) = (self.work.function.once(), &self.claim) else {
            return;
        };
        let kept = Kept {
            answer: Some(answer.to_owned()),
            media_type: once::JSON.to_owned(),
            bedrock_request_id: self.bedrock_request_id(),
            delivered: false,
        };
        if once.keep(claim, &kept).await.is_err() {
            telemetry::not_remembered(self.work.invocation.request_id());
        }
    }

    async fn forget(&self) {
        if let (Some(once), Some(claim)) = (self.work.function.once(), &self.claim) {
            // If it cannot be forgotten, its lease runs out.
            let _ = once.forget(claim).await;
        }
    }

    async fn note_delivered(&self) {
        if let (Some(once), Some(key)) = (self.work.function.once(), self.key()) {
            // If it cannot be noted, the result may come twice, which its message ID tells.
            let _ = once.delivered(&key).await;
        }
    }

    /// Delivers an answer, if there is a way out.
    async fn deliver(&self, answer: Answer, bedrock_request_id: Option<String>) -> Result<Option<Fate>, Error> {
        let Some(delivery) = self.work.function.delivery() else {
            return Ok(None);
        };
        let answer = answer.into_prompt_answer(bedrock_request_id.clone());
        let result = result::succeeded(self.message, &answer, self.start.elapsed())?;
        let delivered = delivery.result(self.message, result).await;
        delivered.map(|()| Some(Fate::Delivered)).map_err(|error| error.with_bedrock_request_id(bedrock_request_id))
    }

    /// Delivers an answer that was remembered, unless that has been done.
    async fn replay(&self, kept: Kept) -> Result<Fate, Error> {
        let (Some(delivery), false) = (self.work.function.delivery(), kept.delivered) else {
            return Ok(Fate::DeliveredBefore);
        };
        let too_large = || {
            let error =
                Error::new(Kind::AnswerNotKept, "the prompt was answered, but the answer was too large to keep");
            error.with_bedrock_request_id(kept.bedrock_request_id.clone())
        };
        let kept_answer = kept.answer.clone().ok_or_else(too_large)?;
        if kept.media_type == once::FAILED_RESULT {
            delivery.failed_result(self.message, kept_answer).await?;
            self.note_delivered().await;
            return Ok(Fate::DeadLettered);
        }
        let answer = Answer::parse(kept_answer.into_bytes()).ok_or_else(Error::internal)?;
        self.deliver(answer, kept.bedrock_request_id).await?;
        self.note_delivered().await;
        Ok(Fate::Replayed)
    }

    /// Decides about a message without an answer: buried if no later attempt can help, else returned.
    async fn settle(&self, error: Error) -> Outcome {
        let Some(delivery) = self.work.function.delivery() else {
            self.forget().await;
            return Outcome { fate: None, error: Some(error) };
        };
        // What could not be read cannot be sent on either: SQS itself moves it when it has been received often enough.
        let can_be_buried = self.message.body.is_ok();
        let error = if error.kind().row().retry || !can_be_buried {
            error
        } else {
            match self.bury(&error).await {
                Ok(()) => return Outcome { fate: Some(Fate::DeadLettered), error: Some(error) },
                Err(undelivered) => undelivered.caused_by(error.kind()),
            }
        };
        self.forget().await;
        if let Some(receipt) = self.message.receipt() {
            delivery.hide(&receipt, pause(&error, self.message.receives())).await;
        }
        Outcome { fate: Some(Fate::Returned), error: Some(error) }
    }

    /// Sends the message to the dead-letter queue, and a failed result to the results queue. The first is noted before the
    /// second, so that a message whose failed result is refused is not buried again.
    async fn bury(&self, error: &Error) -> Result<(), Error> {
        let delivery = self.work.function.delivery().ok_or_else(Error::internal)?;
        let result = result::failed(self.message, error, self.start.elapsed())?;
        delivery.dead_letter(self.message, error).await?;
        if let (Some(once), Some(key)) = (self.work.function.once(), self.key()) {
            let _ = once.buried(&key, &result).await;
        }
        delivery.failed_result(self.message, result).await?;
        self.note_delivered().await;
        Ok(())
    }
}

/// How long a message is hidden: until a lease ends, or twice as long after each receive, give or take a quarter, so
/// that messages which failed together do not come together again.
fn pause(error: &Error, receives: u32) -> Duration {
    if let (Kind::InProgress, Some(lease)) = (error.kind(), error.retry_after()) {
        return lease + Duration::from_secs(1);
    }
    let doubled = FIRST_PAUSE.saturating_mul(1 << receives.saturating_sub(1).min(16));
    doubled.min(LONGEST_PAUSE).mul_f64(0.75 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_with_each_receive_up_to_a_limit() {
        let error = Error::new(Kind::Throttled, "x");
        let seconds = |receives| pause(&error, receives).as_secs_f64();
        for _ in 0..100 {
            assert!((22.5..=37.5).contains(&seconds(1)) && (90.0..=150.0).contains(&seconds(3)));
            assert!((675.0..=1125.0).contains(&seconds(1000)));
        }
        let of_many: std::collections::BTreeSet<_> = (0..100).map(|_| pause(&error, 1)).collect();
        assert!(of_many.len() > 50, "what failed together does not come together again");
        let error = Error::new(Kind::InProgress, "x").with_retry_after(Duration::from_secs(40));
        assert_eq!(pause(&error, 5), Duration::from_secs(41));
    }
}

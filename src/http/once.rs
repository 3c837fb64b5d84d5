//! The `Idempotency-Key` header: a prompt that was answered under the same key is answered with the same answer.

use super::Door;
use super::response::Answer;
use super::script::Script;
use crate::error::{Error, Kind};
use crate::once::{self, Claim, Fingerprint, Kept, Key};
use crate::sse;
use crate::telemetry::{self, Fate, Handled};
use std::time::{Duration, SystemTime};

/// What a record may take at the end of a prompt, and some time more.
const LEASE_MARGIN: Duration = Duration::from_secs(3);

/// What is to be done with a prompt.
pub(super) enum Begun {
    /// It is to be asked; with a claim, if it came with a key that is remembered.
    Ask(Option<Claim>),
    /// It was answered before, like this.
    Replay(Kept),
}

/// Begins a prompt under its key, if it has one and there is a memory.
///
/// # Errors
/// [`Kind::InProgress`], [`Kind::KeyReused`], [`Kind::MemoryUnavailable`], or a key that is none.
pub(super) async fn begin(door: &Door<'_>, event: &[u8], longest: Duration) -> Result<Begun, Error> {
    let chosen = door.request.idempotency_key()?;
    // Callers of whom nothing is known would share their keys.
    let (Some(memory), Some(caller), Some(chosen)) = (door.function.once(), door.request.caller(), chosen) else {
        return Ok(Begun::Ask(None));
    };
    let key = Key::of_request(caller, door.asker.route.unwrap_or_default(), chosen);
    // No longer than it can take, so that nobody waits for a process that has died.
    let lease = door.invocation.deadline().min(SystemTime::now() + longest + LEASE_MARGIN);
    let begun = memory.begin(key, Fingerprint::of(event, &door.request.betas()), &door.asker.request_id, lease).await?;
    match begun {
        once::Begun::Fresh(claim) => Ok(Begun::Ask(Some(claim))),
        once::Begun::Answered(kept) => Ok(Begun::Replay(kept)),
        once::Begun::InProgress(left) => {
            let sentence = "the prompt with this Idempotency-Key is being answered";
            Err(Error::new(Kind::InProgress, sentence).with_retry_after(left))
        }
        once::Begun::OtherPrompt => {
            Err(Error::new(Kind::KeyReused, "this Idempotency-Key came with another request before"))
        }
    }
}

/// The answer that was given, whole or as the stream that it was, and the line that says so.
///
/// # Errors
/// [`Kind::AnswerNotKept`].
pub(super) fn replay(door: &Door<'_>, kept: Kept, script: Script) -> Result<Answer, Error> {
    let Some(body) = kept.answer else {
        let sentence = "the prompt was answered under this Idempotency-Key, but the answer was too large to keep";
        let error = Error::new(Kind::AnswerNotKept, sentence).with_bedrock_request_id(kept.bedrock_request_id);
        return Err(door.function.refuse(&door.asker, error));
    };
    // A stream is kept in the model's own events, whatever its reader was told.
    let body = if kept.media_type == sse::MEDIA_TYPE { script.rewritten(body) } else { body };
    let handled = Handled { fate: Some(Fate::Replayed), ..Handled::default() };
    telemetry::prompt_handled(&door.asker, &crate::claude::Call::default(), &handled);
    let answer = Answer::verbatim(&kept.media_type, body).with_header("idempotency-replayed", "true");
    Ok(answer.with_bedrock_request_id(kept.bedrock_request_id.as_deref()))
}

/// Ends a prompt that was answered whole: its answer is kept, and an error forgotten.
pub(super) async fn end(
    door: &Door<'_>,
    claim: Option<Claim>,
    outcome: Result<Answer, Error>,
) -> Result<Answer, Error> {
    let (Some(memory), Some(claim)) = (door.function.once(), claim) else {
        return outcome;
    };
    let ended = match outcome.as_ref().map(Answer::kept) {
        Ok(Some(kept)) => memory.keep(&claim, &kept).await,
        Ok(None) => Ok(()),
        Err(_) => memory.forget(&claim).await,
    };
    if ended.is_err() {
        telemetry::not_remembered(&door.asker.request_id);
    }
    outcome
}

/// Says to whoever sent a key that nothing is remembered here.
pub(super) fn say(door: &Door<'_>, answer: Answer) -> Answer {
    let remembers = door.function.once().is_some() && door.request.caller().is_some();
    let in_vain = !remembers && door.request.idempotency_key().is_ok_and(|key| key.is_some());
    if in_vain { answer.with_header("kokunai-idempotency", "off") } else { answer }
}

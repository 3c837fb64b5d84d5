//! The relay: a task that reads a streamed answer to its end, whether its client stays or not, and writes its line.

use crate::budget::Budget;
use crate::claude::{Events, Record};
use crate::error::{Error, Kind};
use crate::function::Function;
use crate::once::{Claim, Kept};
use crate::prompt::Prompt;
use crate::sse;
use crate::tally::{Event, Tally};
use crate::telemetry::{self, Asker, Handled, Streamed};
use crate::trace::Operation;
use bytes::Bytes;
use futures_util::FutureExt;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{timeout, timeout_at};

/// How many events may wait for their client. More would only fill memory: Bedrock waits as well.
const WAITING_EVENTS: usize = 16;

/// How long something may still come after the message has been told to its end: Bedrock's own account, at most.
const AFTERTHOUGHT: Duration = Duration::from_secs(1);

/// The client's end of a streamed answer. Dropping it is the client's leaving; the answer is read to its end all the same,
/// because it is billed to its end.
pub struct Relay {
    events: mpsc::Receiver<Event>,
    /// What went wrong in the end. It has a way of its own, so that no event that waits for a slow client is in its way.
    last_word: oneshot::Receiver<Error>,
    record: Record,
}

impl Relay {
    /// The next event; an error is the last thing that comes.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        match self.events.recv().await {
            Some(event) => Some(Ok(event)),
            // The reader has said its last word, if it has one, before it hung up.
            None => self.last_word.try_recv().ok().map(Err),
        }
    }

    /// Bedrock's ID of the call, once Bedrock has begun to answer.
    #[must_use]
    pub fn bedrock_request_id(&self) -> Option<String> {
        self.record.call().request_ids.pop()
    }
}

/// The tasks of one process that read on, by Lambda's ID of their invocation.
#[derive(Default)]
pub struct Relays(Mutex<HashMap<String, JoinHandle<ClientGone>>>);

/// Whether the client of a stream left before its end.
type ClientGone = bool;

impl Relays {
    /// Starts to ask for an answer as a stream.
    pub fn start(
        &self,
        function: &Arc<Function>,
        asker: Asker,
        prompt: Prompt,
        claim: Option<Claim>,
        budget: Budget,
    ) -> Relay {
        let (client, events) = mpsc::channel(WAITING_EVENTS);
        let (error, last_word) = oneshot::channel();
        let record = Record::default();
        let request_id = asker.request_id.clone();
        let reader = Reader { function: Arc::clone(function), asker, budget, record: record.clone(), claim, client };
        let task = tokio::spawn(reader.run(prompt, error));
        self.tasks().insert(request_id, task);
        Relay { events, last_word, record }
    }

    /// Waits until the stream of an invocation has been read to its end, if it has one, and tells whether its client left.
    pub async fn settled(&self, request_id: &str) -> bool {
        let task = self.tasks().remove(request_id);
        match task {
            // It catches its own panics, and nobody aborts it.
            Some(task) => task.await.unwrap_or_default(),
            None => false,
        }
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<String, JoinHandle<ClientGone>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads from Bedrock and hands on to the client.
struct Reader {
    function: Arc<Function>,
    asker: Asker,
    budget: Budget,
    record: Record,
    /// The duty to remember the answer, if it is to be given only once.
    claim: Option<Claim>,
    client: mpsc::Sender<Event>,
}

/// What has been read so far: it outlives a panic of the reading.
#[derive(Default)]
struct Progress {
    tally: Tally,
    first_token: Option<Duration>,
    client_gone: bool,
    /// The frames, where they are to be remembered.
    frames: Vec<u8>,
}

impl Reader {
    async fn run(self, prompt: Prompt, last_word: oneshot::Sender<Error>) -> ClientGone {
        let (dropped, max_tokens) = (prompt.dropped().clone(), prompt.max_tokens());
        let mut progress = Progress::default();
        let reading = AssertUnwindSafe(self.read(prompt, &mut progress)).catch_unwind();
        let outcome = reading.await.unwrap_or_else(|_| Err(Error::internal()));
        let Progress { tally, first_token, client_gone, frames } = progress;
        let call = self.record.call();
        let handled = Handled {
            usage: tally.usage(),
            stop_reason: tally.stop_reason(),
            streamed: Some(Streamed { first_token, client_gone }),
            max_tokens: Some(max_tokens),
            dropped: Some(&dropped),
            error: outcome.as_ref().err(),
            ..Handled::default()
        };
        telemetry::prompt_handled(&self.asker, &call, &handled);
        let place = self.asker.place.as_ref();
        self.function.trace(place, Operation::InvokeModelWithResponseStream, &call, outcome.as_ref().err());
        self.remember(frames, outcome.is_ok(), call.request_ids.last()).await;
        if let Err(error) = outcome {
            // Whoever has gone does not hear it.
            let _ = last_word.send(error.with_bedrock_request_id(call.request_ids.into_iter().next_back()));
        }
        client_gone
    }

    async fn read(&self, prompt: Prompt, progress: &mut Progress) -> Result<(), Error> {
        let mut events = self.function.claude().open(prompt, self.budget, &self.record).await?;
        while let Some(chunk) = next(&mut events, progress.tally.is_complete()).await? {
            let event = progress.tally.read(chunk)?;
            if progress.first_token.is_none() && progress.tally.began() {
                progress.first_token = Some(self.asker.start.elapsed());
            }
            if let Some(event) = event {
                if self.claim.is_some() {
                    progress.frames.extend_from_slice(&sse::frame(&event.kind, &event.data));
                }
                self.hand_on(event, progress).await?;
            }
        }
        if progress.tally.is_complete() {
            return Ok(());
        }
        Err(Error::new(Kind::Unreachable, "the answer broke off before its end"))
    }

    /// Hands an event to the client, at its pace, but not beyond the deadline.
    async fn hand_on(&self, event: Event, progress: &mut Progress) -> Result<(), Error> {
        if progress.client_gone {
            return Ok(());
        }
        let sending = timeout_at(self.budget.deadline(), self.client.send(event));
        let late = |_| Error::new(Kind::Timeout, "the answer was not read within the time budget");
        progress.client_gone = sending.await.map_err(late)?.is_err();
        Ok(())
    }

    /// Keeps a stream that was told to its end, and forgets one that was not.
    async fn remember(&self, frames: Vec<u8>, is_complete: bool, bedrock_request_id: Option<&String>) {
        let (Some(once), Some(claim)) = (self.function.once(), &self.claim) else {
            return;
        };
        let ended = if is_complete {
            let kept = Kept {
                answer: String::from_utf8(frames).ok(),
                media_type: sse::MEDIA_TYPE.to_owned(),
                bedrock_request_id: bedrock_request_id.cloned(),
                delivered: true,
            };
            once.keep(claim, &kept).await
        } else {
            once.forget(claim).await
        };
        if ended.is_err() {
            telemetry::not_remembered(&self.asker.request_id);
        }
    }
}

/// The next chunk. Once the message `is_complete`, nothing that goes wrong can take it back: then it is the end.
async fn next(events: &mut Events, is_complete: bool) -> Result<Option<Bytes>, Error> {
    if !is_complete {
        return events.next().await;
    }
    Ok(timeout(AFTERTHOUGHT, events.next()).await.ok().and_then(Result::ok).flatten())
}

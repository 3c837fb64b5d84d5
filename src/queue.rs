//! The queue door: an SQS batch in, the messages that were not answered out.
//!
//! Every message counts as failed until it has been answered. What fails, panics or is never started stays in the
//! set of unanswered messages, and that set is the response: no path has to remember to report it.

mod message;

use crate::error::{Error, Kind};
use crate::function::{Function, Invocation};
use crate::telemetry::{self, Source};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};
pub use message::Batch;
use message::{Lane, Message};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The partial batch response: Lambda keeps these messages in the queue, and deletes the others.
pub type BatchResponse = SqsBatchResponse;

/// How many messages of a batch are asked at once: as many as a batch has by default.
const CONCURRENT_MESSAGES: usize = 10;

/// What all lanes share.
struct Work {
    function: Arc<Function>,
    invocation: Arc<Invocation>,
    slots: Semaphore,
    progress: mpsc::UnboundedSender<Progress>,
}

/// What a lane reports of the message at a position in the batch.
enum Progress {
    Started(usize),
    Answered(usize),
}

/// Answers the messages of a batch, each by itself, until the deadline.
///
/// # Errors
/// [`Kind::UnknownEvent`] if a message without an ID was not answered: only the whole batch can be kept for it.
pub async fn serve(
    function: &Arc<Function>,
    invocation: &Arc<Invocation>,
    batch: Batch,
) -> Result<BatchResponse, Error> {
    let ids = batch.ids();
    let mut unanswered: BTreeSet<usize> = (0..ids.len()).collect();
    let mut untried = unanswered.clone();

    let (progress, mut steps) = mpsc::unbounded_channel();
    let slots = Semaphore::new(CONCURRENT_MESSAGES);
    let (function, invocation) = (Arc::clone(function), Arc::clone(invocation));
    let request_id = invocation.request_id().to_owned();
    let work = Arc::new(Work { function, invocation, slots, progress });
    // Dropped with this future, the lanes end with it.
    let _lanes: JoinSet<()> = batch.into_lanes().map(|lane| drive(Arc::clone(&work), lane)).collect();
    drop(work);
    // The channel closes when the last lane has ended, in whichever way: each prompt ends within its budget.
    while let Some(step) = steps.recv().await {
        match step {
            Progress::Started(position) => untried.remove(&position),
            Progress::Answered(position) => unanswered.remove(&position),
        };
    }
    if !untried.is_empty() {
        telemetry::returned_untried(&request_id, untried.len());
    }
    response(&ids, &unanswered)
}

/// Answers the messages of one lane in order, up to the first that fails.
async fn drive(work: Arc<Work>, lane: Lane) {
    for message in lane {
        let Ok(_slot) = work.slots.acquire().await else {
            return;
        };
        if Instant::now() >= work.invocation.budget().deadline() {
            return;
        }
        // The receiver outlives every lane, so sending cannot fail.
        let _ = work.progress.send(Progress::Started(message.position));
        if answer(&work, &message).await.is_err() {
            return;
        }
        let _ = work.progress.send(Progress::Answered(message.position));
    }
}

async fn answer(work: &Work, message: &Message) -> Result<(), Error> {
    let mut asker = work.invocation.asker(Source::Queue);
    asker.message_id = message.id.as_deref();
    asker.caller = message.sender.as_deref();
    let budget = work.invocation.budget().starting_now();
    work.function.answer(&asker, message.body.as_deref().map_err(Error::clone), budget).await.map(|_| ())
}

fn response(ids: &[Option<String>], unanswered: &BTreeSet<usize>) -> Result<BatchResponse, Error> {
    let mut response = BatchResponse::default();
    for position in unanswered {
        // Lambda would take an empty identifier for a failure of the whole batch; say so ourselves, with the reason.
        let Some(id) = ids[*position].clone().filter(|id| !id.is_empty()) else {
            let message =
                format!("Records.{position}.messageId: is missing, so the message cannot be returned by itself");
            return Err(Error::new(Kind::UnknownEvent, message));
        };
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        response.batch_item_failures.push(failure);
    }
    Ok(response)
}

//! The queue door: an SQS batch in, the messages that were not answered out.
//!
//! Every message counts as failed until it has been answered. What fails, panics or is never started stays in the
//! set of unanswered messages, and that set is the response: no path has to remember to report it.

mod delivery;
mod envelope;
mod handling;
mod message;
mod result;

use crate::budget::Budget;
use crate::error::{Error, Kind};
use crate::function::{Function, Invocation};
use crate::once;
use crate::telemetry;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};
pub use delivery::Delivery;
use futures_util::future::join_all;
pub use message::Batch;
use message::{Lane, Message, Receipt};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The partial batch response: Lambda keeps these messages in the queue, and deletes the others.
pub type BatchResponse = SqsBatchResponse;

/// Kept back from the time of a prompt where its result has to be delivered, for the longest way out: its answer is too large,
/// so that it is kept, buried, noted and told as failed; none of that is taken; and it and its neighbours are shown again.
const DELIVERING: Duration = delivery::PATIENCE.saturating_mul(4).saturating_add(once::PATIENCE.saturating_mul(3));

/// What all lanes share.
struct Work {
    function: Arc<Function>,
    invocation: Arc<Invocation>,
    slots: Semaphore,
    pace: Pace,
    progress: mpsc::UnboundedSender<Progress>,
}

/// How long the model has taken for the messages of this batch that it answered.
#[derive(Default)]
struct Pace(Mutex<(Duration, u32)>);

impl Pace {
    fn note(&self, taken: Duration) {
        let mut so_far = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        so_far.0 += taken;
        so_far.1 += 1;
    }

    /// What the next one is likely to take; nothing as long as none was answered.
    fn estimate(&self) -> Duration {
        let (total, count) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        total.checked_div(count).unwrap_or_default()
    }
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
    if batch.messages().iter().any(|message| function.delivers_to(message.queue_arn.as_deref())) {
        let message =
            "this batch comes from a queue that results or dead letters go to, so its messages would go round";
        return Err(Error::new(Kind::UnknownEvent, message));
    }
    let ids = batch.ids();
    let mut unanswered: BTreeSet<usize> = (0..ids.len()).collect();
    let mut untried = unanswered.clone();

    let (progress, mut steps) = mpsc::unbounded_channel();
    let slots = Semaphore::new(function.settings().queue_concurrency);
    let (function, invocation) = (Arc::clone(function), Arc::clone(invocation));
    let request_id = invocation.request_id().to_owned();
    let work = Arc::new(Work { function: Arc::clone(&function), invocation, slots, pace: Pace::default(), progress });
    let receipts: Vec<Option<Receipt>> = batch.messages().iter().map(Message::receipt).collect();
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
        // Where nothing at all could be started, the time-out is too short, and the messages would only come again and again.
        if let Some(delivery) = function.delivery().filter(|_| untried.len() < ids.len()) {
            let receipts = untried.iter().filter_map(|position| receipts[*position].as_ref());
            join_all(receipts.map(|receipt| delivery.hide(receipt, Duration::ZERO))).await;
        }
    }
    response(&ids, &unanswered)
}

/// Answers the messages of one lane in order, up to the first that fails.
async fn drive(work: Arc<Work>, lane: Lane) {
    for message in lane {
        let Ok(_slot) = work.slots.acquire().await else {
            return;
        };
        if Instant::now() + work.pace.estimate() >= work.budget().last() {
            return;
        }
        // The receiver outlives every lane, so sending cannot fail.
        let _ = work.progress.send(Progress::Started(message.position));
        if !handling::handle(&work, &message).await {
            return;
        }
        let _ = work.progress.send(Progress::Answered(message.position));
    }
}

impl Work {
    /// The time of the prompts: Lambda's, less what delivering takes.
    fn budget(&self) -> Budget {
        let budget = self.invocation.budget();
        if self.function.delivery().is_some() { budget.keeping_back(DELIVERING) } else { budget }
    }
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

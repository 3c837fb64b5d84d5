//! The queue door: an SQS batch in, the messages that were not answered out.
//!
//! Every message counts as failed until it has been answered. What fails, panics or is never started stays in the
//! set of unanswered messages, and that set is the response: no path has to remember to report it.

use crate::error::{Error, Kind};
use crate::function::{Function, Invocation};
use crate::telemetry::{self, Source};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The partial batch response: Lambda keeps these messages in the queue, and deletes the others.
pub type BatchResponse = SqsBatchResponse;

/// How many messages of a batch are asked at once: as many as a batch has by default.
const CONCURRENT_MESSAGES: usize = 10;

/// The messages of one SQS event.
pub struct Batch(Vec<SqsMessage>);

/// Messages that must be answered one after another: those of one FIFO group. In a standard queue, each message
/// has a lane of its own.
type Lane = Vec<(usize, SqsMessage)>;

/// What all lanes share.
struct Work {
    function: Arc<Function>,
    invocation: Arc<Invocation>,
    slots: Semaphore,
    answered: mpsc::UnboundedSender<Progress>,
}

/// What a lane reports of the message at a position in the batch.
enum Progress {
    Started(usize),
    Answered(usize),
}

impl Batch {
    /// The messages of an SQS event.
    #[must_use]
    pub fn new(event: SqsEvent) -> Self {
        Self(event.records)
    }

    /// Sorts the messages into lanes, in the order in which they came.
    fn into_lanes(self) -> impl Iterator<Item = Lane> {
        let mut groups: BTreeMap<(Option<String>, usize), Lane> = BTreeMap::new();
        for (position, mut message) in self.0.into_iter().enumerate() {
            let group = message.attributes.remove("MessageGroupId");
            // Without a group, the position makes the key unique.
            let own = if group.is_some() { 0 } else { position };
            groups.entry((group, own)).or_default().push((position, message));
        }
        groups.into_values()
    }
}

/// Answers the messages of a batch, each by itself, until the deadline.
///
/// # Errors
/// [`Kind::UnknownEvent`] if a message without an ID was not answered: only the whole batch can be kept for it.
pub async fn serve(
    function: &Arc<Function>,
    invocation: Arc<Invocation>,
    batch: Batch,
) -> Result<BatchResponse, Error> {
    let ids: Vec<Option<String>> = batch.0.iter().map(|message| message.message_id.clone()).collect();
    let mut unanswered: BTreeSet<usize> = (0..ids.len()).collect();
    let mut untried = unanswered.clone();
    let request_id = invocation.request_id().to_owned();

    let (answered, mut progress) = mpsc::unbounded_channel();
    let slots = Semaphore::new(CONCURRENT_MESSAGES);
    let work = Arc::new(Work {
        function: Arc::clone(function),
        invocation,
        slots,
        answered,
    });
    let _lanes: JoinSet<()> = batch.into_lanes().map(|lane| drive(Arc::clone(&work), lane)).collect();
    drop(work);
    // The channel closes when the last lane has ended, in whichever way: each prompt ends within its budget.
    while let Some(step) = progress.recv().await {
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
    for (position, message) in lane {
        let Ok(_slot) = work.slots.acquire().await else {
            return;
        };
        if Instant::now() >= work.invocation.budget().deadline() {
            return;
        }
        // The receiver outlives every lane, so sending cannot fail.
        let _ = work.answered.send(Progress::Started(position));
        if answer(&work, &message).await.is_err() {
            return;
        }
        let _ = work.answered.send(Progress::Answered(position));
    }
}

async fn answer(work: &Work, message: &SqsMessage) -> Result<(), Error> {
    let mut asker = work.invocation.asker(Source::Queue);
    asker.message_id = message.message_id.as_deref();
    asker.caller = message.attributes.get("SenderId").map(String::as_str);
    let body = message
        .body
        .as_deref()
        .ok_or_else(|| Error::invalid("body", "is missing"));
    let budget = work.invocation.budget().starting_now();
    work.function
        .answer(&asker, body.map(str::as_bytes), budget)
        .await
        .map(|_| ())
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

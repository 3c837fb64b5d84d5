//! A stand-in for Lambda's event source mapping: takes batches from a queue to the function, and deletes what it has done.
//!
//! It is a real client of SQS over [`crate::transport`], so that it works with [`crate::sqs`] and with any other emulator
//! that listens on an address. What Lambda leaves alone, it leaves alone: a message that failed becomes visible again when its
//! visibility time-out ends, and not before, unless the function itself changes that.

mod collect;
mod event;
mod groups;
mod verdict;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use tokio::task::JoinSet;

use self::event::Batch;
use self::groups::Groups;
use crate::runtime_api::{Invocation, Invoker, RuntimeApi};
use crate::server::lock;
use crate::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, TEST_SESSION_TOKEN, transport};

/// The most messages that one call of SQS gives or deletes.
const MAX_ENTRIES: usize = 10;

/// How long to leave a queue alone that has refused a receive.
const REST: Duration = Duration::from_millis(100);

/// How a queue is mapped to the function.
#[derive(Debug, Clone)]
pub struct PollerSettings {
    /// The URL of the queue, as its emulator knows it; the last two parts of its path are the account and the name.
    pub queue_url: String,
    /// The most messages of a batch: up to 10,000, or 10 from a FIFO queue.
    pub batch_size: usize,
    /// How long a batch waits to be filled once it has a message. Without it, a batch is what one call gives.
    pub window: Duration,
    /// How many batches the function handles at once.
    pub maximum_concurrency: usize,
    /// How long the function has for a batch.
    pub timeout: Duration,
    /// How long a receive waits for a message: in whole seconds, 20 s at most. An emulator that answers one request at a time
    /// must not be asked to wait.
    pub wait: Duration,
    /// Whether the function's response says which messages failed (`ReportBatchItemFailures`); if not, nobody reads it.
    pub report_batch_item_failures: bool,
}

impl PollerSettings {
    /// Batches of ten, two at once, with thirty seconds each and partial responses.
    #[must_use]
    pub fn new(queue_url: impl Into<String>) -> Self {
        Self {
            queue_url: queue_url.into(),
            batch_size: MAX_ENTRIES,
            window: Duration::ZERO,
            maximum_concurrency: 2,
            timeout: Duration::from_secs(30),
            wait: collect::LONG_POLL,
            report_batch_item_failures: true,
        }
    }

    fn is_fifo(&self) -> bool {
        self.queue_url.ends_with(".fifo")
    }
}

/// What a poller has done so far. A message counts each time that it is delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PollerCounts {
    /// Batches that the function has answered, or has failed to.
    pub batches: usize,
    /// The messages in them.
    pub messages: usize,
    /// Those that were deleted, because they were done.
    pub deleted: usize,
    /// Those that were left in the queue, because they, or their batch, had failed.
    pub kept: usize,
    /// Receives that the queue answered, also with nothing.
    pub receives: usize,
    /// Receives that the queue refused, retries not counted.
    pub failed_receives: usize,
    /// Messages that were done but that the queue did not delete, so that they will be delivered again.
    pub failed_deletes: usize,
}

/// A running poller; dropping it stops it at once, and what it has in hand becomes visible again in time.
#[derive(Debug)]
pub struct Poller {
    mapping: Arc<Mapping>,
    _workers: JoinSet<()>,
}

impl Poller {
    /// Starts to poll a queue of the SQS, or the emulator, that listens here, on the caller's tokio runtime.
    ///
    /// # Panics
    ///
    /// When Lambda would not take the settings.
    #[must_use]
    pub fn start(sqs: SocketAddr, settings: PollerSettings, api: &RuntimeApi) -> Self {
        let most = if settings.is_fifo() { MAX_ENTRIES } else { 10_000 };
        assert!((1..=most).contains(&settings.batch_size), "a batch has from 1 to {most} messages");
        assert!(!settings.is_fifo() || settings.window.is_zero(), "a FIFO queue has no batching window");
        assert!(
            settings.batch_size <= MAX_ENTRIES || !settings.window.is_zero(),
            "a batch of more than {MAX_ENTRIES} messages needs a batching window"
        );
        let concurrency = settings.maximum_concurrency;
        let mapping = Arc::new(Mapping {
            client: client(sqs),
            settings,
            invoker: api.invoker(),
            groups: Groups::default(),
            in_hand: Mutex::default(),
            counts: Mutex::default(),
        });
        let workers = (0..concurrency).map(|_| work(Arc::clone(&mapping))).collect();
        Self { mapping, _workers: workers }
    }

    /// The IDs of the messages that the function has in hand now.
    #[must_use]
    pub fn in_hand(&self) -> Vec<String> {
        lock(&self.mapping.in_hand).clone()
    }

    /// What has been done so far.
    #[must_use]
    pub fn counts(&self) -> PollerCounts {
        *lock(&self.mapping.counts)
    }
}

#[derive(Debug)]
struct Mapping {
    client: Client,
    settings: PollerSettings,
    invoker: Invoker,
    groups: Groups,
    in_hand: Mutex<Vec<String>>,
    counts: Mutex<PollerCounts>,
}

/// Takes one batch after another to the function; as many of these run as there may be batches at once.
async fn work(mapping: Arc<Mapping>) {
    loop {
        let collected = mapping.collect().await;
        lock(&mapping.counts).receives += usize::from(collected.is_ok());
        match collected {
            Ok(messages) if messages.is_empty() && mapping.settings.wait.is_zero() => tokio::time::sleep(REST).await,
            Ok(messages) => {
                for batch in event::batches(messages, &mapping.settings.queue_url) {
                    mapping.deliver(batch).await;
                }
            }
            Err(()) => {
                lock(&mapping.counts).failed_receives += 1;
                tokio::time::sleep(REST).await;
            }
        }
    }
}

impl Mapping {
    async fn deliver(&self, batch: Batch) {
        // In a standard queue a group is a tenant, and its messages have no order.
        let groups = if self.settings.is_fifo() { batch.groups() } else { Vec::new() };
        let _held = self.groups.hold(groups).await;
        let invocation = Invocation::new(batch.event()).timeout(self.settings.timeout);
        let ids: Vec<String> = batch.handles().map(|(id, _)| id.to_owned()).collect();
        lock(&self.in_hand).extend(ids.iter().cloned());
        let outcome = self.invoker.invoke(invocation).await;
        lock(&self.in_hand).retain(|id| !ids.contains(id));
        let done = verdict::done(&outcome, &batch, self.settings.report_batch_item_failures);
        let deleted = self.delete(&done).await;
        let mut counts = lock(&self.counts);
        counts.batches += 1;
        counts.messages += batch.len();
        counts.kept += batch.len() - done.len();
        counts.deleted += deleted;
        counts.failed_deletes += done.len() - deleted;
    }

    /// Deletes what these handles stand for, and says how many of them the queue accepted.
    async fn delete(&self, handles: &[&str]) -> usize {
        let mut deleted = 0;
        for handles in handles.chunks(MAX_ENTRIES) {
            let entry = |(number, handle): (usize, &&str)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(number.to_string()).receipt_handle(*handle);
                // Both members are there, so it can be built.
                entry.build().ok()
            };
            let entries = handles.iter().enumerate().filter_map(entry).collect();
            let call =
                self.client.delete_message_batch().queue_url(&self.settings.queue_url).set_entries(Some(entries));
            deleted += call.send().await.map_or(0, |answer| answer.successful.len());
        }
        deleted
    }
}

fn client(sqs: SocketAddr) -> Client {
    let token = Some(TEST_SESSION_TOKEN.to_owned());
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, token, None, "poller");
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(credentials)
        .http_client(transport::loopback(sqs));
    Client::from_conf(config.build())
}

#[cfg(test)]
mod tests;

//! A message in a queue, and what a test may see of it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::attribute::Attribute;
use super::draft::Draft;

/// The sender of every message: the session of an assumed role, of which SQS gives the ID.
const SENDER: &str = "AROAKOKUNAISTANDIN001:kokunai";

/// A message, as a test finds it in a queue.
#[derive(Debug, Clone)]
pub struct StoredMessage {
    /// The ID that SQS gave it, which it keeps in a dead-letter queue.
    pub id: String,
    /// The body.
    pub body: String,
    /// The sender's attributes.
    pub attributes: BTreeMap<String, Attribute>,
    /// SQS's own attributes, as a receiver would be given them now.
    pub system_attributes: BTreeMap<String, String>,
    /// The group, if it has one.
    pub group: Option<String>,
    /// How often it has been received.
    pub receives: u32,
    /// How long it is hidden from now on, be it because it was received or because it is delayed; nothing if it is visible.
    pub hidden_for: Option<Duration>,
    /// Whether it has been received and is hidden because of that.
    pub in_flight: bool,
}

/// The last receive of a message.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) handle: String,
    pub(super) since: Instant,
}

#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) draft: Draft,
    /// The place in the order of a FIFO queue.
    pub(super) sequence: Option<String>,
    pub(super) sent: SystemTime,
    pub(super) stored: Instant,
    pub(super) first_received: Option<SystemTime>,
    pub(super) receives: u32,
    pub(super) hidden_until: Option<Instant>,
    pub(super) flight: Option<Flight>,
    /// The ARN of the queue that it was moved from.
    pub(super) dead_letter_of: Option<String>,
}

impl Message {
    pub(super) fn is_hidden(&self, now: Instant) -> bool {
        self.hidden_until.is_some_and(|until| until > now)
    }

    /// Whether this is the handle of its last receive.
    pub(super) fn is_held_by(&self, handle: &str) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.handle == handle)
    }

    pub(super) fn is_in_flight(&self, now: Instant) -> bool {
        self.flight.is_some() && self.is_hidden(now)
    }

    /// SQS's own attributes, by their names.
    pub(super) fn system_attributes(&self) -> BTreeMap<String, String> {
        let draft = &self.draft;
        let all = [
            ("ApproximateReceiveCount", Some(self.receives.to_string())),
            ("SentTimestamp", Some(milliseconds(self.sent))),
            ("SenderId", Some(SENDER.to_owned())),
            ("ApproximateFirstReceiveTimestamp", self.first_received.map(milliseconds)),
            ("SequenceNumber", self.sequence.clone()),
            ("MessageGroupId", draft.group.clone()),
            ("MessageDeduplicationId", draft.deduplication.clone()),
            ("AWSTraceHeader", draft.trace_header().map(str::to_owned)),
            ("DeadLetterQueueSourceArn", self.dead_letter_of.clone()),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    pub(super) fn to_stored(&self, now: Instant) -> StoredMessage {
        StoredMessage {
            id: self.id.clone(),
            body: self.draft.body.clone(),
            attributes: self.draft.attributes.clone(),
            system_attributes: self.system_attributes(),
            group: self.draft.group.clone(),
            receives: self.receives,
            hidden_for: self.hidden_until.map(|until| until.duration_since(now)).filter(|time| !time.is_zero()),
            in_flight: self.is_in_flight(now),
        }
    }
}

/// A moment in the form of SQS's timestamps.
fn milliseconds(moment: SystemTime) -> String {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string()
}

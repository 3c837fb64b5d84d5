//! The messages of an SQS event, each read by itself, and the order in which they must be answered.

use crate::error::Error;
use crate::residency::QueueUrl;
use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The messages of one SQS event, in the order in which they came.
pub struct Batch(Vec<Message>);

/// One message, as far as it could be read.
pub(super) struct Message {
    /// Where it stands in the batch.
    pub(super) position: usize,
    /// Its ID, by which it is returned to the queue.
    pub(super) id: Option<String>,
    /// Its body, or why there is none.
    pub(super) body: Result<String, Error>,
    /// The queue that it came from.
    pub(super) queue_arn: Option<String>,
    receipt_handle: Option<String>,
    /// Its own attributes, which go on with the result.
    pub(super) attributes: HashMap<String, SqsMessageAttribute>,
    /// What SQS says of it, such as `SenderId`.
    system: HashMap<String, String>,
}

/// One receipt of a message: by it the message is hidden or shown.
#[derive(Clone)]
pub(super) struct Receipt {
    pub(super) queue: QueueUrl,
    pub(super) handle: String,
}

impl Message {
    /// Its receipt, if it came from a queue in Tokyo as SQS sends it.
    pub(super) fn receipt(&self) -> Option<Receipt> {
        let queue = QueueUrl::of_arn(self.queue_arn.as_deref()?)?;
        Some(Receipt { queue, handle: self.receipt_handle.clone()? })
    }

    /// Who sent it.
    pub(super) fn sender(&self) -> Option<&str> {
        self.system("SenderId")
    }

    /// Its group: an order in a FIFO queue, a tenant in any other.
    pub(super) fn group(&self) -> Option<&str> {
        self.system("MessageGroupId")
    }

    /// The X-Ray header that its sender passed on.
    pub(super) fn trace_header(&self) -> Option<&str> {
        self.system("AWSTraceHeader")
    }

    /// How often it was received, this time included.
    pub(super) fn receives(&self) -> u32 {
        self.system("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
    }

    /// How long it waited since it was sent.
    pub(super) fn waited(&self) -> Option<Duration> {
        let sent = UNIX_EPOCH + Duration::from_millis(self.system("SentTimestamp")?.parse().ok()?);
        SystemTime::now().duration_since(sent).ok()
    }

    fn system(&self, name: &str) -> Option<&str> {
        self.system.get(name).map(String::as_str)
    }

    /// The group whose order must be kept. In a standard queue the group is a tenant, whose messages wait for nobody: SQS
    /// shares the queue out by it.
    fn fifo_group(&self) -> Option<&str> {
        self.group().filter(|_| self.queue_arn.as_deref().is_some_and(|arn| arn.ends_with(".fifo")))
    }
}

/// Messages that must be answered one after another: those of one FIFO group. Any other message has a lane of its own.
pub(super) type Lane = Vec<Message>;

impl Batch {
    /// Reads the records of an SQS event. One that cannot be read fails by itself, and takes no other with it.
    #[must_use]
    pub fn new(records: &[&RawValue]) -> Self {
        Self(records.iter().enumerate().map(|(position, record)| Message::read(position, record)).collect())
    }

    /// The messages as they stand.
    pub(super) fn messages(&self) -> &[Message] {
        &self.0
    }

    /// The IDs of the messages, by position.
    pub(super) fn ids(&self) -> Vec<Option<String>> {
        self.0.iter().map(|message| message.id.clone()).collect()
    }

    /// Sorts the messages into lanes, in the order in which they came.
    pub(super) fn into_lanes(self) -> impl Iterator<Item = Lane> {
        let mut lanes: BTreeMap<(Option<String>, usize), Lane> = BTreeMap::new();
        for message in self.0 {
            // Without a group, the position makes the key unique.
            let group = message.fifo_group().map(str::to_owned);
            let own = if group.is_some() { 0 } else { message.position };
            lanes.entry((group, own)).or_default().push(message);
        }
        lanes.into_values()
    }
}

impl Message {
    fn read(position: usize, record: &RawValue) -> Self {
        let Ok(message) = serde_json::from_str::<SqsMessage>(record.get()) else {
            return Self::unreadable(position, record);
        };
        Self {
            position,
            id: message.message_id,
            body: message.body.ok_or_else(|| Error::invalid("body", "is missing")),
            queue_arn: message.event_source_arn,
            receipt_handle: message.receipt_handle,
            attributes: message.message_attributes,
            system: message.attributes,
        }
    }

    /// A record that SQS would not have sent. With its ID it can still be returned.
    fn unreadable(position: usize, record: &RawValue) -> Self {
        #[derive(Deserialize)]
        struct Identified {
            #[serde(rename = "messageId")]
            id: Option<String>,
        }
        let id = serde_json::from_str::<Identified>(record.get()).ok().and_then(|identified| identified.id);
        let body = Err(Error::invalid("record", "is not one that SQS sends"));
        let (queue_arn, receipt_handle) = (None, None);
        Self { position, id, body, queue_arn, receipt_handle, attributes: HashMap::new(), system: HashMap::new() }
    }
}

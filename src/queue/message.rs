//! The messages of an SQS event, each read by itself, and the order in which they must be answered.

use crate::error::Error;
use aws_lambda_events::sqs::SqsMessage;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The messages of one SQS event, in the order in which they came.
pub struct Batch(Vec<Message>);

/// One message, as far as it could be read.
pub(super) struct Message {
    /// Where it stands in the batch.
    pub(super) position: usize,
    /// Its ID, by which it is returned to the queue.
    pub(super) id: Option<String>,
    /// Who sent it.
    pub(super) sender: Option<String>,
    /// Its body, or why there is none.
    pub(super) body: Result<String, Error>,
    fifo_group: Option<String>,
}

/// Messages that must be answered one after another: those of one FIFO group. Any other message has a lane of its own.
pub(super) type Lane = Vec<Message>;

impl Batch {
    /// Reads the records of an SQS event. One that cannot be read fails by itself, and takes no other with it.
    #[must_use]
    pub fn new(records: &[&RawValue]) -> Self {
        Self(records.iter().enumerate().map(|(position, record)| Message::read(position, record)).collect())
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
            let own = if message.fifo_group.is_some() { 0 } else { message.position };
            lanes.entry((message.fifo_group.clone(), own)).or_default().push(message);
        }
        lanes.into_values()
    }
}

impl Message {
    fn read(position: usize, record: &RawValue) -> Self {
        let Ok(mut message) = serde_json::from_str::<SqsMessage>(record.get()) else {
            return Self::unreadable(position, record);
        };
        // In a standard queue the group is a tenant, whose messages wait for nobody: SQS shares the queue out by it.
        let is_fifo = message.event_source_arn.is_some_and(|arn| arn.ends_with(".fifo"));
        Self {
            position,
            id: message.message_id,
            sender: message.attributes.remove("SenderId"),
            body: message.body.ok_or_else(|| Error::invalid("body", "is missing")),
            fifo_group: message.attributes.remove("MessageGroupId").filter(|_| is_fifo),
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
        Self { position, id, sender: None, body, fifo_group: None }
    }
}

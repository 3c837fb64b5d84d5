//! What leaves for other queues: results, dead letters, and the hiding of messages that are to come back later.

use super::message::{Message, Receipt};
use crate::error::{Error, Kind};
use crate::refusal::Refusal;
use crate::residency::Passage;
use crate::settings::Outlets;
use crate::telemetry;
use crate::wiring::Wiring;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::timeout;

/// What one call may take, retries included.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// SQS takes this many bytes of body and attributes.
const MAX_BYTES: usize = 1_048_576;

/// SQS takes this many attributes.
const MAX_ATTRIBUTES: usize = 10;

/// The attribute of a dead letter that says why it is one.
const REASON: &str = "kokunai.error";

/// The longest that SQS hides a message.
const MAX_HIDDEN: Duration = Duration::from_secs(43_200);

/// One of the two queues that a worker delivers to.
#[derive(Clone, Copy)]
enum Outlet {
    Results,
    DeadLetters,
}

/// The way out for the worker of a queue.
#[derive(Debug)]
pub struct Delivery {
    client: Client,
    outlets: Outlets,
}

impl Delivery {
    /// A way to these queues.
    #[must_use]
    pub fn new(wiring: &Wiring, outlets: Outlets) -> Self {
        Self { client: Client::new(&wiring.config(Passage::Sqs)), outlets }
    }

    /// Sends a result, with the attributes, the group and the trace of the message that it answers.
    ///
    /// # Errors
    /// [`Kind::AnswerTooLarge`], which no later attempt changes, or [`Kind::Undelivered`].
    pub(super) async fn result(&self, message: &Message, body: String) -> Result<(), Error> {
        let attributes = attributes_of(message);
        let size = size(&body, &attributes);
        if size > MAX_BYTES {
            let sentence = format!("the answer has {size} bytes as a message; the results queue takes {MAX_BYTES}");
            return Err(Error::new(Kind::AnswerTooLarge, sentence));
        }
        self.send(Outlet::Results, message, body, attributes).await
    }

    /// Sends a failed result; without the message's attributes, if there is no room for them.
    ///
    /// # Errors
    /// [`Kind::Undelivered`].
    pub(super) async fn failed_result(&self, message: &Message, body: String) -> Result<(), Error> {
        let attributes = attributes_of(message);
        let attributes = if size(&body, &attributes) > MAX_BYTES { HashMap::new() } else { attributes };
        self.send(Outlet::Results, message, body, attributes).await
    }

    /// Sends a message to the dead-letter queue, with the reason: in an attribute, or around the body where there is no room
    /// for another attribute.
    ///
    /// # Errors
    /// [`Kind::Undelivered`].
    pub(super) async fn dead_letter(&self, message: &Message, reason: &Error) -> Result<(), Error> {
        let mut attributes = attributes_of(message);
        let mut body = message.body.clone().unwrap_or_default();
        let (label, id) = (reason.kind().row().label, message.id.as_deref());
        let reason = json!({ "type": label, "message": reason.message(), "message_id": id });
        if attributes.len() < MAX_ATTRIBUTES {
            attributes.extend(string(&sendable(reason.to_string())).map(|value| (REASON.to_owned(), value)));
            if size(&body, &attributes) > MAX_BYTES {
                // A body that fills the limit by itself: the failed result and the log line still tell why.
                attributes.remove(REASON);
            }
        } else {
            let wrapped = sendable(json!({ "error": reason, "body": body }).to_string());
            if size(&wrapped, &attributes) <= MAX_BYTES {
                body = wrapped;
            }
        }
        self.send(Outlet::DeadLetters, message, body, attributes).await
    }

    async fn send(
        &self,
        outlet: Outlet,
        message: &Message,
        body: String,
        attributes: HashMap<String, MessageAttributeValue>,
    ) -> Result<(), Error> {
        let (name, queue) = match outlet {
            Outlet::Results => ("results", &self.outlets.results),
            Outlet::DeadLetters => ("dead_letters", &self.outlets.dead_letters),
        };
        let id = message.id.clone().unwrap_or_default();
        let group = message.group().map(str::to_owned);
        let group = if queue.is_fifo() { group.or_else(|| Some(id.clone())) } else { group };
        let sending = self
            .client
            .send_message()
            .queue_url(queue.as_str())
            .message_body(body)
            .set_message_attributes(Some(attributes).filter(|attributes| !attributes.is_empty()))
            .set_message_system_attributes(trace(message.trace_header()))
            .set_message_group_id(group)
            // Within five minutes, SQS itself takes a result only once.
            .set_message_deduplication_id(queue.is_fifo().then_some(id))
            .send();
        let refusal = match timeout(PATIENCE, sending).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => Refusal::new(name, Some(&error)),
            Err(_) => Refusal::new::<SendMessageError, ()>(name, None),
        };
        Err(Error::new(Kind::Undelivered, "the queue for it did not take the message").with_refusal(refusal))
    }

    /// Hides a message for so long, or shows it at once. If that cannot be done, it is seen again when its visibility
    /// time-out ends.
    pub(super) async fn hide(&self, receipt: &Receipt, time: Duration) {
        let seconds = i32::try_from(time.min(MAX_HIDDEN).as_secs()).unwrap_or_default();
        let hiding = self
            .client
            .change_message_visibility()
            .queue_url(receipt.queue.as_str())
            .receipt_handle(&receipt.handle)
            .visibility_timeout(seconds)
            .send();
        if !timeout(PATIENCE, hiding).await.is_ok_and(|outcome| outcome.is_ok()) {
            telemetry::not_hidden();
        }
    }
}

/// JSON as SQS takes it: two characters that it refuses anywhere are written as escapes.
pub(super) fn sendable(json: String) -> String {
    if json.contains(['\u{fffe}', '\u{ffff}']) {
        json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
    } else {
        json
    }
}

/// The message's own attributes, as they are sent on, but for a reason from an earlier life. SQS has never handed out the
/// list types.
fn attributes_of(message: &Message) -> HashMap<String, MessageAttributeValue> {
    let one = |(name, attribute): (&String, &aws_lambda_events::sqs::SqsMessageAttribute)| {
        let value = MessageAttributeValue::builder()
            .set_data_type(attribute.data_type.clone())
            .set_string_value(attribute.string_value.clone())
            .set_binary_value(attribute.binary_value.as_ref().map(|data| Blob::new(data.0.clone())))
            .build();
        value.ok().map(|value| (name.clone(), value))
    };
    message.attributes.iter().filter(|(name, _)| *name != REASON).filter_map(one).collect()
}

fn string(value: &str) -> Option<MessageAttributeValue> {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().ok()
}

fn trace(header: Option<&str>) -> Option<HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>> {
    let value = MessageSystemAttributeValue::builder().data_type("String").string_value(header?).build().ok()?;
    Some([(MessageSystemAttributeNameForSends::AwsTraceHeader, value)].into())
}

/// The bytes that SQS counts: the body, and of each attribute its name, type and value.
fn size(body: &str, attributes: &HashMap<String, MessageAttributeValue>) -> usize {
    let one = |(name, value): (&String, &MessageAttributeValue)| {
        let string = value.string_value().map_or(0, str::len);
        let binary = value.binary_value().map_or(0, |blob| blob.as_ref().len());
        name.len() + value.data_type().len() + string + binary
    };
    body.len() + attributes.iter().map(one).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqs_refuses_is_escaped_and_means_the_same() {
        let json = sendable(json!("a\u{fffe}b\u{ffff}").to_string());
        assert_eq!(json, r#""a\ufffeb\uffff""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), "a\u{fffe}b\u{ffff}");
    }
}

//! The event that Lambda makes of messages, and how many of them fit into one.

use std::collections::HashMap;

use aws_sdk_sqs::types::{Message, MessageAttributeValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The largest event that a function takes.
const MAX_EVENT: usize = 6_291_556;

/// Messages that the function gets together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    messages: Vec<Message>,
    /// The JSON of each message.
    records: Vec<String>,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The ID and the receipt handle of each message.
    pub(super) fn handles(&self) -> impl Iterator<Item = (&str, &str)> {
        let handles = |message| Some((Message::message_id(message)?, Message::receipt_handle(message)?));
        self.messages.iter().filter_map(handles)
    }

    /// The groups that its messages belong to.
    pub(super) fn groups(&self) -> Vec<String> {
        let group = |message: &Message| system(message).get("MessageGroupId").cloned();
        self.messages.iter().filter_map(group).collect()
    }

    pub(super) fn event(&self) -> String {
        format!("{{\"Records\":[{}]}}", self.records.join(","))
    }

    /// The size of the event, or a little more.
    fn size(&self) -> usize {
        self.records.iter().map(|record| record.len() + 1).sum::<usize>() + r#"{"Records":[]}"#.len()
    }
}

/// All messages that were received, in as many batches as it takes to keep each event within Lambda's limit.
pub(super) fn batches(messages: Vec<Message>, queue_url: &str) -> Vec<Batch> {
    let arn = arn(queue_url);
    let mut batches: Vec<Batch> = Vec::new();
    for message in messages {
        let record = record(&message, &arn).to_string();
        let last = batches.pop_if(|batch| batch.size() + record.len() < MAX_EVENT);
        let mut batch = last.unwrap_or_default();
        batch.messages.push(message);
        batch.records.push(record);
        batches.push(batch);
    }
    batches
}

/// The ARN of a queue, whose account and name end its URL with SQS and with its emulators.
fn arn(queue_url: &str) -> String {
    let mut parts = queue_url.rsplit('/');
    let (name, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("arn:aws:sqs:ap-northeast-1:{account}:{name}")
}

fn record(message: &Message, arn: &str) -> Value {
    let attributes = message.message_attributes().into_iter().flatten();
    let attributes: Map<_, _> = attributes.map(|(name, value)| (name.clone(), attribute(value))).collect();
    let mut record = json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body().unwrap_or_default(),
        "attributes": system(message),
        "messageAttributes": attributes,
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": "ap-northeast-1",
    });
    if let Some(md5) = message.md5_of_message_attributes() {
        record["md5OfMessageAttributes"] = json!(md5);
    }
    record
}

fn system(message: &Message) -> HashMap<&str, String> {
    let attributes = message.attributes().into_iter().flatten();
    attributes.map(|(name, value)| (name.as_str(), value.clone())).collect()
}

/// Lambda gives the lists of an attribute too, although SQS has never filled them.
fn attribute(value: &MessageAttributeValue) -> Value {
    let mut attribute = json!({ "stringListValues": [], "binaryListValues": [], "dataType": value.data_type() });
    if let Some(text) = value.string_value() {
        attribute["stringValue"] = json!(text);
    }
    if let Some(binary) = value.binary_value() {
        attribute["binaryValue"] = json!(STANDARD.encode(binary));
    }
    attribute
}

//! GetQueueAttributes: what a queue is like, and about how full.

use std::time::UNIX_EPOCH;

use serde_json::{Map, Value, json};

use super::input::Input;
use super::queue::Queue;
use super::refusal::Refusal;
use super::settings::arn;

/// The attributes that a queue may have but does not have here: a policy, a key of one's own, and who may be its dead letters.
const NEVER_SET: [&str; 4] = ["Policy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "RedriveAllowPolicy"];

/// The attributes that only a FIFO queue has, and what has not been set otherwise.
const OF_A_FIFO_QUEUE: [(&str, &str); 3] =
    [("FifoQueue", "true"), ("DeduplicationScope", "queue"), ("FifoThroughputLimit", "perQueue")];

/// The attributes that were asked for, as far as the queue has them.
pub(super) fn attributes(queue: &mut Queue, input: &Input<'_>) -> Result<Value, Refusal> {
    let wanted = input.texts("AttributeNames")?;
    let all = all(queue);
    let known = |name: &str| {
        let of_fifo = OF_A_FIFO_QUEUE.iter().any(|(fifo, _)| *fifo == name) || name == "ContentBasedDeduplication";
        name == "All" || name == "RedrivePolicy" || all.contains_key(name) || of_fifo || NEVER_SET.contains(&name)
    };
    if let Some(name) = wanted.iter().find(|name| !known(name)) {
        let message = format!("Unknown Attribute {name}.");
        return Err(Refusal::own("InvalidAttributeName", "InvalidAttributeName", message));
    }
    let asked_for = |name: &str| wanted.iter().any(|wanted| *wanted == "All" || *wanted == name);
    let attributes: Map<_, _> = all.into_iter().filter(|(name, _)| asked_for(name)).collect();
    Ok(if attributes.is_empty() { json!({}) } else { json!({ "Attributes": attributes }) })
}

fn all(queue: &mut Queue) -> Map<String, Value> {
    let stored = queue.stored();
    let (settings, fifo) = (&queue.settings, queue.is_fifo());
    let in_flight = stored.iter().filter(|message| message.in_flight).count();
    let delayed = stored.iter().filter(|message| !message.in_flight && message.hidden_for.is_some()).count();
    let created = queue.created.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut all = vec![
        ("QueueArn", arn(&queue.name)),
        ("ApproximateNumberOfMessages", (stored.len() - in_flight - delayed).to_string()),
        ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
        ("CreatedTimestamp", created.to_string()),
        ("LastModifiedTimestamp", created.to_string()),
        ("VisibilityTimeout", settings.visibility.as_secs().to_string()),
        ("MaximumMessageSize", settings.max_message.to_string()),
        ("MessageRetentionPeriod", settings.retention.as_secs().to_string()),
        ("DelaySeconds", settings.delay.as_secs().to_string()),
        ("ReceiveMessageWaitTimeSeconds", settings.wait.as_secs().to_string()),
        ("SqsManagedSseEnabled", "true".to_owned()),
    ];
    all.extend(settings.redrive_policy().map(|policy| ("RedrivePolicy", policy)));
    if fifo {
        all.extend(OF_A_FIFO_QUEUE.map(|(name, value)| (name, value.to_owned())));
        all.push(("ContentBasedDeduplication", settings.content_based_deduplication.to_string()));
    }
    all.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

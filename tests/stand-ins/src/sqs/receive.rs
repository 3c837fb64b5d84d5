//! ReceiveMessage: what is wanted, and how a message looks to who receives it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::attribute::{Attribute, md5_of, md5_of_attributes};
use super::input::Input;
use super::message::Message;
use super::queues::seconds;
use super::refusal::Refusal;

/// The system attributes that a receiver may ask for.
const SYSTEM: [&str; 10] = [
    "All",
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
];

/// What a receiver asks for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) limit: usize,
    /// How long to wait, if the call says so.
    pub(super) wait: Option<Duration>,
    /// How long to hide what is received, if the call says so.
    pub(super) visibility: Option<Duration>,
    /// The names of system attributes.
    system: Vec<String>,
    /// The names of the sender's attributes, or beginnings of names.
    attributes: Vec<String>,
}

impl Wanted {
    pub(super) fn read(input: &Input<'_>) -> Result<Self, Refusal> {
        let limit = input.within("MaxNumberOfMessages", 1, 10, "Must be between 1 and 10, if provided.")?;
        let wait = input.within("WaitTimeSeconds", 0, 20, "Must be >= 0 and <= 20, if provided.")?;
        let visibility = input.within("VisibilityTimeout", 0, 43_200, "Must be >= 0 and <= 43200, if provided.")?;
        // The older of the two names is deprecated, but not gone.
        let system = [input.texts("AttributeNames")?, input.texts("MessageSystemAttributeNames")?].concat();
        if let Some(name) = system.iter().find(|name| !SYSTEM.contains(name)) {
            let message = format!("Unknown Attribute {name}.");
            return Err(Refusal::own("InvalidAttributeName", "InvalidAttributeName", message));
        }
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Ok(Self {
            limit: limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(1),
            wait: wait.map(seconds),
            visibility: visibility.map(seconds),
            system: owned(system),
            attributes: owned(input.texts("MessageAttributeNames")?),
        })
    }

    /// A message that has just been received. Attributes are given only to who asks for them, and their digest is that of
    /// what was given.
    pub(super) fn show(&self, message: &Message) -> Value {
        let handle = message.flight.as_ref().map(|flight| flight.handle.as_str());
        let body = &message.draft.body;
        let mut shown = Map::new();
        for (name, value) in [
            ("MessageId", json!(message.id)),
            ("ReceiptHandle", json!(handle)),
            ("MD5OfBody", json!(md5_of(body))),
            ("Body", json!(body)),
        ] {
            shown.insert(name.to_owned(), value);
        }
        let mut system = message.system_attributes();
        system.retain(|name, _| self.system.iter().any(|wanted| wanted == "All" || wanted == name));
        if !system.is_empty() {
            shown.insert("Attributes".to_owned(), json!(system));
        }
        let attributes: BTreeMap<&str, &Attribute> = self.attributes(message).collect();
        if let Some(md5) = md5_of_attributes(attributes.iter().map(|(name, attribute)| (*name, *attribute))) {
            shown.insert("MD5OfMessageAttributes".to_owned(), json!(md5));
            let attributes: Map<_, _> =
                attributes.iter().map(|(name, attribute)| ((*name).to_owned(), attribute.to_json())).collect();
            shown.insert("MessageAttributes".to_owned(), Value::Object(attributes));
        }
        Value::Object(shown)
    }

    fn attributes<'a>(&'a self, message: &'a Message) -> impl Iterator<Item = (&'a str, &'a Attribute)> {
        let asked_for = |name: &str| {
            self.attributes.iter().any(|wanted| match wanted.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix.trim_end_matches('.')),
                None => wanted == "All" || wanted == name,
            })
        };
        let attributes = message.draft.attributes.iter().map(|(name, attribute)| (name.as_str(), attribute));
        attributes.filter(move |(name, _)| asked_for(name))
    }
}

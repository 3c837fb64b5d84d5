//! Queues and a table in the memory of `cargo local`, and what has arrived in them.

use crate::output::say;
use crate::sandbox::{QUEUES, TABLES};
use serde_json::{Map, Value, json};
use stand_ins::dynamodb::DynamoDb;
use stand_ins::sqs::{Attribute, QueueSettings, Sqs, StoredMessage};
use std::collections::HashSet;
use std::time::Duration;

/// After so many receives a message that fails is given up, as the template has it.
pub(crate) const MAX_RECEIVES: u32 = 5;

/// As long as the template hides a message that has been received.
const VISIBILITY: Duration = Duration::from_secs(1800);

const TABLE: &str = "kokunai-answers";
const PROMPTS: &str = "prompts";

/// The queues and the table.
pub(crate) struct Memory {
    sqs: Sqs,
    dynamodb: DynamoDb,
    urls: [String; 3],
    shown: HashSet<String>,
}

impl Memory {
    pub(crate) async fn start() -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        let (sqs, dynamodb) = (Sqs::start().await.map_err(failed)?, DynamoDb::start().await.map_err(failed)?);
        dynamodb.create(TABLE, "id");
        let dead_letters = sqs.create("dead-letters", QueueSettings::default());
        let results = sqs.create("results", QueueSettings::default());
        let settings = QueueSettings::default().visibility(VISIBILITY).dead_letters("dead-letters", MAX_RECEIVES);
        let urls = [sqs.create(PROMPTS, settings), results, dead_letters];
        Ok(Self { sqs, dynamodb, urls, shown: HashSet::new() })
    }

    /// The queue of prompts.
    pub(crate) fn prompts(&self) -> (std::net::SocketAddr, &str) {
        (self.sqs.address(), &self.urls[0])
    }

    /// What tells a function of the table.
    pub(crate) fn table(&self) -> Vec<(&'static str, String)> {
        vec![(TABLES, self.dynamodb.address().to_string()), ("IDEMPOTENCY_TABLE", TABLE.to_owned())]
    }

    /// What tells a function of the results queue and the dead-letter queue.
    pub(crate) fn outlets(&self) -> Vec<(&'static str, String)> {
        let [_, results, dead_letters] = self.urls.clone();
        let address = self.sqs.address().to_string();
        vec![(QUEUES, address), ("RESULTS_QUEUE_URL", results), ("DEAD_LETTER_QUEUE_URL", dead_letters)]
    }

    /// Sends a message.
    ///
    /// # Errors
    /// SQS's own words, if it would not take it.
    pub(crate) fn send(&self, body: &str) -> Result<(), String> {
        self.sqs.offer(PROMPTS, body).map(drop)
    }

    /// Whether messages are still to be settled.
    pub(crate) fn is_busy(&self) -> bool {
        !self.sqs.messages(PROMPTS).is_empty()
    }

    /// The message with this ID, if it is still in its queue.
    pub(crate) fn waiting(&self, id: &str) -> Option<StoredMessage> {
        self.sqs.messages(PROMPTS).into_iter().find(|message| message.id == id)
    }

    /// Prints what has come into the other two queues since: a JSON object a line.
    pub(crate) fn show(&mut self) {
        for queue in ["results", "dead-letters"] {
            let is_new = |message: &StoredMessage| self.shown.insert(format!("{queue}/{}", message.id));
            for message in self.sqs.messages(queue).into_iter().filter(is_new) {
                say(&shown(queue, &message).to_string());
            }
        }
    }
}

fn shown(queue: &str, message: &StoredMessage) -> Value {
    let attributes = message.attributes.iter().map(|(name, attribute)| (name.clone(), value(attribute)));
    let mut shown = json!({
        "queue": queue,
        "message_id": message.id,
        "body": message.body,
        "attributes": attributes.collect::<Map<_, _>>(),
    });
    if let Some(group) = &message.group {
        shown["group"] = json!(group);
    }
    shown
}

/// Text as it is, and bytes as a list of numbers.
fn value(attribute: &Attribute) -> Value {
    if attribute.data_type.starts_with("Binary") { json!(attribute.value.to_vec()) } else { json!(attribute.as_text()) }
}

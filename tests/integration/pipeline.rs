//! The queue's worker with its ways out: each message delivered, buried or returned, and answered once.

mod delivery;
mod fates;
mod keys;
mod limits;
mod memory;
mod order;

use crate::stage::{Stage, event, twin};
use serde_json::{Value, json};
use stand_ins::dynamodb::DynamoDb;
use stand_ins::function::Function;
use stand_ins::poller::{Poller, PollerSettings};
use stand_ins::sqs::{Draft, QueueSettings, Sqs, StoredMessage};
use std::time::Duration;

pub(crate) const TABLE: &str = "kokunai-answers";

/// A worker with its queues and its table.
pub(crate) struct Pipeline {
    pub(crate) stage: Stage,
    pub(crate) sqs: Sqs,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) queue_url: String,
}

impl Pipeline {
    /// With queues of the standard type, or of FIFO if `suffix` is `.fifo`; with a table if `remembers`.
    pub(crate) async fn new(suffix: &str, remembers: bool, more: &[(&str, &str)]) -> Self {
        let (sqs, dynamodb) = (Sqs::start().await.unwrap(), DynamoDb::start().await.unwrap());
        dynamodb.create(TABLE, "id");
        let dead = sqs.create(&format!("dead{suffix}"), QueueSettings::default());
        let results = sqs.create(&format!("results{suffix}"), QueueSettings::default());
        let settings = QueueSettings::default().visibility(Duration::from_secs(300));
        let settings = settings.dead_letters(format!("dead{suffix}"), 3);
        let queue_url = sqs.create(&format!("prompts{suffix}"), settings);
        let (sqs_address, dynamodb_address) = (sqs.address().to_string(), dynamodb.address().to_string());
        let mut environment = vec![
            ("STAND_IN_SQS", sqs_address.as_str()),
            ("STAND_IN_DYNAMODB", dynamodb_address.as_str()),
            ("RESULTS_QUEUE_URL", results.as_str()),
            ("DEAD_LETTER_QUEUE_URL", dead.as_str()),
            ("RETRY_BUDGET_SECONDS", "0"),
        ];
        if remembers {
            environment.push(("IDEMPOTENCY_TABLE", TABLE));
        }
        environment.extend(more);
        Self { stage: Stage::with(&environment).await, sqs, dynamodb, queue_url }
    }

    /// A second process of the function between the same surroundings, which takes the next event.
    fn another(&self) -> Function {
        let (sqs, dynamodb) = (self.sqs.address().to_string(), self.dynamodb.address().to_string());
        let bedrock = self.stage.bedrock.address().to_string();
        let (results, dead) = (url("results"), url("dead"));
        let environment = [
            ("STAND_IN_BEDROCK", bedrock.as_str()),
            ("STAND_IN_SQS", &sqs),
            ("STAND_IN_DYNAMODB", &dynamodb),
            ("RESULTS_QUEUE_URL", &results),
            ("DEAD_LETTER_QUEUE_URL", &dead),
            ("IDEMPOTENCY_TABLE", TABLE),
        ];
        Function::spawn(&twin(), self.stage.runtime.address(), &environment).unwrap()
    }

    /// Begins to poll the prompt queue, as Lambda does.
    pub(crate) fn poll(&self) -> Poller {
        Poller::start(self.sqs.address(), PollerSettings::new(self.queue_url.as_str()), &self.stage.runtime)
    }

    /// The results, once there are so many of them.
    pub(crate) async fn results(&self, count: usize) -> Vec<StoredMessage> {
        self.messages("results", count).await
    }

    pub(crate) async fn messages(&self, name: &str, count: usize) -> Vec<StoredMessage> {
        // A megabyte may take a busy stand-in longer than the worker waits; then the message comes again.
        for _ in 0..9000 {
            let messages = self.sqs.messages(name);
            if messages.len() >= count {
                return messages;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "{name} has {} messages instead of {count}: {:#?}",
            self.sqs.messages(name).len(),
            self.stage.function.lines()
        );
    }

    /// The lines of prompts, once there are so many, by their message IDs.
    pub(crate) async fn line_of(&self, message_id: &str, count: usize) -> Value {
        let lines = self.stage.prompt_lines(count).await;
        lines.into_iter().rfind(|line| line["queue.message_id"] == message_id).unwrap()
    }
}

fn url(queue: &str) -> String {
    format!("https://sqs.ap-northeast-1.amazonaws.com/123456789012/{queue}")
}

fn body(message: &StoredMessage) -> Value {
    serde_json::from_str(&message.body).unwrap()
}

fn prompt(text: &str) -> Draft {
    Draft::new(json!({ "prompt": text, "max_tokens": 500 }).to_string())
}

/// The event of one message with this body.
fn message(body: &Value) -> Value {
    let mut event: Value = serde_json::from_str(&event("sqs-one")).unwrap();
    event["Records"][0]["body"] = json!(body.to_string());
    event
}

/// How many messages a partial batch response keeps.
fn kept(response: &Value) -> usize {
    response["batchItemFailures"].as_array().unwrap().len()
}

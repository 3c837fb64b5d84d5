//! The poller between a queue and a function that does as the test says.

mod delivery;
mod groups;

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::runtime_api::fake::{send, take};
use crate::sqs::{Attribute, Draft, Fault, Operation, QueueSettings, Sqs, Times};

/// What the function says to an event.
#[derive(Clone)]
enum Reply {
    Response(String),
    Error,
    Silence,
}

/// A queue, a function and the poller between them.
struct Stage {
    sqs: Sqs,
    url: String,
    api: RuntimeApi,
    /// The events that the function got, in the order in which it got them.
    events: Arc<Mutex<Vec<Value>>>,
    _function: JoinSet<()>,
}

impl Stage {
    /// A function that takes so long for a batch, and handles several at once.
    async fn start(
        name: &str,
        settings: QueueSettings,
        takes: Duration,
        reply: impl Fn(&Value) -> Reply + Clone + Send + 'static,
    ) -> Self {
        let sqs = Sqs::start().await.expect("a free port");
        let url = sqs.create(name, settings);
        let api = RuntimeApi::start().await.expect("a free port");
        let events = Arc::new(Mutex::new(Vec::new()));
        let instance = |_| run(api.address(), takes, Arc::clone(&events), reply.clone());
        let function = (0..10).map(instance).collect();
        Self { sqs, url, api, events, _function: function }
    }

    async fn obliging(name: &str, settings: QueueSettings) -> Self {
        Self::start(name, settings, Duration::ZERO, |_| Reply::Response("null".to_owned())).await
    }

    fn settings(&self) -> PollerSettings {
        PollerSettings::new(&self.url)
    }

    fn poll(&self, settings: PollerSettings) -> Poller {
        Poller::start(self.sqs.address(), settings, &self.api)
    }

    fn events(&self) -> Vec<Value> {
        lock(&self.events).clone()
    }

    /// The bodies of each batch that the function got.
    fn batches(&self) -> Vec<Vec<String>> {
        let body = |record: &Value| record["body"].as_str().unwrap_or_default().to_owned();
        let bodies = |event: &Value| event["Records"].as_array().into_iter().flatten().map(body).collect();
        self.events().iter().map(bodies).collect()
    }
}

/// One instance of the function.
async fn run(
    api: SocketAddr,
    takes: Duration,
    events: Arc<Mutex<Vec<Value>>>,
    reply: impl Fn(&Value) -> Reply + Send + 'static,
) {
    loop {
        let (id, answer) = take(api).await;
        let (_, event) = answer.split_once("\r\n\r\n").expect("a body");
        let event: Value = serde_json::from_str(event).expect("JSON");
        lock(&events).push(event.clone());
        tokio::time::sleep(takes).await;
        let (path, body) = match reply(&event) {
            Reply::Response(response) => ("response", response),
            Reply::Error => ("error", r#"{"errorType":"Broken","errorMessage":"x"}"#.to_owned()),
            Reply::Silence => std::future::pending().await,
        };
        let length = body.len();
        let head = format!("POST /2018-06-01/runtime/invocation/{id}/{path} HTTP/1.1\r\nhost: x\r\n");
        let request = format!("{head}connection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        send(api, request.as_bytes()).await;
    }
}

/// Waits until something is so, and gives up when it takes too long.
async fn until(what: impl Fn() -> bool) {
    let patience = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), patience).await.expect("it to come true");
}

/// Says that the messages with this body failed.
fn failing(event: &Value, body: &str) -> Reply {
    let records = event["Records"].as_array().into_iter().flatten();
    let failed = records.filter(|record| record["body"] == body);
    let failed: Vec<Value> = failed.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
    Reply::Response(json!({ "batchItemFailures": failed }).to_string())
}

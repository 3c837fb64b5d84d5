//! The parts: moto's queues and table, a stand-in for Bedrock, and function processes.

use crate::ledger::Ledger;
use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_sqs::config::Region;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value;
use stand_ins::bedrock::Bedrock;
use stand_ins::function::Function;
use stand_ins::runtime_api::RuntimeApi;
use stand_ins::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, transport};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;

const TABLE: &str = "kokunai-answers";

/// How many processes of the function there are at once.
const PROCESSES: usize = 3;

/// How often a message is received before SQS gives it up.
const MAX_RECEIVES: usize = 3;

pub(crate) struct Parts {
    moto: SocketAddr,
    sqs: aws_sdk_sqs::Client,
    bedrock: Bedrock,
    runtime: RuntimeApi,
    functions: Vec<Function>,
}

fn url(name: &str) -> String {
    format!("https://sqs.ap-northeast-1.amazonaws.com/123456789012/{name}")
}

impl Parts {
    pub(crate) async fn start() -> Self {
        let moto =
            std::env::var("KOKUNAI_MOTO").unwrap_or_else(|_| panic!("run tests/pipeline/run, which starts moto"));
        let moto: SocketAddr = moto.strip_prefix("http://").unwrap_or(&moto).parse().unwrap();
        let config = aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(kokunai::residency::REGION))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(Credentials::new(
                TEST_ACCESS_KEY_ID,
                TEST_SECRET_ACCESS_KEY,
                None,
                None,
                "soak",
            )))
            .http_client(transport::loopback(moto))
            .build();
        let sqs = aws_sdk_sqs::Client::new(&config);
        create_queues(&sqs).await;
        create_table(&aws_sdk_dynamodb::Client::new(&config)).await;
        let (bedrock, runtime) = (Bedrock::start().await.unwrap(), RuntimeApi::start().await.unwrap());
        let mut parts = Self { moto, sqs, bedrock, runtime, functions: Vec::new() };
        parts.functions = (0..PROCESSES).map(|_| parts.spawn()).collect();
        parts
    }

    fn spawn(&self) -> Function {
        let (bedrock, moto) = (self.bedrock.address().to_string(), self.moto.to_string());
        let (results, dead) = (url("results"), url("dead"));
        let environment = [
            ("STAND_IN_BEDROCK", bedrock.as_str()),
            ("STAND_IN_SQS", &moto),
            ("STAND_IN_DYNAMODB", &moto),
            ("RESULTS_QUEUE_URL", &results),
            ("DEAD_LETTER_QUEUE_URL", &dead),
            ("IDEMPOTENCY_TABLE", TABLE),
            ("RETRY_BUDGET_SECONDS", "0"),
            ("TIME_BUDGET_SECONDS", "3"),
        ];
        Function::spawn(&twin(), self.runtime.address(), &environment).unwrap()
    }

    pub(crate) fn moto(&self) -> SocketAddr {
        self.moto
    }

    pub(crate) fn runtime(&self) -> &RuntimeApi {
        &self.runtime
    }

    pub(crate) fn functions(&self) -> usize {
        self.functions.len()
    }

    pub(crate) fn prompts(&self) -> String {
        url("prompts")
    }

    /// Kills the oldest process in the middle of whatever it does, and starts another.
    pub(crate) fn kill_one(&mut self) {
        // Dropped, a process is killed with SIGKILL.
        drop(self.functions.remove(0));
        let function = self.spawn();
        self.functions.push(function);
    }

    /// Sends a message, and gives its ID.
    pub(crate) async fn send(&self, body: &str) -> String {
        let sent = self.sqs.send_message().queue_url(url("prompts")).message_body(body).send().await.unwrap();
        sent.message_id.unwrap()
    }

    /// Takes what has arrived in the results queue and the dead-letter queue into the ledger.
    pub(crate) async fn collect(&self, ledger: &mut Ledger) {
        for name in ["results", "dead"] {
            let receiving = self.sqs.receive_message().queue_url(url(name)).max_number_of_messages(10);
            let received = receiving.message_attribute_names("All").send().await.unwrap();
            for message in received.messages.unwrap_or_default() {
                let reason = message.message_attributes().and_then(|attributes| attributes.get("kokunai.error"));
                match (name, reason) {
                    ("results", _) => {
                        let result: Value = serde_json::from_str(message.body().unwrap()).unwrap();
                        ledger.result(result["message_id"].as_str().unwrap(), result["status"].as_str().unwrap());
                    }
                    (_, Some(reason)) => {
                        let reason: Value = serde_json::from_str(reason.string_value().unwrap()).unwrap();
                        ledger.buried(reason["message_id"].as_str().unwrap());
                    }
                    (_, None) => ledger.redriven(message.message_id().unwrap()),
                }
                let handle = message.receipt_handle().unwrap();
                self.sqs.delete_message().queue_url(url(name)).receipt_handle(handle).send().await.unwrap();
            }
        }
    }

    /// How often each fate and each label stands in the lines of the processes that live.
    pub(crate) fn labels(&self) -> BTreeMap<String, usize> {
        let mut labels = BTreeMap::new();
        for line in self.functions.iter().flat_map(Function::json_lines) {
            for field in ["fate", "error.label"] {
                if let Some(label) = line[field].as_str() {
                    *labels.entry(format!("{field} {label}")).or_default() += 1;
                }
            }
        }
        labels
    }

    /// How many answers Bedrock gave to each message, by its number.
    pub(crate) fn paid(&self) -> HashMap<usize, usize> {
        let mut paid = HashMap::new();
        for call in self.bedrock.calls().iter().filter(|call| call.status == Some(200)) {
            let number = call.prompt.rsplit("message ").next().unwrap().trim_end_matches('.').parse().unwrap();
            *paid.entry(number).or_default() += 1;
        }
        paid
    }
}

async fn create_queues(sqs: &aws_sdk_sqs::Client) {
    for name in ["dead", "results"] {
        sqs.create_queue().queue_name(name).send().await.unwrap();
    }
    let arn = format!("arn:aws:sqs:{}:123456789012:dead", kokunai::residency::REGION);
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{MAX_RECEIVES}}}"#);
    let creating = sqs.create_queue().queue_name("prompts").attributes(QueueAttributeName::RedrivePolicy, policy);
    creating.attributes(QueueAttributeName::VisibilityTimeout, "25").send().await.unwrap();
}

async fn create_table(dynamodb: &aws_sdk_dynamodb::Client) {
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let kind = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    dynamodb
        .create_table()
        .table_name(TABLE)
        .key_schema(key)
        .attribute_definitions(kind.build().unwrap())
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}

/// The twin of the binary, which cargo builds beside the tests.
fn twin() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().unwrap().parent().unwrap().join("examples/twin");
    assert!(path.is_file(), "{} is missing: run tests/pipeline/run, which builds it", path.display());
    path
}

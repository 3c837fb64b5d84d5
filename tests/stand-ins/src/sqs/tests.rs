//! The stand-in as a sender and a receiver meet it: through the real SDK, the real signer and a real socket.

mod batches;
mod faults;
mod fifo;
mod receiving;
mod sending;

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::operation::RequestId;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};

use super::*;
use crate::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, TEST_SESSION_TOKEN, transport};

const HOST: &str = "sqs.ap-northeast-1.amazonaws.com";

/// A stand-in with one queue, and an SDK client that reaches it.
struct Tokyo {
    sqs: Sqs,
    client: Client,
    url: String,
}

impl Tokyo {
    async fn start(name: &str, settings: QueueSettings) -> Self {
        let sqs = Sqs::start().await.expect("a free port");
        let url = sqs.create(name, settings);
        let client = client(&sqs, "ap-northeast-1", TEST_SECRET_ACCESS_KEY);
        Self { sqs, client, url }
    }

    /// Receives up to ten messages with all that goes with them, without waiting.
    async fn receive(&self) -> Vec<Message> {
        self.receive_from(&self.url, 0).await
    }

    async fn receive_from(&self, url: &str, wait: i32) -> Vec<Message> {
        let call = self.client.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(wait);
        let call = call.message_system_attribute_names(MessageSystemAttributeName::All).message_attribute_names("All");
        call.send().await.expect("an answer").messages.unwrap_or_default()
    }

    async fn send(&self, body: &str) -> String {
        let call = self.client.send_message().queue_url(&self.url).message_body(body);
        call.send().await.expect("an answer").message_id.expect("an ID")
    }

    async fn send_to_group(&self, group: &str, body: &str) -> String {
        let call = self.client.send_message().queue_url(&self.url).message_body(body).message_group_id(group);
        call.send().await.expect("an answer").message_id.expect("an ID")
    }

    async fn delete(&self, message: &Message) -> Result<(), String> {
        let call = self.client.delete_message().queue_url(&self.url).receipt_handle(handle(message));
        call.send().await.map(drop).map_err(|error| described(&error))
    }

    async fn hide(&self, handle: &str, seconds: i32) -> Result<(), String> {
        let call = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(handle);
        call.visibility_timeout(seconds).send().await.map(drop).map_err(|error| described(&error))
    }
}

fn client(sqs: &Sqs, region: &'static str, secret: &str) -> Client {
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, secret, Some(TEST_SESSION_TOKEN.to_owned()), None, "test");
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .http_client(transport::loopback(sqs.address()));
    Client::from_conf(config.build())
}

/// Settings with a visibility time-out that a test can sit out.
fn brief() -> QueueSettings {
    QueueSettings::default().visibility(Duration::from_millis(800))
}

async fn sit_out() {
    tokio::time::sleep(Duration::from_millis(900)).await;
}

fn handle(message: &Message) -> &str {
    message.receipt_handle().expect("a handle")
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().filter_map(Message::body).collect()
}

fn system<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.attributes()?.get(&MessageSystemAttributeName::from(name)).map(String::as_str)
}

/// The code and the message of a refusal.
fn described<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    format!("{}: {}", error.code().unwrap_or("no code"), error.message().unwrap_or_default())
}

#[tokio::test]
async fn the_sdks_own_signature_is_accepted_and_the_message_kept() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let sent = tokyo.client.send_message().queue_url(&tokyo.url).message_body("こんにちは").send().await;
    let sent = sent.expect("an answer");
    let stored = tokyo.sqs.messages("prompts");
    assert_eq!((stored.len(), stored[0].body.as_str()), (1, "こんにちは"));
    assert_eq!(sent.message_id(), Some(stored[0].id.as_str()));
    assert_eq!(sent.sequence_number(), None);
    let calls = tokyo.sqs.calls();
    let [call] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!(sent.request_id(), Some(call.request_id.as_str()));
    assert_eq!((call.operation, call.queue.as_deref()), (Some(Operation::SendMessage), Some("prompts")));
    assert_eq!((call.host.as_str(), call.status), (HOST, Some(200)));
    assert_eq!(call.input["MessageBody"], "こんにちは");
    assert_eq!(tokyo.sqs.calls_for("prompts", Operation::SendMessage), 1);
    assert_eq!(tokyo.sqs.everything_was_pinned(), Ok(()));
}

#[tokio::test]
async fn a_call_for_another_region_is_refused_and_reported() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let osaka = client(&tokyo.sqs, "ap-northeast-3", TEST_SECRET_ACCESS_KEY);
    let refused = osaka.send_message().queue_url(&tokyo.url).message_body("x").send().await.expect_err("a refusal");
    assert!(described(&refused).starts_with("InvalidClientTokenId"), "{}", described(&refused));
    assert!(tokyo.sqs.everything_was_pinned().expect_err("astray").contains("ap-northeast-3"));
    assert!(tokyo.sqs.messages("prompts").is_empty());
}

#[tokio::test]
async fn a_call_with_another_secret_is_refused() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let thief = client(&tokyo.sqs, "ap-northeast-1", "guessed");
    let refused = thief.send_message().queue_url(&tokyo.url).message_body("x").send().await.expect_err("a refusal");
    assert!(described(&refused).starts_with("SignatureDoesNotMatch"), "{}", described(&refused));
    assert_eq!(tokyo.sqs.everything_was_pinned(), Ok(()));
}

#[tokio::test]
async fn a_queue_is_found_by_its_url_and_by_its_name_or_does_not_exist() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    assert_eq!(tokyo.url, format!("https://{HOST}/123456789012/prompts"));
    let found = tokyo.client.get_queue_url().queue_name("prompts").send().await.expect("an answer");
    assert_eq!(found.queue_url(), Some(tokyo.url.as_str()));
    let missing = tokyo.client.get_queue_url().queue_name("results").send().await.expect_err("a refusal");
    assert!(missing.as_service_error().is_some_and(|error| error.is_queue_does_not_exist()));
    for url in [tokyo.url.replace("prompts", "results"), tokyo.url.replace("-northeast-1", "-northeast-3")] {
        let refused = tokyo.client.send_message().queue_url(url).message_body("x").send().await.expect_err("a refusal");
        let code = "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.";
        assert_eq!(described(&refused), code);
        let raw = refused.raw_response().expect("a response");
        assert_eq!(raw.headers().get("x-amzn-query-error"), Some("AWS.SimpleQueueService.NonExistentQueue;Sender"));
        let body = String::from_utf8_lossy(raw.body().bytes().unwrap_or_default()).into_owned();
        assert!(body.contains("com.amazonaws.sqs#QueueDoesNotExist"), "{body}");
    }
}

#[tokio::test]
async fn a_queue_says_what_it_is_like_and_how_full() {
    use aws_sdk_sqs::types::QueueAttributeName as Name;
    let tokyo = Tokyo::start("graves", QueueSettings::default()).await;
    let url = tokyo.sqs.create("prompts", QueueSettings::default().dead_letters("graves", 5));
    tokyo.sqs.put("prompts", "one");
    tokyo.sqs.put("prompts", "two");
    tokyo.client.receive_message().queue_url(&url).send().await.expect("a message");
    let all = tokyo.client.get_queue_attributes().queue_url(&url).attribute_names(Name::All).send().await;
    let all = all.expect("an answer").attributes.expect("attributes");
    let of = |name: Name| all.get(&name).map(String::as_str);
    assert_eq!(of(Name::ApproximateNumberOfMessages), Some("1"));
    assert_eq!(of(Name::ApproximateNumberOfMessagesNotVisible), Some("1"));
    assert_eq!((of(Name::VisibilityTimeout), of(Name::FifoQueue)), (Some("30"), None));
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:ap-northeast-1:123456789012:graves","maxReceiveCount":5}"#;
    assert_eq!(of(Name::RedrivePolicy), Some(policy));
    let unknown = tokyo.client.get_queue_attributes().queue_url(&url).attribute_names(Name::from("Colour"));
    let refused = unknown.send().await.expect_err("a refusal");
    assert_eq!(described(&refused), "InvalidAttributeName: Unknown Attribute Colour.");
}

#[tokio::test]
#[should_panic(expected = "graves has to be created before prompts")]
async fn a_dead_letter_queue_comes_first() {
    Tokyo::start("prompts", QueueSettings::default().dead_letters("graves", 5)).await;
}

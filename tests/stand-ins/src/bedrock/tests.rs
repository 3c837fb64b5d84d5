//! The stand-in as the function meets it: through the real SDK, the real signer and a real socket.

use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::RequestId;
use aws_sdk_bedrockruntime::operation::invoke_model::{InvokeModelError, InvokeModelOutput};
use aws_sdk_bedrockruntime::primitives::Blob;

use serde_json::{Value, json};

use super::*;
use crate::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, TEST_SESSION_TOKEN, transport};

type Answered = Result<InvokeModelOutput, SdkError<InvokeModelError>>;

/// A stand-in and an SDK client that reaches it, in the way of the function's own.
struct Tokyo {
    bedrock: Bedrock,
    client: Client,
}

impl Tokyo {
    async fn start() -> Self {
        let bedrock = Bedrock::start().await.expect("a free port");
        let secret = (TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, Some(TEST_SESSION_TOKEN.to_owned()));
        let config = aws_sdk_bedrockruntime::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .credentials_provider(Credentials::new(secret.0, secret.1, secret.2, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(transport::wilful(transport::loopback(bedrock.address())))
            .build();
        Self { bedrock, client: Client::from_conf(config) }
    }

    async fn send(&self, profile: &str, body: Value) -> Answered {
        let call = self.client.invoke_model().model_id(profile).content_type("application/json");
        call.body(Blob::new(body.to_string())).send().await
    }

    async fn ask(&self, prompt: &str) -> Answered {
        self.send(door::PROFILE, body(prompt)).await
    }

    async fn answer(&self, body: Value) -> Value {
        let output = self.send(door::PROFILE, body).await.expect("an answer");
        serde_json::from_slice(output.body().as_ref()).expect("JSON")
    }
}

fn body(prompt: &str) -> Value {
    let messages = json!([{ "role": "user", "content": prompt }]);
    json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": 1000, "messages": messages })
}

fn code(answered: &Answered) -> Option<&str> {
    answered.as_ref().err()?.code()
}

mod counting;
mod streams;
mod thoughts;
mod tools;

#[tokio::test]
async fn the_sdks_own_signature_is_accepted_and_the_prompt_echoed() {
    let tokyo = Tokyo::start().await;
    let output = tokyo.ask("こんにちは").await.expect("an answer");
    let message: Value = serde_json::from_slice(output.body().as_ref()).expect("JSON");
    let text = message["content"][0]["text"].as_str().expect("text");
    assert!(text.ends_with("not Claude. It read 5 characters: こんにちは"), "{text}");
    assert_eq!(message["stop_reason"], "end_turn");
    assert!(message["usage"]["input_tokens"].as_u64() > Some(0));
    let calls = tokyo.bedrock.calls();
    let [call] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!(output.request_id(), Some(call.request_id.as_str()));
    assert_eq!((call.method.as_str(), call.status, call.prompt.as_str()), ("POST", Some(200), "こんにちは"));
    assert_eq!(call.host, door::TOKYO);
    assert!(call.path.ends_with("v1%3A0/invoke"), "{}", call.path);
    assert_eq!(tokyo.bedrock.everything_was_pinned(), Ok(()));
}

#[tokio::test]
async fn a_call_to_another_profile_is_refused_and_reported() {
    let tokyo = Tokyo::start().await;
    let answered = tokyo.send("global.anthropic.claude-sonnet-4-5-20250929-v1:0", body("Hello")).await;
    assert_eq!(code(&answered), Some("AccessDeniedException"));
    assert!(tokyo.bedrock.everything_was_pinned().expect_err("astray").contains("global."));
    assert_eq!(tokyo.bedrock.calls_for("Hello"), 1);
}

#[tokio::test]
async fn a_call_says_where_it_was_bound_and_in_which_trace() {
    let tokyo = Tokyo::start().await;
    tokyo.ask("Hello").await.expect("an answer");
    let call = tokyo.bedrock.calls().pop().expect("a call");
    assert_eq!((call.model().as_deref(), call.signed_region()), (Some(door::PROFILE), Some("ap-northeast-1")));
    let elsewhere = aws_sdk_bedrockruntime::Config::builder().region(Region::new("us-west-2"));
    let call = tokyo.client.invoke_model().model_id("global.model").content_type("application/json");
    let call = call.body(Blob::new(body("Hello").to_string())).customize().config_override(elsewhere);
    let traced = call.mutate_request(|request| {
        request.headers_mut().insert("x-amzn-trace-id", "Root=1-a-b;Parent=c;Sampled=1");
    });
    traced.send().await.expect_err("a refusal");
    let within = tokyo.bedrock.calls_within("1-a-b");
    let [call] = &within[..] else { panic!("one call is in the trace: {within:?}") };
    assert_eq!((call.model().as_deref(), call.signed_region()), (Some("global.model"), Some("us-west-2")));
    assert!(tokyo.bedrock.calls_within("1-a-c").is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_a_rule_is_refused_with_a_request_id() {
    let tokyo = Tokyo::start().await;
    let mut body = body("Hello");
    body["model"] = json!("claude-sonnet-4-5");
    let answered = tokyo.send(door::PROFILE, body).await;
    assert_eq!(code(&answered), Some("ValidationException"));
    let error = answered.expect_err("a refusal");
    assert_eq!(error.message(), Some("model: Extra inputs are not permitted"));
    assert_eq!(error.request_id(), Some(tokyo.bedrock.calls()[0].request_id.as_str()));
}

#[tokio::test]
async fn every_fault_arrives_as_the_error_it_names() {
    let tokyo = Tokyo::start().await;
    for line in COMMANDS.lines().filter(|line| line.contains("[n]") && line.contains("Exception")) {
        let (usage, meaning) = line.split_once("  ").expect("a usage and a meaning");
        let named = meaning.split([' ', ',']).find(|word| word.ends_with("Exception"));
        let answered = tokyo.ask(&usage.replace(" [n]", "")).await;
        assert_eq!(code(&answered), named, "{line}");
    }
    let quoted = tokyo.ask("canary stand-in: validation").await.expect_err("a refusal");
    assert!(quoted.message().is_some_and(|message| message.contains("canary")));
}

#[tokio::test]
async fn a_counted_failure_ends_after_so_many_times() {
    let tokyo = Tokyo::start().await;
    for _ in 0..2 {
        assert_eq!(code(&tokyo.ask("stand-in: throttle 2").await), Some("ThrottlingException"));
    }
    assert!(tokyo.ask("stand-in: throttle 2").await.is_ok());
    assert_eq!(code(&tokyo.ask("another stand-in: throttle 2").await), Some("ThrottlingException"));
    assert!(matches!(tokyo.ask("stand-in: drop 1").await, Err(SdkError::DispatchFailure(_))));
    assert!(tokyo.ask("stand-in: drop 1").await.is_ok());
    assert_eq!(tokyo.bedrock.calls_for("drop"), 2);
}

#[tokio::test]
async fn a_stalled_call_stays_open_and_has_no_status() {
    let tokyo = Tokyo::start().await;
    let patience = Duration::from_millis(200);
    assert!(tokio::time::timeout(patience, tokyo.ask("stand-in: stall")).await.is_err());
    assert_eq!(tokyo.bedrock.calls()[0].status, None);
    let answered = tokyo.ask("stand-in: slow 50").await;
    assert!(answered.is_ok());
}

#[tokio::test]
async fn answers_can_be_odd() {
    let tokyo = Tokyo::start().await;
    let bytes = async |prompt: &str| tokyo.ask(prompt).await.expect("an answer").body.into_inner();
    assert!(bytes("stand-in: not-json").await.starts_with(b"<html>"));
    assert!(bytes("stand-in: empty").await.is_empty());
    assert_eq!(bytes("stand-in: odd-shape").await, br#"{"hello":1}"#);
    let truncated = bytes("stand-in: truncated").await;
    assert!(!truncated.is_empty() && serde_json::from_slice::<Value>(&truncated).is_err());
    let refusal = tokyo.answer(body("stand-in: refusal")).await;
    assert_eq!((&refusal["stop_reason"], &refusal["content"]), (&json!("refusal"), &json!([])));
    let long = tokyo.answer(body("stand-in: long 300")).await;
    assert_eq!(long["content"][0]["text"].as_str().map(|text| text.chars().count()), Some(300));
}

#[tokio::test]
async fn an_answer_is_cut_by_max_tokens_and_by_a_stop_sequence() {
    let tokyo = Tokyo::start().await;
    let mut short = body("stand-in: long 300");
    short["max_tokens"] = json!(10);
    let short = tokyo.answer(short).await;
    assert_eq!(short["stop_reason"], "max_tokens");
    assert_eq!(short["usage"]["output_tokens"], 10);
    let mut stopped = body("one END two");
    stopped["stop_sequences"] = json!(["END"]);
    let stopped = tokyo.answer(stopped).await;
    assert_eq!((&stopped["stop_reason"], &stopped["stop_sequence"]), (&json!("stop_sequence"), &json!("END")));
}

#[tokio::test]
async fn a_long_marked_system_prompt_is_cached() {
    let tokyo = Tokyo::start().await;
    let mut cached = body("Hello");
    let text = "word ".repeat(2_000);
    cached["system"] = json!([{ "type": "text", "text": text, "cache_control": { "type": "ephemeral" } }]);
    let first = tokyo.answer(cached.clone()).await;
    let second = tokyo.answer(cached).await;
    assert!(first["usage"]["cache_creation_input_tokens"].as_u64() > Some(1_024));
    assert_eq!(first["usage"]["cache_creation_input_tokens"], second["usage"]["cache_read_input_tokens"]);
}

#[tokio::test]
async fn connections_are_pooled_counted_and_closed() {
    let tokyo = Tokyo::start().await;
    for _ in 0..3 {
        tokyo.ask("Hello").await.expect("an answer");
    }
    assert_eq!((tokyo.bedrock.connections_accepted(), tokyo.bedrock.open_connections()), (1, 1));
    tokyo.bedrock.close_idle_connections();
    assert_eq!(tokyo.bedrock.open_connections(), 0);
    tokio::time::sleep(Duration::from_millis(50)).await;
    tokyo.ask("Hello").await.expect("an answer over a new connection");
    assert_eq!((tokyo.bedrock.connections_accepted(), tokyo.bedrock.open_connections()), (2, 1));
}

#[tokio::test]
async fn a_dropped_stand_in_refuses_connections() {
    let Tokyo { bedrock, client: _client } = Tokyo::start().await;
    let address = bedrock.address();
    drop(bedrock);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_prompt_can_make_the_transport_panic() {
    let Tokyo { bedrock, client } = Tokyo::start().await;
    let call =
        client.invoke_model().model_id(door::PROFILE).body(Blob::new(body(transport::PANIC_COMMAND).to_string()));
    let panic = tokio::spawn(call.send()).await.expect_err("a panic").into_panic();
    assert!(panic.downcast_ref::<String>().is_some_and(|message| message.contains(transport::PANIC_CANARY)));
    assert!(bedrock.calls().is_empty());
}

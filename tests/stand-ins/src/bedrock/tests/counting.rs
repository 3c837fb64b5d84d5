//! CountTokens through the real SDK: what it takes, what it counts, and that it is told apart.

use aws_sdk_bedrockruntime::operation::count_tokens::{CountTokensError, CountTokensOutput};
use aws_sdk_bedrockruntime::types::{CountTokensInput, InvokeModelTokensRequest};

use super::tools::with_tools;
use super::*;

type Counted = Result<CountTokensOutput, SdkError<CountTokensError>>;

impl Tokyo {
    async fn count_for(&self, model: &str, body: &[u8]) -> Counted {
        let request = InvokeModelTokensRequest::builder().body(Blob::new(body)).build().expect("a body");
        self.client.count_tokens().model_id(model).input(CountTokensInput::InvokeModel(request)).send().await
    }

    async fn count(&self, body: &Value) -> Counted {
        self.count_for(door::MODEL, body.to_string().as_bytes()).await
    }
}

#[track_caller]
fn refused(counted: &Counted, error_type: &str, words: &str) {
    let error = counted.as_ref().expect_err("a refusal");
    assert_eq!(error.code(), Some(error_type));
    assert!(error.message().is_some_and(|message| message.contains(words)), "{:?}", error.message());
}

#[tokio::test]
async fn a_count_is_what_the_answer_says_that_it_read() {
    let tokyo = Tokyo::start().await;
    let mut cached = with_tools("Hello");
    cached["system"] =
        json!([{ "type": "text", "text": "word ".repeat(2_000), "cache_control": { "type": "ephemeral" } }]);
    for body in [body("こんにちは"), cached] {
        let counted = tokyo.count(&body).await.expect("a count");
        let usage = tokyo.answer(body).await["usage"].take();
        let read = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
        let read: i64 = read.iter().filter_map(|name| usage[name].as_i64()).sum();
        assert_eq!(i64::from(counted.input_tokens()), read);
    }
}

#[tokio::test]
async fn a_count_is_recorded_as_one_and_never_as_pinned() {
    let tokyo = Tokyo::start().await;
    tokyo.ask("Hello").await.expect("an answer");
    assert_eq!(tokyo.bedrock.everything_was_pinned(), Ok(()));
    let counted = tokyo.count(&body("count this")).await.expect("a count");
    assert!(tokyo.bedrock.everything_was_pinned().expect_err("astray").contains("count-tokens"));
    let calls = tokyo.bedrock.calls();
    let operations: Vec<_> = calls.iter().filter_map(|call| call.operation).collect();
    assert_eq!(operations, [Operation::InvokeModel, Operation::CountTokens]);
    let call = &calls[1];
    assert_eq!((call.prompt.as_str(), call.host.as_str(), call.status), ("count this", door::TOKYO, Some(200)));
    assert_eq!(counted.request_id(), Some(call.request_id.as_str()));
    assert_eq!((&calls[0].request["max_tokens"], &call.request), (&json!(1000), &body("count this")));
}

#[tokio::test]
async fn a_profile_cannot_be_counted_for() {
    let tokyo = Tokyo::start().await;
    let hello = body("Hello").to_string();
    let counted = tokyo.count_for(door::PROFILE, hello.as_bytes()).await;
    refused(&counted, "ValidationException", "The provided model doesn't support counting tokens.");
    let counted = tokyo.count_for("global.anthropic.claude-sonnet-4-5-20250929-v1:0", hello.as_bytes()).await;
    refused(&counted, "AccessDeniedException", "bedrock:CountTokens");
}

#[tokio::test]
async fn what_is_counted_keeps_the_rules_of_a_body() {
    let tokyo = Tokyo::start().await;
    let mut unbounded = body("Hello");
    unbounded.as_object_mut().expect("a body").remove("max_tokens");
    refused(&tokyo.count(&unbounded).await, "ValidationException", "max_tokens: Field required");
    let mut streamed = body("Hello");
    streamed["stream"] = json!(true);
    refused(&tokyo.count(&streamed).await, "ValidationException", "stream: Extra inputs are not permitted");
    refused(&tokyo.count_for(door::MODEL, b"{").await, "ValidationException", "Malformed input request");
}

#[tokio::test]
async fn commands_work_on_a_count_as_far_as_there_is_something_to_change() {
    let tokyo = Tokyo::start().await;
    for (command, error_type) in
        [("throttle", "ThrottlingException"), ("denied", "AccessDeniedException"), ("trottle", "ValidationException")]
    {
        let counted = tokyo.count(&body(&format!("stand-in: {command}"))).await;
        assert_eq!(counted.expect_err(command).code(), Some(error_type));
    }
    for command in ["throttle 1", "pace 10", "tool", "long 9", "stream-stall"] {
        let command = body(&format!("stand-in: {command}"));
        if let Err(throttled) = tokyo.count(&command).await {
            assert_eq!(throttled.code(), Some("ThrottlingException"));
            tokyo.count(&command).await.expect("a count after one failure");
        }
    }
    assert!(tokyo.count(&body("stand-in: not-json")).await.is_err());
    assert!(tokyo.count(&body("stand-in: truncated")).await.is_err());
    assert!(matches!(tokyo.count(&body("stand-in: drop")).await, Err(SdkError::DispatchFailure(_))));
    let patience = Duration::from_millis(100);
    assert!(tokio::time::timeout(patience, tokyo.count(&body("stand-in: stall"))).await.is_err());
}

#[tokio::test]
async fn only_an_envelope_with_an_invoke_model_body_is_opened() {
    let tokyo = Tokyo::start().await;
    let converse = aws_sdk_bedrockruntime::types::ConverseTokensRequest::builder().build();
    let call = tokyo.client.count_tokens().model_id(door::MODEL).input(CountTokensInput::Converse(converse));
    refused(&call.send().await, "ValidationException", "invokeModel");
    assert_eq!(count::opened(br#"{"input":{"invokeModel":{"body":"e30="}}}"#), Ok(b"{}".to_vec()));
    for envelope in [
        "",
        "[]",
        r#"{"input":{"invokeModel":{"body":"no base64!"}}}"#,
        r#"{"input":{"invokeModel":{"body":"e30="},"converse":{}}}"#,
    ] {
        let refusal = count::opened(envelope.as_bytes()).expect_err(envelope);
        assert_eq!(refusal.error_type, "ValidationException");
    }
}

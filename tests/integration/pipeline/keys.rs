//! Once, over HTTP: the `Idempotency-Key` header.

use super::Pipeline;
use crate::stage::{Stage, post, question};
use serde_json::{Value, json};
use stand_ins::dynamodb;
use stand_ins::gateway::{GatewayAnswer, Mode, rest_event};
use stand_ins::runtime_api::{Departure, Invocation};
use std::time::Duration;

/// A key of the caller's, over HTTP.
async fn keyed(stage: &Stage, key: &str, body: &Value) -> GatewayAnswer {
    let mut request = post("/v1/messages", body.to_string());
    request.headers.push(("Idempotency-Key".to_owned(), key.to_owned()));
    stage.http(rest_event(&request, "prod")).await
}

#[tokio::test]
async fn a_key_is_answered_once_whole_or_streamed() {
    for mode in ["stream", "buffered"] {
        let pipeline = Pipeline::new("", true, &[("RESPONSE_MODE", mode)]).await;
        for (key, stream) in [("key-1", false), ("key-2", true)] {
            let mut body = question("東京");
            body["stream"] = json!(stream);
            let first = keyed(&pipeline.stage, key, &body).await;
            let second = keyed(&pipeline.stage, key, &body).await;
            assert_eq!((first.status, second.status), (200, 200), "{}", second.text());
            assert_eq!((first.text(), first.header("content-type")), (second.text(), second.header("content-type")));
            assert_eq!(second.header("idempotency-replayed"), Some("true"));
            assert_eq!(first.header("bedrock-request-id"), second.header("bedrock-request-id"));
            assert!(first.header("idempotency-replayed").is_none());
            let other = keyed(&pipeline.stage, key, &question("another")).await;
            assert_eq!((other.status, other.header("x-should-retry")), (409, Some("false")), "{}", other.text());
        }
        assert_eq!(pipeline.stage.bedrock.calls().len(), 2);
        let lines = pipeline.stage.prompt_lines(6).await;
        assert_eq!(lines.iter().filter(|line| line["fate"] == "replayed").count(), 2);
        assert_eq!(lines.iter().filter(|line| line["error.label"] == "key_reused").count(), 2);
    }
}

#[tokio::test]
async fn an_error_under_a_key_is_not_kept_and_a_large_answer_without_its_text() {
    let pipeline = Pipeline::new("", true, &[("RESPONSE_MODE", "stream")]).await;
    let throttled = question("stand-in: throttle 1");
    assert_eq!(keyed(&pipeline.stage, "key-1", &throttled).await.status, 429);
    assert_eq!(keyed(&pipeline.stage, "key-1", &throttled).await.status, 200);
    let broken = json!({ "stream": true, "max_tokens": 9, "messages": [{ "role": "user", "content": "stand-in: stream-drop" }] });
    assert_eq!(keyed(&pipeline.stage, "key-2", &broken).await.status, 200);
    assert!(keyed(&pipeline.stage, "key-2", &broken).await.header("idempotency-replayed").is_none());
    let mut large = question("stand-in: long 250000");
    large["max_tokens"] = json!(64_000);
    large["stream"] = json!(true);
    assert_eq!(keyed(&pipeline.stage, "key-3", &large).await.status, 200);
    let again = keyed(&pipeline.stage, "key-3", &large).await;
    assert_eq!((again.status, again.header("x-should-retry")), (410, Some("false")), "{}", again.text());
    assert_eq!(keyed(&pipeline.stage, "schlüssel", &large).await.status, 400);
}

#[tokio::test]
async fn a_key_where_nothing_is_remembered_is_told_so() {
    let stage = Stage::new().await;
    let answer = keyed(&stage, "key-1", &question("hello")).await;
    assert_eq!((answer.status, answer.header("kokunai-idempotency")), (200, Some("off")));
    let is_said = |line: &str| line.contains(r#""idempotency":"off""#);
    assert!(stage.function.wait_for_line(is_said, Duration::from_secs(20)).await.is_some(), "said at start");
}

#[tokio::test]
async fn a_claim_that_may_have_been_written_is_given_up() {
    let pipeline = Pipeline::new("", true, &[]).await;
    pipeline.dynamodb.fail(dynamodb::Operation::PutItem, dynamodb::Fault::Lost, 9);
    let body = question("東京");
    assert_eq!(keyed(&pipeline.stage, "key", &body).await.status, 503);
    let pipeline_healed = async {
        loop {
            let answer = keyed(&pipeline.stage, "key", &body).await;
            if answer.status == 200 {
                return answer;
            }
            assert_eq!(answer.status, 503, "nobody holds it: {}", answer.text());
        }
    };
    tokio::time::timeout(Duration::from_secs(20), pipeline_healed).await.unwrap();
}

/// The event of a keyed request from a role's session, with more headers.
fn keyed_event(role: &str, body: &Value, headers: &[(&str, &str)]) -> Value {
    let mut request = post("/v1/messages", body.to_string());
    request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    request.headers.push(("Idempotency-Key".to_owned(), "key".to_owned()));
    let mut event = rest_event(&request, "prod");
    let arn = format!("arn:aws:sts::123456789012:assumed-role/{role}");
    event["requestContext"]["identity"]["userArn"] = json!(arn);
    event
}

#[tokio::test]
async fn two_callers_may_choose_the_same_key_and_a_caller_keeps_his_in_another_session() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let body = question("東京");
    for (role, replayed) in [("orders/task-1", None), ("shop/task-1", None), ("orders/task-2", Some("true"))] {
        let answer = pipeline.stage.http(keyed_event(role, &body, &[])).await;
        assert_eq!((answer.status, answer.header("idempotency-replayed")), (200, replayed), "{role}");
    }
    assert_eq!(pipeline.stage.bedrock.calls().len(), 2);
}

#[tokio::test]
async fn the_same_body_with_other_betas_is_another_request() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let body = question("東京");
    assert_eq!(pipeline.stage.http(keyed_event("orders/x", &body, &[])).await.status, 200);
    let beta = [("anthropic-beta", "context-1m-2025-08-07")];
    assert_eq!(pipeline.stage.http(keyed_event("orders/x", &body, &beta)).await.status, 409);
}

#[tokio::test]
async fn a_key_that_is_at_work_is_told_when_to_come_again() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let body = question("stand-in: slow 3000");
    let event = keyed_event("orders/x", &body, &[]).to_string();
    let first = tokio::spawn(pipeline.stage.runtime.invoke(Invocation::new(event.clone())));
    while pipeline.stage.bedrock.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = pipeline.another();
    let told =
        GatewayAnswer::from_outcome(&pipeline.stage.runtime.invoke(Invocation::new(event)).await, Mode::Buffered);
    let wait: u64 = told.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(told.status, 409, "{}", told.text());
    assert!((1..=32).contains(&wait), "no longer than the prompt may take: {wait} s");
    let _ = first.await.unwrap().answered();
    drop(second);
    assert_eq!(pipeline.stage.bedrock.calls().len(), 1);
}

#[tokio::test]
async fn a_stream_whose_client_leaves_is_remembered_all_the_same() {
    let pipeline = Pipeline::new("", true, &[("RESPONSE_MODE", "stream")]).await;
    let mut body = question("stand-in: pace 20");
    body["stream"] = json!(true);
    let event = keyed_event("orders/x", &body, &[]).to_string();
    let leaving = Invocation::new(event.clone()).departure(Departure::Close);
    drop(pipeline.stage.runtime.stream(leaving).await);
    let lines = pipeline.stage.prompt_lines(1).await;
    assert_eq!((&lines[0]["client_gone"], &lines[0]["status"]), (&json!(true), &json!(200)), "{lines:#?}");
    let again = pipeline.stage.http(&event).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
    assert!(again.text().ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"), "{}", again.text());
    assert_eq!(pipeline.stage.bedrock.calls().len(), 1);
}

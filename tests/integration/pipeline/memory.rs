//! Once, for the messages of a queue: none is paid for twice, whatever fails.

use super::{Pipeline, TABLE, body, kept, message};
use crate::stage::event;
use serde_json::{Value, json};
use stand_ins::dynamodb;
use stand_ins::runtime_api::Invocation;
use stand_ins::sqs::{Fault, Operation, Times};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[tokio::test]
async fn one_message_is_paid_for_once_however_often_it_is_delivered() {
    let pipeline = Pipeline::new("", true, &[]).await;
    for _ in 0..3 {
        assert_eq!(pipeline.stage.answer(event("sqs-batch")).await, json!({ "batchItemFailures": [] }));
    }
    assert_eq!(pipeline.stage.bedrock.calls().len(), 10, "once for each message");
    assert_eq!(pipeline.results(10).await.len(), 10, "and delivered once");
    let lines = pipeline.stage.prompt_lines(30).await;
    assert_eq!(lines.iter().filter(|line| line["fate"] == "delivered_before").count(), 20);
    let items = pipeline.dynamodb.items(TABLE);
    assert_eq!(items.len(), 10);
    for item in items {
        assert_eq!(item["id"]["S"].as_str().unwrap().len(), 64, "a hash, and no name: {item}");
        assert_eq!(item["fingerprint"]["S"].as_str().unwrap().len(), 64, "{item}");
        let expires: u64 = item["expires_at"]["N"].as_str().unwrap().parse().unwrap();
        let hours = expires.saturating_sub(UNIX_EPOCH.elapsed().unwrap().as_secs()) as f64 / 3600.0;
        assert!((23.9..=24.2).contains(&hours), "a day, which is the default: {hours}");
    }
    pipeline.dynamodb.everything_was_pinned().unwrap();
}

#[tokio::test]
async fn an_answer_that_was_not_delivered_is_delivered_from_memory() {
    let pipeline = Pipeline::new("", true, &[]).await;
    pipeline.sqs.fail("results", Operation::SendMessage, Fault::Denied, Times::First(1));
    let first = pipeline.stage.answer(event("sqs-one")).await;
    assert_eq!(first["batchItemFailures"].as_array().unwrap().len(), 1);
    assert_eq!(pipeline.stage.answer(event("sqs-one")).await, json!({ "batchItemFailures": [] }));
    assert_eq!(pipeline.stage.bedrock.calls().len(), 1, "paid for once");
    assert_eq!(body(&pipeline.results(1).await[0])["status"], "succeeded");
    assert_eq!(pipeline.stage.prompt_lines(2).await[1]["fate"], "replayed");
}

#[tokio::test]
async fn a_message_is_buried_once_whatever_refuses() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let bad = message(&json!({ "prompt": "x", "temperature": 7 }));
    pipeline.sqs.fail("dead", Operation::SendMessage, Fault::Denied, Times::First(1));
    pipeline.sqs.fail("results", Operation::SendMessage, Fault::Denied, Times::First(1));
    for expected in [1, 1, 0, 0] {
        assert_eq!(kept(&pipeline.stage.answer(&bad).await), expected);
    }
    assert_eq!((pipeline.sqs.messages("dead").len(), pipeline.sqs.messages("results").len()), (1, 1));
    assert_eq!(body(&pipeline.results(1).await[0])["error"]["type"], "invalid_request");
}

#[tokio::test]
async fn what_was_delivered_is_not_asked_again_even_if_it_could_not_be_kept() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let slow = message(&json!({ "prompt": "stand-in: slow 800" }));
    let asking = tokio::spawn(pipeline.stage.runtime.invoke(Invocation::new(slow.to_string())));
    while pipeline.stage.bedrock.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    pipeline.dynamodb.fail(dynamodb::Operation::PutItem, dynamodb::Fault::Denied, 1);
    assert_eq!(asking.await.unwrap().answered().json(), json!({ "batchItemFailures": [] }));
    assert_eq!(pipeline.stage.answer(&slow).await, json!({ "batchItemFailures": [] }));
    assert_eq!((pipeline.stage.bedrock.calls().len(), pipeline.results(1).await.len()), (1, 1));
}

#[tokio::test]
async fn an_error_is_not_remembered() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let throttled = message(&json!({ "prompt": "stand-in: throttle 1" }));
    assert_eq!(kept(&pipeline.stage.answer(&throttled).await), 1);
    assert!(pipeline.dynamodb.items(TABLE).is_empty());
    assert_eq!(pipeline.stage.answer(&throttled).await, json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn while_another_process_is_at_it_the_message_waits_and_after_a_crash_it_is_asked_again() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let stalled = message(&json!({ "prompt": "stand-in: slow 60000" }));
    let long = Invocation::new(stalled.to_string()).timeout(Duration::from_secs(18));
    let asking = tokio::spawn(pipeline.stage.runtime.invoke(long));
    while pipeline.stage.bedrock.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Lambda stops the first process here, and starts another.
    pipeline.stage.function.freeze().unwrap();
    let second = pipeline.another();
    let quick = || pipeline.stage.runtime.invoke(Invocation::new(stalled.to_string()).timeout(Duration::from_secs(15)));
    assert_eq!(kept(&quick().await.answered().json()), 1, "the lease holds");
    assert_eq!(pipeline.stage.bedrock.calls().len(), 1);
    let is_waiting = |line: &str| line.contains("in_progress") && line.contains("returned");
    assert!(second.wait_for_line(is_waiting, Duration::from_secs(5)).await.is_some(), "{:#?}", second.lines());
    drop(asking.await);
    let again = quick().await;
    assert_eq!(pipeline.stage.bedrock.calls().len(), 2, "the lease has run out: {again:?}");
}

#[tokio::test]
async fn where_nothing_can_be_found_out_nothing_is_asked() {
    for (fault, code) in [
        (dynamodb::Fault::Gone, "ResourceNotFoundException"),
        (dynamodb::Fault::Denied, "AccessDeniedException"),
        (dynamodb::Fault::Stall, "timeout"),
    ] {
        let pipeline = Pipeline::new("", true, &[]).await;
        pipeline.dynamodb.fail(dynamodb::Operation::PutItem, fault, usize::MAX);
        let kept = pipeline.stage.answer(event("sqs-one")).await;
        assert_eq!(kept["batchItemFailures"].as_array().unwrap().len(), 1, "{fault:?}");
        assert!(pipeline.stage.bedrock.calls().is_empty(), "{fault:?}");
        let line = &pipeline.stage.prompt_lines(1).await[0];
        let said = ["error.label", "error.service", "error.code"].map(|field| line[field].as_str().unwrap());
        assert_eq!(said, ["memory_unavailable", "table", code], "{fault:?}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_our_own() {
    let pipeline = Pipeline::new("", true, &[]).await;
    pipeline.dynamodb.fail(dynamodb::Operation::PutItem, dynamodb::Fault::Lost, 1);
    assert_eq!(pipeline.stage.answer(event("sqs-one")).await, json!({ "batchItemFailures": [] }));
    assert_eq!(pipeline.stage.bedrock.calls().len(), 1);
}

#[tokio::test]
async fn an_answer_too_large_to_keep_is_delivered_and_what_was_not_delivered_is_said() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let large = message(&json!({ "prompt": "stand-in: long 140000", "max_tokens": 64_000 }));
    pipeline.sqs.fail("results", Operation::SendMessage, Fault::Denied, Times::First(1));
    assert_eq!(kept(&pipeline.stage.answer(&large).await), 1);
    assert_eq!(kept(&pipeline.stage.answer(&large).await), 0);
    let failed = body(&pipeline.results(1).await[0]);
    assert_eq!((&failed["status"], &failed["error"]["type"]), (&json!("failed"), &json!("answer_not_kept")));
    assert_eq!((pipeline.sqs.messages("dead").len(), pipeline.stage.bedrock.calls().len()), (1, 1));
}

#[tokio::test]
async fn a_message_of_another_queue_is_another_message() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let mut other: Value = serde_json::from_str(&event("sqs-one")).unwrap();
    other["Records"][0]["eventSourceARN"] = json!("arn:aws:sqs:ap-northeast-1:123456789012:other-prompts");
    assert_eq!(kept(&pipeline.stage.answer(event("sqs-one")).await), 0);
    assert_eq!(kept(&pipeline.stage.answer(&other).await), 0);
    assert_eq!((pipeline.stage.bedrock.calls().len(), pipeline.results(2).await.len()), (2, 2));
}

#[tokio::test]
async fn a_lease_lasts_as_long_as_the_invocation() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let slow = message(&json!({ "prompt": "stand-in: slow 1500" }));
    let timeout = Duration::from_secs(90);
    let asking = tokio::spawn(pipeline.stage.runtime.invoke(Invocation::new(slow.to_string()).timeout(timeout)));
    while pipeline.stage.bedrock.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let lease: u64 = pipeline.dynamodb.items(TABLE)[0]["lease_until_ms"]["N"].as_str().unwrap().parse().unwrap();
    let left = (UNIX_EPOCH + Duration::from_millis(lease)).duration_since(SystemTime::now()).unwrap();
    assert!((60..=90).contains(&left.as_secs()), "{left:?}");
    assert_eq!(kept(&asking.await.unwrap().answered().json()), 0);
}

#[tokio::test]
async fn a_bad_envelope_is_buried_once_too() {
    let pipeline = Pipeline::new("", true, &[]).await;
    pipeline.sqs.fail("results", Operation::SendMessage, Fault::Denied, Times::First(1));
    for expected in [1, 0, 0] {
        assert_eq!(kept(&pipeline.stage.answer(event("sqs-sns-empty")).await), expected);
    }
    assert_eq!((pipeline.sqs.messages("dead").len(), pipeline.sqs.messages("results").len()), (1, 1));
}

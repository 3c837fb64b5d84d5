//! The queue door: a message counts as failed until it has been answered.

use crate::stage::{Stage, event};
use serde_json::{Value, json};
use stand_ins::runtime_api::{Invocation, Outcome};
use std::time::Duration;

/// An event of a standard queue with these bodies; message `n` has the ID `n`.
fn batch(bodies: &[String]) -> Value {
    event_of("prompts", bodies, |_| None)
}

fn event_of(queue: &str, bodies: &[String], group: impl Fn(usize) -> Option<&'static str>) -> Value {
    let message = |(index, body): (usize, &String)| {
        let mut message = json!({
            "messageId": index.to_string(),
            "receiptHandle": "handle",
            "body": body,
            "attributes": { "ApproximateReceiveCount": "1" },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:ap-northeast-1:123456789012:{queue}"),
            "awsRegion": "ap-northeast-1",
        });
        if let Some(group) = group(index) {
            message["attributes"]["MessageGroupId"] = json!(group);
        }
        message
    };
    json!({ "Records": bodies.iter().enumerate().map(message).collect::<Vec<_>>() })
}

fn prompt(text: impl Into<Value>) -> String {
    json!({ "prompt": text.into() }).to_string()
}

fn kept(ids: &[usize]) -> Value {
    json!({ "batchItemFailures": ids.iter().map(|id| json!({ "itemIdentifier": id.to_string() })).collect::<Vec<_>>() })
}

#[tokio::test]
async fn only_the_bad_the_throttled_and_the_panicking_message_go_back() {
    let stage = Stage::new().await;
    let mut bodies: Vec<String> = (0..10).map(|n| prompt(format!("message number {n}"))).collect();
    bodies[2] = "not JSON".to_owned();
    bodies[5] = prompt("stand-in: throttle");
    bodies[7] = prompt("stand-in: panic");
    assert_eq!(stage.answer(batch(&bodies)).await, kept(&[2, 5, 7]));
    for n in [0, 1, 3, 4, 6, 8, 9] {
        assert_eq!(stage.bedrock.calls_for(&format!("message number {n}")), 1, "message {n}");
    }
    let lines = stage.prompt_lines(10).await;
    let label = |id: &str| lines.iter().find(|line| line["queue.message_id"] == id).unwrap()["error.label"].clone();
    assert_eq!(
        [label("2"), label("5"), label("7"), label("0")],
        [json!("invalid_request"), json!("throttled"), json!("internal"), json!(null)]
    );
    let line = |id: &str| lines.iter().find(|line| line["queue.message_id"] == id).unwrap();
    assert_eq!(line("2")["error.field"], "body", "what was wrong can be found without the body");
    assert_eq!(line("7")["bedrock.attempts"], 1, "a panic does not hide that a request was on its way");
    assert_eq!(stage.answer(batch(&[prompt("after the panic")])).await, kept(&[]));
}

#[tokio::test]
async fn every_kind_of_bad_body_goes_back_beside_nine_good_ones() {
    let stage = Stage::new().await;
    let bad = [
        "",
        "not JSON",
        "[]",
        "{}",
        "null",
        r#"{"prompt":"a","messages":[]}"#,
        r#"{"prompt":"a","temperature":0.1,"top_p":0.1}"#,
        r#"{"prompt":1}"#,
        r#"{"prompt":"a","temperature":2}"#,
        r#"{"messages":[]}"#,
        r#"{"prompt":"a","model":"global.anthropic.claude-sonnet-4-5-20250929-v1:0"}"#,
        r#"{"prompt":"a","stream":true}"#,
        r#"{"prompt":"a","mcp_servers":[{}]}"#,
    ];
    for body in bad {
        let mut bodies: Vec<String> = (0..10).map(|n| prompt(format!("neighbour {n}"))).collect();
        bodies[3] = body.to_owned();
        assert_eq!(stage.answer(batch(&bodies)).await, kept(&[3]), "{body}");
    }
    assert_eq!(stage.bedrock.calls().len(), bad.len() * 9);
}

#[tokio::test]
async fn a_deadline_in_mid_batch_returns_only_the_unfinished() {
    let stage = Stage::new().await;
    let mut bodies: Vec<String> = (0..4).map(|n| prompt(format!("quick {n}"))).collect();
    bodies.extend((4..6).map(|n| prompt(format!("number {n}, stand-in: stall"))));
    let invocation = Invocation::new(batch(&bodies).to_string()).timeout(Duration::from_secs(4));
    let answered = stage.runtime.invoke(invocation).await.answered();
    assert!(answered.elapsed < Duration::from_secs(4), "before Lambda's deadline: {:?}", answered.elapsed);
    assert_eq!(answered.json(), kept(&[4, 5]));
    let lines = stage.prompt_lines(6).await;
    assert_eq!(lines.iter().filter(|line| line["error.label"] == "timeout").count(), 2);
}

#[tokio::test]
async fn what_was_not_started_by_the_deadline_is_returned_untried() {
    let stage = Stage::new().await;
    // Ten at once: the last two wait for a place that does not come.
    let bodies: Vec<String> = (0..12).map(|n| prompt(format!("number {n}, stand-in: stall"))).collect();
    let invocation = Invocation::new(batch(&bodies).to_string()).timeout(Duration::from_secs(3));
    let answered = stage.runtime.invoke(invocation).await.answered();
    assert_eq!(answered.json(), kept(&(0..12).collect::<Vec<_>>()));
    assert_eq!(stage.bedrock.calls().len(), 10);
    assert_eq!(stage.prompt_lines(10).await.len(), 10);
    let untried = stage.function.wait_for_line(|line| line.contains("untried"), Duration::from_secs(20)).await;
    let untried: Value = serde_json::from_str(&untried.unwrap()).unwrap();
    assert_eq!(untried["queue.untried"], 2);
}

#[tokio::test]
async fn a_fifo_group_stops_at_its_first_failure_and_others_go_on() {
    let stage = Stage::new().await;
    let mut bodies: Vec<String> =
        (0..8).map(|n| prompt(format!("number {n} of its line, stand-in: slow 20"))).collect();
    bodies[2] = "not JSON".to_owned();
    let group = |index: usize| Some(if index.is_multiple_of(2) { "even" } else { "odd" });
    assert_eq!(stage.answer(event_of("prompts.fifo", &bodies, group)).await, kept(&[2, 4, 6]));
    let order: Vec<_> = stage
        .bedrock
        .calls()
        .into_iter()
        .map(|call| call.prompt)
        .filter(|it| it.contains(['1', '3', '5', '7']))
        .collect();
    assert!(order.is_sorted(), "a group is answered in its order: {order:?}");
    assert_eq!(stage.bedrock.calls().len(), 5);
}

#[tokio::test]
async fn in_a_standard_queue_a_group_is_no_order() {
    let stage = Stage::new().await;
    let mut bodies: Vec<String> = (0..5).map(|n| prompt(format!("tenant's message {n}"))).collect();
    bodies[0] = "not JSON".to_owned();
    let event = event_of("prompts", &bodies, |_| Some("one tenant"));
    assert_eq!(stage.answer(event).await, kept(&[0]));
}

#[tokio::test]
async fn a_prompt_of_a_hundred_thousand_fields_takes_no_neighbour_along() {
    let stage = Stage::new().await;
    let mut bodies: Vec<String> = (0..10).map(|n| prompt(format!("neighbour {n}"))).collect();
    let fields: Vec<String> = (0..100_000).map(|n| format!("\"f{n}\":1")).collect();
    bodies[4] = format!("{{\"prompt\":\"a\",{}}}", fields.join(","));
    assert_eq!(stage.answer(batch(&bodies)).await, kept(&[4]));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_takes_no_neighbour_along() {
    let stage = Stage::new().await;
    for odd in
        [json!({ "body": { "prompt": "a" } }), json!({ "attributes": { "SenderId": 1 } }), json!({ "body": null })]
    {
        let mut event = batch(&[prompt("one"), prompt("two"), prompt("three")]);
        for (name, value) in odd.as_object().unwrap() {
            event["Records"][1][name] = value.clone();
        }
        assert_eq!(stage.answer(event).await, kept(&[1]), "{odd}");
    }
}

#[tokio::test]
async fn a_message_without_an_id_fails_the_batch_only_if_it_fails_itself() {
    let stage = Stage::new().await;
    let mut good: Value = serde_json::from_str(&event("sqs-no-message-id")).unwrap();
    good["Records"][1]["body"] = json!(prompt("good after all"));
    assert_eq!(stage.answer(&good).await, kept(&[]));

    let outcome = stage.invoke(event("sqs-no-message-id")).await;
    let Outcome::Failed(failed) = outcome else { panic!("{outcome:?}") };
    assert!(failed.message.starts_with("Records.1.messageId: "), "{}", failed.message);
    let lines = stage.prompt_lines(7).await;
    assert_eq!(lines[6]["error.label"], "unknown_event", "the log says that the batch failed");

    let mut empty = good;
    empty["Records"][1]["messageId"] = json!("");
    empty["Records"][1]["body"] = json!("not JSON");
    let outcome = stage.invoke(&empty).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "an empty ID is none: {outcome:?}");
}

#[tokio::test]
async fn the_lines_of_a_batch_name_their_messages() {
    let stage = Stage::new().await;
    stage.answer(event("sqs-batch")).await;
    let lines = stage.prompt_lines(10).await;
    let mut ids: Vec<_> = lines.iter().map(|line| line["queue.message_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 10);
    assert!(lines.iter().all(|line| line["source"] == "queue" && line["caller"] == "AROAEXAMPLE:orders-service"));
}

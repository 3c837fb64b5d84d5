//! What leaves the worker: results, dead letters, and messages that come back.

use super::{Pipeline, body, kept, message, prompt};
use crate::stage::event;
use serde_json::{Value, json};
use stand_ins::poller::{Poller, PollerSettings};
use stand_ins::sqs::{Attribute, Draft, Fault, Operation, QueueSettings, Times};
use std::time::Duration;

#[tokio::test]
async fn an_answer_is_delivered_with_what_its_message_carried() {
    let pipeline = Pipeline::new("", false, &[]).await;
    let trace = "Root=1-6922a1b0-3f1e2d4c5b6a798801234567;Parent=53995c3f42cd8ad8;Sampled=1";
    let draft = prompt("東京").attribute("order", Attribute::text("A-1")).group("tenant-1").trace(trace);
    let id = pipeline.sqs.put("prompts", draft);
    let _poller = pipeline.poll();
    let result = &pipeline.results(1).await[0];
    let envelope = body(result);
    assert_eq!((&envelope["message_id"], &envelope["status"]), (&json!(id), &json!("succeeded")));
    let call = &pipeline.stage.bedrock.calls()[0];
    assert!(envelope["answer"]["text"].as_str().unwrap().contains("東京"), "{envelope}");
    assert_eq!(envelope["answer"]["bedrock_request_id"], call.request_id);
    assert_eq!(envelope["answer"]["inference_profile"], "jp.anthropic.claude-sonnet-4-5-20250929-v1:0");
    assert!(envelope["timings"]["duration_ms"].is_u64() && envelope["timings"]["waited_ms"].is_u64(), "{envelope}");
    assert!(envelope.get("error").is_none());
    assert_eq!(result.attributes["order"].as_text(), "A-1");
    assert_eq!(result.group.as_deref(), Some("tenant-1"));
    assert_eq!(result.system_attributes["AWSTraceHeader"], trace);
    let line = pipeline.line_of(&id, 1).await;
    assert_eq!((&line["fate"], &line["status"]), (&json!("delivered"), &json!(200)));
    assert_eq!(line["trace_id"], "1-6922a1b0-3f1e2d4c5b6a798801234567");
    while !pipeline.sqs.messages("prompts").is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    pipeline.sqs.everything_was_pinned().unwrap();
    pipeline.stage.bedrock.everything_was_pinned().unwrap();
}

#[tokio::test]
async fn what_can_have_no_answer_is_buried_at_once_and_told() {
    let pipeline = Pipeline::new("", false, &[]).await;
    let trace = "Root=1-6922a1b0-3f1e2d4c5b6a798801234567;Parent=53995c3f42cd8ad8;Sampled=1";
    let bad = Draft::new(r#"{"prompt":"x","temperature":7}"#).attribute("order", Attribute::text("A-1")).trace(trace);
    let mut full = prompt("stand-in: validation");
    for index in 0..10 {
        full = full.attribute(format!("own-{index}"), Attribute::text("x"));
    }
    let ids = [pipeline.sqs.put("prompts", bad), pipeline.sqs.put("prompts", full)];
    let _poller = pipeline.poll();
    let (results, dead) = (pipeline.results(2).await, pipeline.messages("dead", 2).await);
    for (id, label) in ids.iter().zip(["invalid_request", "rejected"]) {
        let failed = results.iter().map(body).find(|result| result["message_id"] == **id).unwrap();
        assert_eq!((&failed["status"], &failed["error"]["type"]), (&json!("failed"), &json!(label)));
        let line = pipeline.line_of(id, 2).await;
        assert_eq!((&line["fate"], &line["error.label"]), (&json!("dead_lettered"), &json!(label)));
    }
    let reason: Value = serde_json::from_str(dead[0].attributes["kokunai.error"].as_text()).unwrap();
    assert_eq!((&reason["type"], &reason["message_id"]), (&json!("invalid_request"), &json!(ids[0])));
    assert!(reason["message"].as_str().unwrap().starts_with("temperature: "), "{reason}");
    assert_eq!(dead[0].body, r#"{"prompt":"x","temperature":7}"#, "the body is as it came");
    assert_eq!(dead[0].system_attributes["AWSTraceHeader"], trace);
    let wrapped = body(&dead[1]);
    assert_eq!(wrapped["error"]["type"], "rejected", "no room for an eleventh attribute");
    assert!(wrapped["body"].as_str().unwrap().contains("stand-in: validation"));
}

#[tokio::test]
async fn what_may_be_answered_later_comes_back_after_a_pause() {
    let pipeline = Pipeline::new("", false, &[]).await;
    let ids = ["throttle", "panic", "drop"]
        .map(|command| pipeline.sqs.put("prompts", prompt(&format!("stand-in: {command}"))));
    let _poller = pipeline.poll();
    let lines = pipeline.stage.prompt_lines(3).await;
    assert!(lines.iter().all(|line| line["fate"] == "returned"), "{lines:#?}");
    tokio::time::sleep(Duration::from_millis(300)).await;
    for message in pipeline.sqs.messages("prompts") {
        let hidden = message.hidden_for.unwrap().as_secs();
        assert!(ids.contains(&message.id) && (20..=38).contains(&hidden), "hidden for {hidden} s");
    }
    assert!(pipeline.sqs.messages("results").is_empty() && pipeline.sqs.messages("dead").is_empty());
}

#[tokio::test]
async fn a_results_queue_that_refuses_sends_the_message_back_and_the_line_says_so() {
    for (fault, code) in [
        (Fault::Gone, "AWS.SimpleQueueService.NonExistentQueue"),
        (Fault::Denied, "AccessDenied"),
        (Fault::Throttled, "RequestThrottled"),
        (Fault::Stall, "timeout"),
        (Fault::Drop, "unreachable"),
    ] {
        let pipeline = Pipeline::new("", true, &[]).await;
        pipeline.sqs.fail("results", Operation::SendMessage, fault, Times::Always);
        let id = pipeline.sqs.put("prompts", prompt("東京"));
        let _poller = pipeline.poll();
        let line = pipeline.line_of(&id, 1).await;
        assert_eq!((&line["fate"], &line["error.label"]), (&json!("returned"), &json!("undelivered")), "{fault:?}");
        assert_eq!((&line["error.service"], &line["error.code"]), (&json!("results"), &json!(code)), "{fault:?}");
        assert_eq!(line["queue.receives"], 1);
        assert!(line["cost_usd"].is_number(), "{fault:?}: it has been paid for, and the line says so: {line}");
        assert_eq!(pipeline.sqs.messages("prompts").len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_batch_from_a_queue_that_results_go_to_is_refused_as_a_whole() {
    let pipeline = Pipeline::new("", false, &[]).await;
    let mut round: Value = serde_json::from_str(&event("sqs-one")).unwrap();
    for name in ["results", "dead"] {
        round["Records"][0]["eventSourceARN"] = json!(format!("arn:aws:sqs:ap-northeast-1:123456789012:{name}"));
        let outcome = format!("{:?}", pipeline.stage.invoke(&round).await);
        assert!(outcome.contains("unknown_event") && outcome.contains("go round"), "{outcome}");
    }
    assert!(pipeline.stage.bedrock.calls().is_empty() && pipeline.sqs.calls().is_empty());
}

#[tokio::test]
async fn a_dead_letter_queue_that_refuses_sends_the_message_back_and_the_line_says_why() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let bad = message(&json!({ "prompt": "x", "temperature": 7 }));
    pipeline.sqs.fail("dead", Operation::SendMessage, Fault::Denied, Times::First(1));
    assert_eq!(kept(&pipeline.stage.answer(&bad).await), 1);
    let line = &pipeline.stage.prompt_lines(1).await[0];
    let said = ["fate", "error.label", "error.cause", "error.service"].map(|field| line[field].as_str().unwrap());
    assert_eq!(said, ["returned", "undelivered", "invalid_request", "dead_letters"]);
    assert!(pipeline.sqs.messages("results").is_empty(), "no result without its dead letter");
    assert_eq!(kept(&pipeline.stage.answer(&bad).await), 0);
    assert_eq!((pipeline.sqs.messages("dead").len(), pipeline.sqs.messages("results").len()), (1, 1));
}

#[tokio::test]
async fn a_pause_grows_with_the_receive_count() {
    let pipeline = Pipeline::new("", false, &[]).await;
    assert_eq!(kept(&pipeline.stage.answer(event("sqs-retried")).await), 2);
    let calls = pipeline.sqs.calls();
    let hidden = |handle: &str| {
        let of_handle = |call: &&stand_ins::sqs::Call| {
            call.operation == Some(Operation::ChangeMessageVisibility)
                && call.input["ReceiptHandle"].as_str().unwrap().starts_with(handle)
        };
        calls.iter().find(of_handle).unwrap().input["VisibilityTimeout"].as_u64().unwrap()
    };
    let (first, fourth) = (hidden("AQEB0001"), hidden("AQEB0002"));
    assert!((22..=37).contains(&first) && (180..=300).contains(&fourth), "{first} s, then {fourth} s");
    let line = |line: &str| line.contains("the visibility of a message could not be changed");
    assert!(pipeline.stage.function.wait_for_line(line, Duration::from_secs(20)).await.is_some(), "nobody holds them");
}

#[tokio::test]
async fn a_message_that_comes_too_often_is_moved_by_the_queue_itself() {
    let pipeline = Pipeline::new("", true, &[]).await;
    let settings = QueueSettings::default().visibility(Duration::from_secs(1)).dead_letters("dead", 3);
    let url = pipeline.sqs.create("hasty", settings);
    // What cannot be hidden comes again as soon as its visibility time-out ends.
    pipeline.sqs.fail("hasty", Operation::ChangeMessageVisibility, Fault::Denied, Times::Always);
    let id = pipeline.sqs.put("hasty", prompt("stand-in: throttle"));
    let _poller = Poller::start(pipeline.sqs.address(), PollerSettings::new(url), &pipeline.stage.runtime);
    let dead = pipeline.messages("dead", 1).await;
    assert_eq!((dead[0].id.as_str(), dead[0].attributes.len()), (id.as_str(), 0), "as it came, under its own ID");
    assert!(pipeline.sqs.messages("results").is_empty() && pipeline.sqs.messages("hasty").is_empty());
    assert_eq!(pipeline.stage.bedrock.calls().len(), 3);
}

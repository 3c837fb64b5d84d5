//! What is begun and what is not: the deadline of a batch, and the order of a FIFO queue's groups.

use super::{Pipeline, body, kept, prompt};
use crate::stage::event;
use proptest::prelude::*;
use serde_json::{Value, json};
use stand_ins::poller::{Poller, PollerSettings};
use stand_ins::runtime_api::Invocation;
use stand_ins::sqs::Operation;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test]
async fn a_message_that_could_not_be_answered_in_time_is_not_started_and_visible_at_once() {
    let pipeline = Pipeline::new("", false, &[("QUEUE_CONCURRENCY", "1")]).await;
    for _ in 0..4 {
        pipeline.sqs.put("prompts", prompt("stand-in: slow 2000"));
    }
    let settings =
        PollerSettings { timeout: Duration::from_secs(17), ..PollerSettings::new(pipeline.queue_url.as_str()) };
    let _poller = Poller::start(pipeline.sqs.address(), settings, &pipeline.stage.runtime);
    // Of the seventeen seconds, twelve are kept back: two prompts of two seconds fit, and a third would end too late.
    let line =
        pipeline.stage.function.wait_for_line(|line| line.contains("queue.untried"), Duration::from_secs(20)).await;
    let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
    assert_eq!(line["queue.untried"], 2, "{line}");
    // The visibility time-out is 300 s: that the others are answered before says that they came back at once.
    pipeline.results(4).await;
    assert_eq!(pipeline.stage.bedrock.calls().len(), 4);
}

#[test]
fn no_later_message_of_a_group_is_answered_before_one_that_failed() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let pipeline = runtime.block_on(Pipeline::new(".fifo", false, &[]));
    let command = prop::option::weighted(0.4, prop::sample::select(vec!["throttle", "panic", "drop", "validation"]));
    let batch = prop::collection::vec((0..3_usize, command), 1..10);
    let rounds = AtomicUsize::new(0);
    proptest!(ProptestConfig::with_cases(40), |(batch in batch)| {
        let round = rounds.fetch_add(1, Ordering::Relaxed);
        // What can never be answered is buried, and its group goes on.
        let fails = |command: &Option<&str>| command.is_some_and(|command| command != "validation");
        let record = |(index, (group, command)): (usize, &(usize, Option<&str>))| {
            let command = command.map_or("answer".to_owned(), |command| format!("stand-in: {command}"));
            json!({
                "messageId": format!("{round}-{index}"),
                "receiptHandle": "handle",
                "body": json!({ "prompt": format!("{command}\n{round}/{group}/{index}.") }).to_string(),
                "attributes": { "MessageGroupId": format!("group-{group}") },
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:ap-northeast-1:123456789012:prompts.fifo",
            })
        };
        let records: Vec<_> = batch.iter().enumerate().map(record).collect();
        let kept = runtime.block_on(pipeline.stage.answer(json!({ "Records": records })));
        let kept: Vec<_> = kept["batchItemFailures"].as_array().unwrap().iter().map(|it| it["itemIdentifier"].clone()).collect();
        for group in 0..3 {
            let of_group: Vec<_> = batch.iter().enumerate().filter(|(_, (it, _))| *it == group).collect();
            let failed = of_group.iter().position(|(_, (_, command))| fails(command)).unwrap_or(of_group.len());
            for (position, (index, _)) in of_group.iter().enumerate() {
                let asked = pipeline.stage.bedrock.calls_for(&format!("{round}/{group}/{index}."));
                // A panic comes before the request leaves.
                let expected = if position == failed { asked.min(1) } else { usize::from(position < failed) };
                prop_assert_eq!(asked, expected, "message {} of group {}", index, group);
                prop_assert_eq!(kept.contains(&json!(format!("{round}-{index}"))), position >= failed);
            }
        }
    });
}

#[tokio::test]
async fn a_fifo_result_keeps_its_group() {
    let pipeline = Pipeline::new(".fifo", false, &[]).await;
    for (group, text) in [("a", "1"), ("b", "2"), ("a", "3")] {
        pipeline.sqs.put("prompts.fifo", prompt(text).group(group).deduplication(text));
    }
    let _poller = pipeline.poll();
    let results = pipeline.messages("results.fifo", 3).await;
    for result in &results {
        let id = body(result)["message_id"].as_str().unwrap().to_owned();
        assert_eq!(
            result.system_attributes["MessageDeduplicationId"], id,
            "sent twice within minutes, SQS takes it once"
        );
    }
    let of = |group: &str| {
        let of_group = results.iter().filter(|result| result.group.as_deref() == Some(group));
        of_group
            .map(|result| body(result)["answer"]["text"].as_str().unwrap().chars().last().unwrap())
            .collect::<String>()
    };
    assert_eq!((of("a"), of("b")), ("13".to_owned(), "2".to_owned()));
}

#[tokio::test]
async fn where_nothing_could_be_started_nothing_is_shown_again_at_once() {
    let pipeline = Pipeline::new("", false, &[]).await;
    // Shorter than what is kept back for delivering: shown again, the messages would only come again and again.
    let invocation = Invocation::new(event("sqs-batch")).timeout(Duration::from_secs(8));
    assert_eq!(kept(&pipeline.stage.runtime.invoke(invocation).await.answered().json()), 10);
    assert!(pipeline.stage.bedrock.calls().is_empty());
    assert_eq!(pipeline.sqs.calls_for("prompts", Operation::ChangeMessageVisibility), 0);
}

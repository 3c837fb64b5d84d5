//! Every queue event in `events/` goes through a whole worker, and each message ends as the table says.

use super::{Pipeline, body};
use crate::stage::{event, root};
use serde_json::{Value, json};

/// What becomes of the messages of an event that are not simply answered: their number, their fate, and the label of why.
type Fates = &'static [(u32, &'static str, &'static str)];

const FATES: [(&str, Fates); 14] = [
    ("sqs-attributes", &[(3, "dead_lettered", "invalid_request"), (4, "dead_lettered", "invalid_request")]),
    ("sqs-batch", &[]),
    ("sqs-eventbridge", &[]),
    ("sqs-eventbridge-empty", &[(1, "dead_lettered", "invalid_request")]),
    (
        "sqs-failures",
        &[
            (1, "returned", "throttled"),
            (2, "returned", "overloaded"),
            (3, "returned", "quota_exceeded"),
            (4, "returned", "overloaded"),
            (5, "returned", "bedrock_error"),
            (6, "returned", "access_denied"),
            (7, "returned", "model_not_found"),
            (8, "returned", "model_timeout"),
            (9, "returned", "model_failed"),
            (10, "returned", "unreachable"),
            (11, "returned", "bad_answer"),
            (12, "returned", "internal"),
            (13, "returned", "timeout"),
            (14, "dead_lettered", "rejected"),
        ],
    ),
    ("sqs-fifo", &[(3, "dead_lettered", "invalid_request")]),
    ("sqs-limits", &[(1, "dead_lettered", "answer_too_large")]),
    ("sqs-no-message-id", &[(0, "dead_lettered", "invalid_request")]),
    ("sqs-one", &[]),
    ("sqs-one-bad-body", &[(5, "dead_lettered", "invalid_request")]),
    ("sqs-retried", &[(1, "returned", "throttled"), (2, "returned", "throttled")]),
    ("sqs-sns", &[]),
    ("sqs-sns-empty", &[(1, "dead_lettered", "invalid_request")]),
    ("sqs-stream", &[(2, "dead_lettered", "invalid_request")]),
];

#[test]
fn every_queue_event_is_in_the_table() {
    let names = std::fs::read_dir(root().join("events")).unwrap().map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = names.filter_map(|name| name.to_str()?.strip_suffix(".json").map(str::to_owned)).collect();
    names.retain(|name| name.starts_with("sqs-"));
    names.sort();
    assert_eq!(names, FATES.map(|(name, _)| name));
}

#[tokio::test]
async fn every_message_of_every_event_ends_as_the_table_says() {
    for (name, fates) in FATES {
        let suffix = if name.contains("fifo") { ".fifo" } else { "" };
        let pipeline = Pipeline::new(suffix, true, &[("TIME_BUDGET_SECONDS", "3")]).await;
        let batch: Value = serde_json::from_str(&event(name)).unwrap();
        let records = batch["Records"].as_array().unwrap();
        let response = pipeline.stage.answer(&batch).await;
        let lines = pipeline.stage.prompt_lines(records.len()).await;
        let results: Vec<_> = pipeline.sqs.messages(&format!("results{suffix}")).iter().map(body).collect();
        for record in records {
            let id = &record["messageId"];
            let number = id.as_str().map_or(0, |id| id[..8].parse().unwrap());
            let fate = fates.iter().find(|(of, _, _)| *of == number);
            let (fate, label) = fate.map_or((json!("delivered"), Value::Null), |fate| (json!(fate.1), json!(fate.2)));
            let line = lines.iter().find(|line| line["queue.message_id"] == *id).unwrap();
            assert_eq!((&line["fate"], &line["error.label"]), (&fate, &label), "{name}: {line}");
            let result = results.iter().find(|result| result["message_id"] == *id);
            let status = result.map(|result| result["status"].as_str().unwrap());
            let expected = [("delivered", "succeeded"), ("dead_lettered", "failed")];
            assert_eq!(status, expected.iter().find(|(of, _)| fate == *of).map(|(_, status)| *status), "{name}: {id}");
            assert_eq!(
                result.map_or(&Value::Null, |result| &result["error"]["type"]),
                if status.is_some() { &label } else { &Value::Null }
            );
        }
        let of = |fate: &str| fates.iter().filter(|(_, of, _)| *of == fate).count();
        assert_eq!(super::kept(&response), of("returned"), "{name}: {response}");
        assert_eq!(pipeline.sqs.messages(&format!("dead{suffix}")).len(), of("dead_lettered"), "{name}");
        pipeline.sqs.everything_was_pinned().unwrap();
        pipeline.dynamodb.everything_was_pinned().unwrap();
    }
}

#[tokio::test]
async fn what_a_message_carried_goes_on_with_its_result_or_its_letter() {
    let pipeline = Pipeline::new("", false, &[]).await;
    assert_eq!(super::kept(&pipeline.stage.answer(event("sqs-attributes")).await), 0);
    let (results, dead) = (pipeline.results(4).await, pipeline.messages("dead", 2).await);
    let of = |number: u32| {
        let is = |it: &&stand_ins::sqs::StoredMessage| {
            body(it)["message_id"].as_str().unwrap().starts_with(&format!("{number:08}"))
        };
        results.iter().find(is).unwrap()
    };
    let first = &of(1).attributes;
    assert_eq!(first.keys().collect::<Vec<_>>(), ["order", "priority", "stamp"]);
    assert_eq!((first["order"].as_text(), first["priority"].as_text()), ("A-1", "3"));
    assert_eq!(first["stamp"].value.as_ref(), [0, 1, 2, 255], "bytes stay bytes");
    assert_eq!(of(1).group.as_deref(), Some("tenant-1"));
    assert_eq!(of(2).attributes.keys().collect::<Vec<_>>(), ["order"], "a reason from an earlier life does not go on");
    let wrapped = dead.iter().find(|letter| letter.attributes.len() == 10).unwrap();
    assert_eq!(body(wrapped)["error"]["type"], "invalid_request", "ten attributes leave no room for an eleventh");
    let other = dead.iter().find(|letter| letter.attributes.len() == 2).unwrap();
    assert!(other.attributes["kokunai.error"].as_text().contains("temperature: "), "{other:?}");
}

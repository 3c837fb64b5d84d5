//! What the function gets, and what becomes of it afterwards.

use super::*;

#[tokio::test]
async fn an_event_is_what_lambda_sends_and_its_messages_are_deleted() {
    let stage = Stage::obliging("prompts", QueueSettings::default()).await;
    let number = Attribute { data_type: "Number".to_owned(), value: "6".into() };
    let binary = Attribute { data_type: "Binary".to_owned(), value: vec![0, 255].into() };
    let draft = Draft::new("message-1").attribute("WeeksOn", number).attribute("Cover", binary).trace("Root=1-a-b");
    let id = stage.sqs.put("prompts", draft);
    let poller = stage.poll(stage.settings());
    until(|| poller.counts().deleted == 1).await;
    let mut record = stage.events()[0]["Records"][0].clone();
    let handle = record["receiptHandle"].take();
    assert!(handle.as_str().is_some_and(|handle| handle.starts_with("AQEB")));
    for name in ["SentTimestamp", "ApproximateFirstReceiveTimestamp", "SenderId"] {
        assert!(record["attributes"][name].take().is_string(), "{name}");
    }
    let attribute = |kind: &str, name: &str, value: &str| json!({ "dataType": kind, "stringListValues": [], "binaryListValues": [], name: value });
    let expected = json!({
        "messageId": id,
        "receiptHandle": null,
        "body": "message-1",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": null,
            "SenderId": null,
            "ApproximateFirstReceiveTimestamp": null,
            "AWSTraceHeader": "Root=1-a-b",
        },
        "messageAttributes": {
            "WeeksOn": attribute("Number", "stringValue", "6"),
            "Cover": attribute("Binary", "binaryValue", "AP8="),
        },
        "md5OfMessageAttributes": "290ebe68780c7535ad11cc414dcbdcfb",
        "md5OfBody": "3d6b824fd8c1520e9a047d21fee6fb1f",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:ap-northeast-1:123456789012:prompts",
        "awsRegion": "ap-northeast-1",
    });
    assert_eq!(record, expected);
    assert!(stage.sqs.messages("prompts").is_empty());
    assert_eq!(stage.sqs.everything_was_pinned(), Ok(()));
}

#[tokio::test]
async fn only_the_failed_message_stays_and_comes_back_until_it_is_dead() {
    let settings = QueueSettings::default().visibility(Duration::from_millis(800)).dead_letters("graves", 2);
    let stage =
        Stage::start("graves", QueueSettings::default(), Duration::ZERO, |event| failing(event, "poison")).await;
    let url = stage.sqs.create("prompts", settings);
    ["fine", "poison", "good"].iter().for_each(|body| drop(stage.sqs.put("prompts", *body)));
    let poller = stage.poll(PollerSettings { queue_url: url, maximum_concurrency: 1, ..stage.settings() });
    until(|| stage.sqs.messages("graves").len() == 1).await;
    assert_eq!(stage.batches(), [vec!["fine", "poison", "good"], vec!["poison"]]);
    assert_eq!(stage.sqs.messages("graves")[0].body, "poison");
    assert!(stage.sqs.messages("prompts").is_empty());
    let counts = PollerCounts {
        batches: 2,
        messages: 4,
        deleted: 2,
        kept: 2,
        receives: poller.counts().receives,
        ..PollerCounts::default()
    };
    assert_eq!(poller.counts(), counts);
}

#[tokio::test]
async fn a_batch_stays_whole_if_the_function_fails_is_late_or_cannot_be_understood() {
    let nonsense = Reply::Response(r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#.to_owned());
    for reply in [Reply::Error, Reply::Silence, nonsense] {
        let function = move |_: &Value| reply.clone();
        let stage = Stage::start("prompts", QueueSettings::default(), Duration::ZERO, function).await;
        ["a", "b"].iter().for_each(|body| drop(stage.sqs.put("prompts", *body)));
        let poller = stage.poll(PollerSettings { timeout: Duration::from_millis(50), ..stage.settings() });
        until(|| poller.counts().kept == 2).await;
        assert_eq!((poller.counts().batches, poller.counts().deleted), (1, 0));
        assert!(stage.sqs.messages("prompts").iter().all(|message| message.in_flight));
    }
}

#[tokio::test]
async fn nobody_reads_the_response_unless_partial_responses_are_on() {
    let function = |event: &Value| failing(event, "poison");
    let stage = Stage::start("prompts", QueueSettings::default(), Duration::ZERO, function).await;
    stage.sqs.put("prompts", "poison");
    let poller = stage.poll(PollerSettings { report_batch_item_failures: false, ..stage.settings() });
    until(|| poller.counts().deleted == 1).await;
    assert!(stage.sqs.messages("prompts").is_empty());
}

#[tokio::test]
async fn a_batch_with_a_window_is_filled_over_several_receives() {
    let stage = Stage::obliging("prompts", QueueSettings::default()).await;
    (0..25).for_each(|number| drop(stage.sqs.put("prompts", format!("{number}"))));
    let window = Duration::from_millis(300);
    let settings = PollerSettings { batch_size: 20, window, maximum_concurrency: 1, ..stage.settings() };
    let poller = stage.poll(settings);
    until(|| poller.counts().deleted == 25).await;
    let sizes: Vec<usize> = stage.batches().iter().map(Vec::len).collect();
    assert_eq!(sizes, [20, 5]);
}

#[tokio::test]
async fn a_batch_that_is_too_large_for_one_event_is_split() {
    let stage = Stage::obliging("prompts", QueueSettings::default()).await;
    (0..7).for_each(|_| drop(stage.sqs.put("prompts", "x".repeat(1_000_000))));
    let poller = stage.poll(PollerSettings { maximum_concurrency: 1, ..stage.settings() });
    until(|| poller.counts().deleted == 7).await;
    let sizes: Vec<usize> = stage.batches().iter().map(Vec::len).collect();
    assert_eq!(sizes, [6, 1]);
}

#[tokio::test]
async fn a_queue_that_refuses_is_asked_again() {
    let stage = Stage::obliging("prompts", QueueSettings::default()).await;
    stage.sqs.fail("prompts", Operation::ReceiveMessage, Fault::Gone, Times::First(2));
    stage.sqs.fail("prompts", Operation::DeleteMessageBatch, Fault::Denied, Times::First(1));
    ["a", "b"].iter().for_each(|body| drop(stage.sqs.put("prompts", *body)));
    let settings = PollerSettings { batch_size: 1, maximum_concurrency: 1, ..stage.settings() };
    let poller = stage.poll(settings);
    until(|| poller.counts().deleted == 1).await;
    let counts = poller.counts();
    assert_eq!((counts.failed_receives, counts.failed_deletes, counts.kept), (2, 1, 0));
    assert_eq!(stage.sqs.messages("prompts")[0].body, "a");
}

#[tokio::test]
async fn a_dropped_poller_asks_no_more_and_a_message_sent_later_stays_visible() {
    let stage = Stage::obliging("prompts", QueueSettings::default()).await;
    let poller = stage.poll(stage.settings());
    until(|| stage.sqs.calls_for("prompts", Operation::ReceiveMessage) == 2).await;
    drop(poller);
    tokio::time::sleep(Duration::from_millis(300)).await;
    stage.sqs.put("prompts", "later");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stage.sqs.messages("prompts")[0].receives, 0);
    assert!(stage.events().is_empty());
}

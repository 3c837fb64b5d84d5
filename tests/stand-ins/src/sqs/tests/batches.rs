//! Batches: refused as a whole, or entry by entry.

use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry,
};

use super::*;

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().expect("an entry")
}

async fn send(tokyo: &Tokyo, entries: Vec<SendMessageBatchRequestEntry>) -> Result<SendMessageBatchOutput, String> {
    let call = tokyo.client.send_message_batch().queue_url(&tokyo.url).set_entries(Some(entries));
    call.send().await.map_err(|error| described(&error))
}

#[tokio::test]
async fn each_message_of_a_batch_is_taken_or_refused_by_itself() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let sent = send(&tokyo, vec![entry("good", "x"), entry("bad", "\u{8}")]).await.expect("an answer");
    let [good] = sent.successful() else { panic!("{sent:?}") };
    assert_eq!((good.id(), good.md5_of_message_body()), ("good", "9dd4e461268c8034f5c8564e155c67a6"));
    let [bad] = sent.failed() else { panic!("{sent:?}") };
    assert_eq!((bad.id(), bad.code(), bad.sender_fault()), ("bad", "InvalidMessageContents", true));
    assert_eq!(tokyo.sqs.messages("prompts")[0].id, good.message_id());
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_as_a_whole() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let eleven = (0..11).map(|number| entry(&number.to_string(), "x")).collect();
    let half = "x".repeat(MAX_MESSAGE / 2);
    for (entries, code, words) in [
        (vec![], "EmptyBatchRequest", "at least one SendMessageBatchRequestEntry"),
        (eleven, "TooManyEntriesInBatchRequest", "per request are 10. You have sent 11."),
        (vec![entry("a b", "x")], "InvalidBatchEntryId", "alphanumeric characters, hyphens"),
        (vec![entry("a", "x"), entry("a", "y")], "BatchEntryIdsNotDistinct", "Id a repeated."),
        (
            vec![entry("a", &half), entry("b", &half), entry("c", "x")],
            "BatchRequestTooLong",
            "have sent 1048577 bytes.",
        ),
    ] {
        let refused = send(&tokyo, entries).await.expect_err(code);
        assert!(refused.starts_with(&format!("AWS.SimpleQueueService.{code}: ")), "{refused}");
        assert!(refused.contains(words), "{refused}");
    }
    assert!(tokyo.sqs.messages("prompts").is_empty());
}

#[tokio::test]
async fn a_batch_for_a_fifo_queue_needs_groups_throughout() {
    let tokyo = Tokyo::start("prompts.fifo", QueueSettings::default().content_based_deduplication()).await;
    let mut grouped = entry("a", "x");
    grouped.message_group_id = Some("g".to_owned());
    let refused = send(&tokyo, vec![grouped.clone(), entry("b", "y")]).await.expect_err("a refusal");
    assert_eq!(refused, "InvalidParameterValue: The request must contain the parameter MessageGroupId.");
    let sent = send(&tokyo, vec![grouped]).await.expect("an answer");
    assert!(sent.successful()[0].sequence_number().is_some());
}

#[tokio::test]
async fn messages_are_hidden_and_deleted_in_batches() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    ["x", "y"].iter().for_each(|body| drop(tokyo.sqs.put("prompts", *body)));
    let received = tokyo.receive().await;
    let hide = |id: &str, handle: &str| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id).receipt_handle(handle);
        entry.visibility_timeout(600).build().expect("an entry")
    };
    let call = tokyo.client.change_message_visibility_batch().queue_url(&tokyo.url);
    let hidden = call.entries(hide("a", handle(&received[0]))).entries(hide("b", "garbage")).send().await;
    let hidden = hidden.expect("an answer");
    assert_eq!((hidden.successful()[0].id(), hidden.failed()[0].code()), ("a", "ReceiptHandleIsInvalid"));
    assert!(tokyo.sqs.messages("prompts")[0].hidden_for > Some(Duration::from_secs(590)));
    let mut call = tokyo.client.delete_message_batch().queue_url(&tokyo.url);
    for (id, message) in ["a", "b"].iter().zip(&received) {
        let entry = DeleteMessageBatchRequestEntry::builder().id(*id).receipt_handle(handle(message));
        call = call.entries(entry.build().expect("an entry"));
    }
    assert_eq!(call.send().await.expect("an answer").successful().len(), 2);
    assert!(tokyo.sqs.messages("prompts").is_empty());
}

//! The memory itself, against a table: who may write a prompt's record, and until when.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use kokunai::once::{Begun, Claim, Fingerprint, JSON, Kept, Key, Once};
use kokunai::residency::Table;
use kokunai::wiring::Wiring;
use stand_ins::dynamodb::DynamoDb;
use stand_ins::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, TEST_SESSION_TOKEN, transport};
use std::time::{Duration, SystemTime};

const TABLE: &str = "kokunai-answers";
const DAY: Duration = Duration::from_secs(86_400);

async fn memory(ttl: Duration) -> (DynamoDb, Once) {
    let dynamodb = DynamoDb::start().await.unwrap();
    dynamodb.create(TABLE, "id");
    let credentials =
        Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, Some(TEST_SESSION_TOKEN.to_owned()), None, "test");
    let credentials = SharedCredentialsProvider::new(credentials);
    let wiring = Wiring::with_credentials(transport::loopback(dynamodb.address()), credentials);
    (dynamodb, Once::new(&wiring, Table::parse(TABLE).unwrap(), ttl))
}

async fn begin(once: &Once, prompt: &str, holder: &str, lease: Duration) -> Begun {
    let key = Key::of_message("arn:aws:sqs:ap-northeast-1:123456789012:prompts", "message-1");
    once.begin(key, Fingerprint::of(prompt.as_bytes(), &[]), holder, SystemTime::now() + lease).await.unwrap()
}

/// Begins what nobody has begun, or nobody lives to answer.
async fn claim(once: &Once, holder: &str, lease: Duration) -> Claim {
    let begun = begin(once, "東京", holder, lease).await;
    let Begun::Fresh(claim) = begun else { panic!("{holder}: {begun:?}") };
    claim
}

fn answer(text: &str) -> Kept {
    Kept { answer: Some(text.to_owned()), media_type: JSON.to_owned(), bedrock_request_id: None, delivered: false }
}

#[tokio::test]
async fn whoever_lost_the_lease_changes_nothing_of_the_next_holders() {
    let (_dynamodb, once) = memory(DAY).await;
    let slow = claim(&once, "slow", Duration::ZERO).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let next = claim(&once, "next", DAY).await;
    // The slow one still lives. What it would write or delete is no longer its own.
    once.keep(&slow, &answer("slow")).await.unwrap();
    once.forget(&slow).await.unwrap();
    assert!(matches!(begin(&once, "東京", "third", DAY).await, Begun::InProgress(_)), "the next one is still at it");
    once.keep(&next, &answer("next")).await.unwrap();
    once.keep(&slow, &answer("slow")).await.unwrap();
    once.forget(&slow).await.unwrap();
    let begun = begin(&once, "東京", "third", DAY).await;
    let Begun::Answered(kept) = begun else { panic!("{begun:?}") };
    assert_eq!(kept.answer.as_deref(), Some("next"));
}

#[tokio::test]
async fn a_lease_keeps_others_out_for_as_long_as_it_says() {
    let (_dynamodb, once) = memory(DAY).await;
    claim(&once, "first", Duration::from_secs(90)).await;
    let begun = begin(&once, "東京", "second", DAY).await;
    let Begun::InProgress(left) = begun else { panic!("{begun:?}") };
    assert!((85..=90).contains(&left.as_secs()), "{left:?}");
    assert!(matches!(begin(&once, "大阪", "second", DAY).await, Begun::OtherPrompt));
}

#[tokio::test]
async fn what_is_forgotten_is_asked_again() {
    let (dynamodb, once) = memory(DAY).await;
    let failed = claim(&once, "first", DAY).await;
    once.forget(&failed).await.unwrap();
    assert!(dynamodb.items(TABLE).is_empty());
    claim(&once, "second", DAY).await;
}

#[tokio::test]
async fn what_has_expired_is_asked_again_although_the_table_still_has_it() {
    let (dynamodb, once) = memory(Duration::ZERO).await;
    let first = claim(&once, "first", DAY).await;
    once.keep(&first, &answer("old")).await.unwrap();
    // The time to live is written in whole seconds.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(dynamodb.items(TABLE).len(), 1, "DynamoDB deletes days late");
    claim(&once, "second", DAY).await;
}

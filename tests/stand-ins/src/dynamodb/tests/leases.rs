//! What a record of answers is made of: writes that only one of many may make.

use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use tokio::task::JoinSet;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_writers_exactly_one_wins() {
    let tokyo = Tokyo::start().await;
    let mut writers = JoinSet::new();
    for writer in 0..20 {
        let put = tokyo.begin("a", &writer.to_string());
        writers.spawn(async move { (writer, put.send().await) });
    }
    let results = writers.join_all().await;
    let winners: Vec<i32> = results.iter().filter(|(_, put)| put.is_ok()).map(|(writer, _)| *writer).collect();
    let [winner] = winners[..] else { panic!("{winners:?} won") };
    assert_eq!(tokyo.dynamodb.items(TABLE), [json!({ "id": { "S": "a" }, "owner": { "S": winner.to_string() } })]);
    let losers = results.iter().filter(|(_, put)| code(put) == "ConditionalCheckFailedException");
    assert_eq!(losers.count(), 19);
    assert_eq!((tokyo.dynamodb.calls().len(), tokyo.dynamodb.everything_was_pinned()), (20, Ok(())));
}

#[tokio::test]
async fn who_comes_second_is_shown_the_first_ones_record() {
    let tokyo = Tokyo::start().await;
    tokyo.begin("a", "first").send().await.expect("written");
    let shows = ReturnValuesOnConditionCheckFailure::AllOld;
    let put = tokyo.begin("a", "second").return_values_on_condition_check_failure(shows).send().await;
    let Err(PutItemError::ConditionalCheckFailedException(failed)) = put.map_err(SdkError::into_service_error) else {
        panic!("no failed condition")
    };
    assert_eq!(failed.message(), Some("The conditional request failed"));
    assert_eq!(failed.item().and_then(|item| item.get("owner")), Some(&s("first")));
    let put = tokyo.begin("a", "second").send().await.map_err(SdkError::into_service_error);
    let Err(PutItemError::ConditionalCheckFailedException(failed)) = put else { panic!("no failed condition") };
    assert_eq!(failed.item(), None);
}

#[tokio::test]
async fn a_lease_is_taken_over_when_it_has_ended_and_not_before() {
    let tokyo = Tokyo::start().await;
    let take = |owner: &str, now: u64| {
        let put = tokyo.client.put_item().table_name(TABLE).item("id", s("a")).item("owner", s(owner));
        put.item("lease", n(now + 60))
            .condition_expression("attribute_not_exists(id) OR (#status <> :done AND lease < :now)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":done", s("done"))
            .expression_attribute_values(":now", n(now))
    };
    take("first", 1_000).send().await.expect("a lease");
    assert_eq!(code(&take("second", 1_060).send().await), "ConditionalCheckFailedException");
    let old = take("second", 1_061).return_values(ReturnValue::AllOld).send().await.expect("a lease");
    assert_eq!(old.attributes().and_then(|old| old.get("owner")), Some(&s("first")));
    finish(&tokyo, "first").send().await.expect_err("another's lease");
    finish(&tokyo, "second").send().await.expect("done");
    assert_eq!(code(&take("third", 9_000).send().await), "ConditionalCheckFailedException");
    assert_eq!(tokyo.read("a").await.expect("a record").get("status"), Some(&s("done")));
}

/// Stores an answer, if the lease is still this owner's.
fn finish(tokyo: &Tokyo, owner: &str) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
    let update = tokyo.client.update_item().table_name(TABLE).key("id", s("a"));
    update
        .update_expression("SET #status = :done, answer = :answer, #ttl = :ttl REMOVE lease")
        .condition_expression("#owner = :owner")
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#ttl", "ttl")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":done", s("done"))
        .expression_attribute_values(":answer", s("国内"))
        .expression_attribute_values(":ttl", n(1))
        .expression_attribute_values(":owner", s(owner))
        .return_values(ReturnValue::AllNew)
}

#[tokio::test]
async fn an_update_gives_back_what_it_is_asked_for() {
    let tokyo = Tokyo::start().await;
    tokyo.begin("a", "me").item("lease", n(60)).send().await.expect("written");
    let new = finish(&tokyo, "me").send().await.expect("done").attributes.expect("attributes");
    assert_eq!((new.get("answer"), new.get("lease"), new.get("owner")), (Some(&s("国内")), None, Some(&s("me"))));
    let update = tokyo.client.update_item().table_name(TABLE).key("id", s("a"));
    let update = update.update_expression("SET answer = :b").expression_attribute_values(":b", s("b"));
    let old = update.return_values(ReturnValue::UpdatedOld).send().await.expect("done").attributes;
    assert_eq!(old, Some(HashMap::from([("answer".to_owned(), s("国内"))])));
    let delete = tokyo.client.delete_item().table_name(TABLE).key("id", s("a"));
    let old = delete.return_values(ReturnValue::AllOld).send().await.expect("deleted").attributes;
    assert_eq!(old.expect("attributes").get("answer"), Some(&s("b")));
    assert!(tokyo.dynamodb.items(TABLE).is_empty());
}

#[tokio::test]
async fn an_update_makes_an_item_only_if_it_sets_something() {
    let tokyo = Tokyo::start().await;
    let update = |id: &str, expression: &str| {
        tokyo.client.update_item().table_name(TABLE).key("id", s(id)).update_expression(expression)
    };
    update("a", "REMOVE lease").send().await.expect("done");
    update("b", "SET lease = :l").expression_attribute_values(":l", n(1)).send().await.expect("done");
    assert_eq!(tokyo.dynamodb.items(TABLE), [json!({ "id": { "S": "b" }, "lease": { "N": "1" } })]);
}

#[tokio::test]
async fn a_read_without_consistency_is_one_write_behind() {
    let tokyo = Tokyo::start().await;
    tokyo.begin("a", "first").send().await.expect("written");
    let get = || tokyo.client.get_item().table_name(TABLE).key("id", s("a"));
    assert_eq!(get().send().await.expect("an answer").item, None);
    assert!(tokyo.read("a").await.is_some());
    let projected = get().consistent_read(true).projection_expression("#o").expression_attribute_names("#o", "owner");
    let item = projected.send().await.expect("an answer").item;
    assert_eq!(item, Some(HashMap::from([("owner".to_owned(), s("first"))])));
    assert_eq!(tokyo.dynamodb.calls()[1].request["ConsistentRead"], json!(null));
}

#[tokio::test]
async fn what_has_expired_is_still_there() {
    let tokyo = Tokyo::start().await;
    tokyo.begin("a", "me").item("ttl", n(1)).send().await.expect("written");
    assert_eq!(tokyo.read("a").await.expect("a record").get("ttl"), Some(&n(1)));
    assert_eq!(tokyo.dynamodb.items(TABLE)[0]["ttl"]["N"], "1");
}

//! Groups, their order, and duplicates.

use super::*;

async fn start(settings: QueueSettings) -> Tokyo {
    Tokyo::start("prompts.fifo", settings.content_based_deduplication()).await
}

#[tokio::test]
async fn a_message_needs_a_group_and_a_deduplication_id_and_has_no_delay_of_its_own() {
    let tokyo = Tokyo::start("prompts.fifo", QueueSettings::default()).await;
    let send = || tokyo.client.send_message().queue_url(&tokyo.url).message_body("x");
    let refused = described(&send().message_deduplication_id("d").send().await.expect_err("a refusal"));
    assert_eq!(refused, "MissingParameter: The request must contain the parameter MessageGroupId.");
    let refused = described(&send().message_group_id("g").send().await.expect_err("a refusal"));
    assert!(refused.starts_with("InvalidParameterValue: The queue should either have Content"), "{refused}");
    let both = || send().message_group_id("g").message_deduplication_id("d");
    let refused = described(&both().delay_seconds(2).send().await.expect_err("a refusal"));
    assert!(refused.starts_with("InvalidParameterValue: Value 2 for parameter DelaySeconds"), "{refused}");
    let refused = described(&both().message_group_id("group 123").send().await.expect_err("a refusal"));
    assert!(refused.ends_with("can only include alphanumeric and punctuation characters. 1 to 128 in length."));
    let sent = both().delay_seconds(0).send().await.expect("an answer");
    assert!(sent.sequence_number().is_some_and(|number| number.len() == 20));
    let standard = tokyo.sqs.create("prompts", QueueSettings::default());
    let refused = both().queue_url(standard).send().await.expect_err("a refusal");
    assert!(described(&refused).contains("MessageDeduplicationId"), "{}", described(&refused));
}

#[tokio::test]
async fn a_duplicate_is_accepted_and_not_delivered_even_after_the_first_is_gone() {
    let tokyo = start(QueueSettings::default()).await;
    let first = tokyo.send_to_group("one", "x").await;
    assert_eq!(tokyo.send_to_group("another", "x").await, first);
    let received = tokyo.receive().await;
    assert_eq!(bodies(&received), ["x"]);
    let digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    assert_eq!(system(&received[0], "MessageDeduplicationId"), Some(digest));
    tokyo.delete(&received[0]).await.expect("deleted");
    assert_eq!(tokyo.send_to_group("one", "x").await, first);
    assert!(tokyo.receive().await.is_empty());
}

#[tokio::test]
async fn a_group_with_a_message_in_flight_is_blocked_and_others_are_not() {
    let tokyo = start(QueueSettings::default()).await;
    for (group, body) in [("1", "1a"), ("1", "1b"), ("2", "2a"), ("1", "1c")] {
        tokyo.send_to_group(group, body).await;
    }
    let first = tokyo.client.receive_message().queue_url(&tokyo.url).max_number_of_messages(2).send().await;
    let first = first.expect("an answer").messages.unwrap_or_default();
    assert_eq!(bodies(&first), ["1a", "1b"]);
    assert_eq!(bodies(&tokyo.receive().await), ["2a"]);
    tokyo.delete(&first[0]).await.expect("deleted");
    assert!(tokyo.receive().await.is_empty());
    tokyo.delete(&first[1]).await.expect("deleted");
    assert_eq!(bodies(&tokyo.receive().await), ["1c"]);
}

#[tokio::test]
async fn a_hidden_message_blocks_those_after_it_and_not_those_before_it() {
    let tokyo = start(brief()).await;
    for body in ["foo", "bar", "baz"] {
        tokyo.send_to_group("1", body).await;
    }
    let received = tokyo.receive().await;
    assert_eq!(bodies(&received), ["foo", "bar", "baz"]);
    tokyo.hide(handle(&received[1]), 600).await.expect("hidden for longer");
    sit_out().await;
    assert_eq!(bodies(&tokyo.receive().await), ["foo"]);
}

#[tokio::test]
async fn a_group_that_waited_longer_comes_first_and_keeps_its_order() {
    let tokyo = start(brief()).await;
    for (group, body) in [("1", "1a"), ("2", "2a"), ("1", "1b")] {
        tokyo.send_to_group(group, body).await;
    }
    let call = tokyo.client.receive_message().queue_url(&tokyo.url).send().await.expect("an answer");
    assert_eq!(bodies(call.messages()), ["1a"]);
    sit_out().await;
    assert_eq!(bodies(&tokyo.receive().await), ["2a", "1a", "1b"]);
}

#[tokio::test]
async fn a_handle_whose_time_is_over_deletes_nothing_and_says_so() {
    let tokyo = start(brief()).await;
    tokyo.send_to_group("1", "x").await;
    let received = tokyo.receive().await;
    sit_out().await;
    let refused = tokyo.delete(&received[0]).await.expect_err("a refusal");
    assert!(refused.ends_with("Reason: The receipt handle has expired."), "{refused}");
    let again = tokyo.receive().await;
    assert!(tokyo.delete(&received[0]).await.is_err());
    assert_eq!(tokyo.sqs.messages("prompts.fifo").len(), 1);
    tokyo.delete(&again[0]).await.expect("deleted");
    tokyo.delete(&again[0]).await.expect("deleted before");
}

#[tokio::test]
async fn dead_letters_keep_their_group_and_free_it() {
    let tokyo = Tokyo::start("graves.fifo", QueueSettings::default()).await;
    let settings = brief().visibility(Duration::ZERO).dead_letters("graves.fifo", 1);
    let url = tokyo.sqs.create("prompts.fifo", settings);
    for id in ["1", "2"] {
        tokyo.sqs.put("prompts.fifo", Draft::new(id).group("g").deduplication(id));
    }
    let one = tokyo.client.receive_message().queue_url(&url).send().await.expect("an answer");
    assert_eq!(bodies(one.messages()), ["1"]);
    assert_eq!(bodies(&tokyo.receive_from(&url, 0).await), ["2"]);
    let dead = tokyo.receive_from(&tokyo.url, 0).await;
    assert_eq!((bodies(&dead), system(&dead[0], "MessageGroupId")), (vec!["1"], Some("g")));
}

//! Who receives a message, when, how often, and what becomes of it then.

use tokio::time::Instant;

use super::*;

#[tokio::test]
async fn a_received_message_is_hidden_until_its_time_is_over() {
    let tokyo = Tokyo::start("prompts", brief()).await;
    let id = tokyo.send("x").await;
    let first = tokyo.receive().await;
    assert_eq!((first[0].message_id(), system(&first[0], "ApproximateReceiveCount")), (Some(id.as_str()), Some("1")));
    assert!(tokyo.receive().await.is_empty());
    let stored = tokyo.sqs.messages("prompts");
    assert_eq!((stored[0].receives, stored[0].in_flight), (1, true));
    sit_out().await;
    assert!(!tokyo.sqs.messages("prompts")[0].in_flight);
    let second = tokyo.receive().await;
    assert_eq!(system(&second[0], "ApproximateReceiveCount"), Some("2"));
    for name in ["SentTimestamp", "ApproximateFirstReceiveTimestamp"] {
        assert!(system(&first[0], name).is_some_and(|time| time.len() == 13));
        assert_eq!(system(&first[0], name), system(&second[0], name));
    }
    assert_ne!(first[0].receipt_handle(), second[0].receipt_handle());
    tokyo.delete(&first[0]).await.expect("no refusal of an old handle");
    assert_eq!(tokyo.sqs.messages("prompts").len(), 1);
    tokyo.delete(&second[0]).await.expect("deleted");
    tokyo.delete(&second[0]).await.expect("deleted before");
    assert!(tokyo.sqs.messages("prompts").is_empty());
}

#[tokio::test]
async fn a_receive_waits_for_a_message_to_be_sent_or_to_become_visible() {
    let tokyo = Tokyo::start("prompts", brief()).await;
    let later = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        tokyo.sqs.put("prompts", "x");
    };
    let begun = Instant::now();
    let (received, ()) = tokio::join!(tokyo.receive_from(&tokyo.url, 5), later);
    assert_eq!(bodies(&received), ["x"]);
    assert_eq!(bodies(&tokyo.receive_from(&tokyo.url, 5).await), ["x"]);
    let taken = begun.elapsed();
    assert!(taken > Duration::from_millis(850) && taken < Duration::from_secs(5), "{taken:?}");
}

#[tokio::test]
async fn a_receive_gives_up_when_its_time_is_over() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let begun = Instant::now();
    assert!(tokyo.receive_from(&tokyo.url, 1).await.is_empty());
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn attributes_are_given_to_who_asks_for_them() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default().visibility(Duration::ZERO)).await;
    let draft = Draft::new("msg").attribute("General", Attribute::text("Kenobi"));
    let draft = draft.attribute("Hello", Attribute::text("There")).attribute("Help.Me", Attribute::text("Me"));
    tokyo.sqs.put("prompts", draft);
    // Each digest is one that SQS itself gave for these names.
    for (asked_for, given, digest) in [
        ("All", 3, Some("4c360f3fdafd970e05fae2f149d997f5")),
        (".*", 3, Some("4c360f3fdafd970e05fae2f149d997f5")),
        ("Hello", 1, Some("a311262e065454b75da111d535b8dacd")),
        ("Hel.*", 2, Some("83fee93c1bcd8b9a5a923ffacdc636c7")),
        ("Foo", 0, None),
    ] {
        let call = tokyo.client.receive_message().queue_url(&tokyo.url).message_attribute_names(asked_for);
        let received = call.send().await.expect("an answer").messages.unwrap_or_default();
        assert_eq!(received[0].message_attributes().map_or(0, |all| all.len()), given, "{asked_for}");
        assert_eq!(received[0].md5_of_message_attributes(), digest, "{asked_for}");
        assert_eq!(received[0].attributes(), None);
    }
}

#[tokio::test]
async fn a_receiver_asks_for_one_to_ten_and_waits_at_most_twenty_seconds() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let receive = || tokyo.client.receive_message().queue_url(&tokyo.url);
    let refused = receive().max_number_of_messages(11).send().await.expect_err("a refusal");
    assert!(described(&refused).ends_with("Reason: Must be between 1 and 10, if provided."));
    let refused = receive().wait_time_seconds(21).send().await.expect_err("a refusal");
    let words = "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.";
    assert_eq!(described(&refused), format!("InvalidParameterValue: {words}"));
    (0..12).for_each(|number| drop(tokyo.sqs.put("prompts", format!("{number}"))));
    let one = receive().send().await.expect("an answer");
    assert_eq!(one.messages().len(), 1);
    assert_eq!(tokyo.receive().await.len(), 10);
}

#[tokio::test]
async fn a_message_can_be_hidden_for_longer_or_not_at_all() {
    let tokyo = Tokyo::start("prompts", brief()).await;
    tokyo.send("x").await;
    let received = tokyo.receive().await;
    tokyo.hide(handle(&received[0]), 600).await.expect("hidden for longer");
    sit_out().await;
    assert!(tokyo.receive().await.is_empty());
    tokyo.hide(handle(&received[0]), 0).await.expect("not hidden");
    tokyo.hide(handle(&received[0]), 600).await.expect("no refusal, and no effect");
    assert_eq!(tokyo.receive().await.len(), 1);
    let refused = tokyo.hide(handle(&received[0]), 43_201).await.expect_err("a refusal");
    assert!(refused.contains("Must be >= 0 and <= 43200"), "{refused}");
}

#[tokio::test]
async fn a_handle_that_is_none_or_whose_message_is_gone_is_refused() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let refused = tokyo.hide("garbage", 1).await.expect_err("a refusal");
    let words = "The input receipt handle \"garbage\" is not a valid receipt handle.";
    assert_eq!(refused, format!("ReceiptHandleIsInvalid: {words}"));
    tokyo.send("x").await;
    let received = tokyo.receive().await;
    tokyo.delete(&received[0]).await.expect("deleted");
    let refused = tokyo.hide(handle(&received[0]), 1).await.expect_err("a refusal");
    let words = "Message does not exist or is not available for visibility timeout change.";
    assert!(refused.starts_with("InvalidParameterValue: Value AQEB") && refused.ends_with(words), "{refused}");
}

#[tokio::test]
async fn a_message_that_was_received_too_often_moves_to_the_dead_letters_and_keeps_its_id() {
    let tokyo = Tokyo::start("graves", QueueSettings::default()).await;
    let graves = tokyo.url.clone();
    let url = tokyo.sqs.create("prompts", brief().visibility(Duration::ZERO).dead_letters("graves", 2));
    let id = tokyo.sqs.put("prompts", Draft::new("poison").attribute("name", Attribute::text("value")));
    for count in ["1", "2"] {
        assert_eq!(system(&tokyo.receive_from(&url, 0).await[0], "ApproximateReceiveCount"), Some(count));
        assert!(tokyo.sqs.messages("graves").is_empty());
    }
    assert!(tokyo.receive_from(&url, 0).await.is_empty());
    assert!(tokyo.sqs.messages("prompts").is_empty());
    let dead = tokyo.receive_from(&graves, 0).await;
    assert_eq!((dead[0].message_id(), dead[0].body()), (Some(id.as_str()), Some("poison")));
    // SQS goes on counting where the queue before it has stopped.
    assert_eq!(system(&dead[0], "ApproximateReceiveCount"), Some("3"));
    let source = "arn:aws:sqs:ap-northeast-1:123456789012:prompts";
    assert_eq!(system(&dead[0], "DeadLetterQueueSourceArn"), Some(source));
    assert!(dead[0].message_attributes().is_some_and(|all| all.contains_key("name")));
}

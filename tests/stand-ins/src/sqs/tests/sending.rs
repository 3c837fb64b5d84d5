//! What may be sent, and what comes back for it.

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue};

use super::*;

fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().expect("an attribute")
}

async fn refused(tokyo: &Tokyo, body: &str, attributes: &[(&str, MessageAttributeValue)]) -> String {
    let mut call = tokyo.client.send_message().queue_url(&tokyo.url).message_body(body);
    for (name, value) in attributes {
        call = call.message_attributes(*name, value.clone());
    }
    described(&call.send().await.expect_err("a refusal"))
}

#[tokio::test]
async fn a_message_comes_back_with_all_that_was_sent_and_its_digests() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let number = MessageAttributeValue::builder().data_type("Number").string_value("6").build().expect("an attribute");
    let bytes = MessageAttributeValue::builder().data_type("Binary.png").binary_value(Blob::new([0, 255]));
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let header = MessageSystemAttributeValue::builder().data_type("String").string_value(trace).build().expect("one");
    let call = tokyo.client.send_message().queue_url(&tokyo.url).message_body("message-1");
    let call = call.message_attributes("Author", text("John Grisham")).message_attributes("WeeksOn", number);
    let call = call.message_attributes("Cover", bytes.build().expect("an attribute"));
    let call = call.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, header);
    let sent = call.message_group_id("tenant").send().await.expect("an answer");
    assert_eq!(sent.md5_of_message_body(), Some("3d6b824fd8c1520e9a047d21fee6fb1f"));
    assert_eq!(sent.md5_of_message_attributes(), Some("1833b6d8c1eec7a7948c47d0afaafea7"));
    assert!(sent.md5_of_message_system_attributes().is_some());
    let received = tokyo.receive().await;
    let [message] = &received[..] else { panic!("{received:?}") };
    assert_eq!(message.md5_of_message_attributes(), sent.md5_of_message_attributes());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    let attributes = message.message_attributes().expect("attributes");
    assert_eq!(attributes["Cover"].binary_value().map(AsRef::as_ref), Some(&[0, 255][..]));
    assert_eq!((attributes["WeeksOn"].data_type(), attributes["WeeksOn"].string_value()), ("Number", Some("6")));
    assert_eq!(system(message, "AWSTraceHeader"), Some(trace));
    assert_eq!(system(message, "MessageGroupId"), Some("tenant"));
    assert!(system(message, "SenderId").is_some_and(|sender| sender.starts_with("AROA") && sender.contains(':')));
    assert_eq!(tokyo.sqs.messages("prompts")[0].attributes["Author"].as_text(), "John Grisham");
}

#[tokio::test]
async fn a_message_may_have_a_mebibyte_with_its_attributes_and_not_a_byte_more() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let attribute = [("name", text("value"))];
    let rest = MAX_MESSAGE - "name".len() - "String".len() - "value".len();
    let message = refused(&tokyo, &"x".repeat(rest + 1), &attribute).await;
    let words = "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.";
    assert_eq!(message, format!("InvalidParameterValue: {words}"));
    let call = tokyo.client.send_message().queue_url(&tokyo.url).message_body("x".repeat(rest));
    call.message_attributes("name", text("value")).send().await.expect("an answer");
}

#[tokio::test]
async fn what_sqs_does_not_take_is_refused_in_its_words() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let empty = refused(&tokyo, "", &[]).await;
    assert_eq!(empty, "MissingParameter: The request must contain the parameter MessageBody.");
    assert!(refused(&tokyo, "a\u{8}b", &[]).await.starts_with("InvalidMessageContents"));
    assert!(refused(&tokyo, "a\u{FFFF}b", &[]).await.starts_with("InvalidMessageContents"));
    let empty = refused(&tokyo, "x", &[("ErrorDetails", text(""))]).await;
    let words = "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.";
    assert_eq!(empty, format!("InvalidParameterValue: {words}"));
    let names: Vec<String> = (0..11).map(|number| format!("a{number}")).collect();
    let eleven: Vec<_> = names.iter().map(|name| (name.as_str(), text("x"))).collect();
    assert!(refused(&tokyo, "x", &eleven).await.contains("[11] exceeds the allowed maximum [10]"));
    let delayed = tokyo.client.send_message().queue_url(&tokyo.url).message_body("x").delay_seconds(901).send().await;
    assert!(described(&delayed.expect_err("a refusal")).contains("Value 901 for parameter DelaySeconds"));
    assert!(tokyo.sqs.messages("prompts").is_empty());
}

#[tokio::test]
async fn the_trace_of_a_call_is_that_of_its_message_unless_the_message_names_one() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default().visibility(Duration::ZERO)).await;
    let send = || tokyo.client.send_message().queue_url(&tokyo.url).message_body("x");
    let traced = || {
        let call = send().customize();
        call.mutate_request(|request| drop(request.headers_mut().insert("x-amzn-trace-id", "Root=1-a-b")))
    };
    traced().send().await.expect("an answer");
    assert_eq!(system(&tokyo.receive().await[0], "AWSTraceHeader"), Some("Root=1-a-b"));
    tokyo.sqs.put("prompts", Draft::new("x").trace("Root=1-c-d"));
    assert_eq!(system(&tokyo.receive().await[1], "AWSTraceHeader"), Some("Root=1-c-d"));
}

#[tokio::test]
async fn a_delayed_message_is_hidden_but_not_in_flight() {
    let tokyo = Tokyo::start("prompts", QueueSettings::default()).await;
    let call = tokyo.client.send_message().queue_url(&tokyo.url).message_body("later").delay_seconds(900);
    call.send().await.expect("an answer");
    assert!(tokyo.receive().await.is_empty());
    let stored = tokyo.sqs.messages("prompts");
    assert!(stored[0].hidden_for.is_some_and(|time| time > Duration::from_secs(890)) && !stored[0].in_flight);
}

#[tokio::test]
#[should_panic(expected = "prompts does not take the message")]
async fn what_cannot_be_sent_cannot_be_put_either() {
    Tokyo::start("prompts", QueueSettings::default()).await.sqs.put("prompts", "");
}

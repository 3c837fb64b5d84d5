//! The limits of SQS: its bytes, its attributes, and the characters that it takes.

use super::{Pipeline, body, message};
use serde_json::json;
use stand_ins::sqs::{Attribute, Draft};

#[tokio::test]
async fn an_answer_over_the_limit_of_a_message_is_a_failed_result_and_not_cut() {
    let pipeline = Pipeline::new("", false, &[]).await;
    // The answer quotes the prompt, and its text stands twice in a result: three bytes of each character, twice.
    let ids = [80_000, 250_000].map(|characters| {
        let event = json!({ "prompt": "東".repeat(characters), "max_tokens": 64_000 }).to_string();
        pipeline.sqs.put("prompts", Draft::new(event))
    });
    let _poller = pipeline.poll();
    let results: Vec<_> = pipeline.results(2).await.iter().map(body).collect();
    let of = |id: &String| results.iter().find(|result| result["message_id"] == **id).unwrap();
    assert_eq!(of(&ids[0])["status"], "succeeded", "half a megabyte fits");
    assert_eq!((&of(&ids[1])["status"], &of(&ids[1])["error"]["type"]), (&json!("failed"), &json!("answer_too_large")));
    assert!(of(&ids[1])["error"]["bedrock_request_id"].is_string(), "it was asked, and paid for");
    assert_eq!(pipeline.messages("dead", 1).await[0].attributes.len(), 1);
}

#[tokio::test]
async fn an_answer_that_only_its_attributes_push_over_the_limit_is_a_failed_result_too() {
    let pipeline = Pipeline::new("", false, &[]).await;
    let event = json!({ "prompt": "東".repeat(100_000), "max_tokens": 64_000 }).to_string();
    let large = Attribute::text("x".repeat(500_000));
    let ids = [Draft::new(event.clone()), Draft::new(event).attribute("large", large)]
        .map(|draft| pipeline.sqs.put("prompts", draft));
    let _poller = pipeline.poll();
    let results: Vec<_> = pipeline.results(2).await.iter().map(body).collect();
    let of = |id: &String| results.iter().find(|result| result["message_id"] == **id).unwrap();
    assert_eq!(of(&ids[0])["status"], "succeeded");
    assert_eq!(of(&ids[1])["error"]["type"], "answer_too_large", "{}", of(&ids[1])["error"]);
}

/// A message that fills the limit by itself, and can never be answered.
fn full(attributes: usize) -> Draft {
    let attribute = |index: usize| (format!("own-{index}"), Attribute::text("x"));
    let counted: usize = (0..attributes).map(|index| format!("own-{index}").len() + "String".len() + 1).sum();
    let (before, after) = (r#"{"temperature":7,"prompt":""#, r#""}"#);
    let filling = "x".repeat(stand_ins::sqs::MAX_MESSAGE - counted - before.len() - after.len());
    let draft = Draft::new(format!("{before}{filling}{after}"));
    (0..attributes).map(attribute).fold(draft, |draft, (name, value)| draft.attribute(name, value))
}

#[tokio::test]
async fn a_bad_prompt_that_fills_the_limit_is_buried_as_it_came() {
    let pipeline = Pipeline::new("", false, &[]).await;
    for attributes in [0, 10] {
        pipeline.sqs.put("prompts", full(attributes));
    }
    let _poller = pipeline.poll();
    let (dead, results) = (pipeline.messages("dead", 2).await, pipeline.results(2).await);
    for letter in &dead {
        assert_eq!(
            letter.body.len() + letter.attributes.len() * (5 + 6 + 1),
            stand_ins::sqs::MAX_MESSAGE,
            "nothing was cut"
        );
        assert!(!letter.attributes.contains_key("kokunai.error"), "there is no room for a reason");
    }
    assert!(results.iter().map(body).all(|result| result["error"]["type"] == "invalid_request"), "the result tells it");
}

#[tokio::test]
async fn a_failed_result_without_room_for_the_attributes_goes_without_them() {
    let pipeline = Pipeline::new("", false, &[]).await;
    let long = "x".repeat(500_000);
    let bad = Draft::new(json!({ "prompt": "x", "temperature": 7 }).to_string());
    let bad = bad.attribute("one", Attribute::text(&long)).attribute("two", Attribute::text(&long));
    pipeline.sqs.put("prompts", bad.attribute("three", Attribute::text("x".repeat(48_400))));
    let _poller = pipeline.poll();
    let result = &pipeline.results(1).await[0];
    assert_eq!((result.attributes.len(), &body(result)["status"]), (0, &json!("failed")));
    assert_eq!(pipeline.messages("dead", 1).await[0].attributes.len(), 3, "the letter has them");
}

#[tokio::test]
async fn what_sqs_does_not_take_is_escaped_in_a_result() {
    let pipeline = Pipeline::new("", false, &[]).await;
    assert_eq!(super::kept(&pipeline.stage.answer(message(&json!({ "prompt": "a\u{fffe}b\u{ffff}c" }))).await), 0);
    let result = &pipeline.results(1).await[0];
    let text = body(result)["answer"]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("a\u{fffe}b\u{ffff}c") && result.body.contains("\\ufffe"), "{text}");
}

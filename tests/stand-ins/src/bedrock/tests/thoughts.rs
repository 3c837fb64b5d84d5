//! Thoughts that come back: as they were, changed, and missing where the model needs them to go on.

use super::tools::with_tools;
use super::*;

/// A request whose answer thinks first and then uses a tool.
fn thinking() -> Value {
    let mut body = with_tools("東京 \"quoted\" \\ and 🗼\nstand-in: tool");
    body["max_tokens"] = json!(2_000);
    body["thinking"] = json!({ "type": "enabled", "budget_tokens": 1_024 });
    body
}

#[expect(clippy::needless_pass_by_value, reason = "a message reads best with its json! in place")]
fn say(body: &mut Value, role: &str, content: Value) {
    body["messages"].as_array_mut().expect("messages").push(json!({ "role": role, "content": content }));
}

/// Gives a result for every use of a tool in an answer.
fn results(content: &Value) -> Value {
    let used = content.as_array().expect("content").iter().filter(|block| block["type"] == "tool_use");
    used.map(|used| json!({ "type": "tool_result", "tool_use_id": used["id"], "content": "21" })).collect()
}

/// The conversation after the first answer, whose content the change has seen.
async fn returned(tokyo: &Tokyo, change: impl FnOnce(&mut Value)) -> Value {
    let mut body = thinking();
    let mut content = tokyo.answer(body.clone()).await["content"].take();
    assert_eq!(content[0]["type"], "thinking");
    change(&mut content);
    let results = results(&content);
    say(&mut body, "assistant", content);
    say(&mut body, "user", results);
    body
}

#[track_caller]
fn refused(answered: &Answered, words: &str) {
    assert_eq!(code(answered), Some("ValidationException"));
    let message = answered.as_ref().err().and_then(ProvideErrorMetadata::message).unwrap_or_default();
    assert!(message.contains(words), "{message}");
}

#[tokio::test]
async fn a_thought_that_comes_back_as_it_was_is_recognised() {
    let tokyo = Tokyo::start().await;
    let mut body = returned(&tokyo, |_| {}).await;
    let content = tokyo.answer(body.clone()).await["content"].take();
    say(&mut body, "assistant", content);
    say(&mut body, "user", json!("Thank you."));
    tokyo.answer(body).await;
}

#[tokio::test]
async fn a_changed_thought_or_signature_is_refused_where_it_stands() {
    let tokyo = Tokyo::start().await;
    let invalid = "messages.1.content.0: Invalid `signature` in `thinking` block";
    let body = returned(&tokyo, |content| {
        let thought = content[0]["thinking"].as_str().expect("a thought").replace("東", "西");
        content[0]["thinking"] = json!(thought);
    });
    refused(&tokyo.send(door::PROFILE, body.await).await, invalid);
    let body = returned(&tokyo, |content| content[0]["signature"] = json!("c3RhbmQtaW4="));
    refused(&tokyo.send(door::PROFILE, body.await).await, invalid);
    let body = returned(&tokyo, |content| content[0]["cache_control"] = json!({ "type": "ephemeral" }));
    let extra = "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted";
    refused(&tokyo.send(door::PROFILE, body.await).await, extra);
}

#[tokio::test]
async fn a_use_of_a_tool_comes_back_with_the_thought_before_it() {
    let tokyo = Tokyo::start().await;
    let without = returned(&tokyo, |content| drop(content.as_array_mut().expect("content").drain(..2))).await;
    let expected = "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When";
    refused(&tokyo.send(door::PROFILE, without.clone()).await, expected);
    let text_first = returned(&tokyo, |content| drop(content.as_array_mut().expect("content").remove(0))).await;
    refused(&tokyo.send(door::PROFILE, text_first).await, "but found `text`");
    let mut unthinking = without.clone();
    unthinking.as_object_mut().expect("a body").remove("thinking");
    tokyo.answer(unthinking).await;
    let mut answered = without;
    say(&mut answered, "assistant", json!("It is 21 degrees."));
    say(&mut answered, "user", json!("Thank you."));
    tokyo.answer(answered).await;
}

#[tokio::test]
async fn one_thought_carries_through_several_uses_of_tools() {
    let tokyo = Tokyo::start().await;
    let used = |id: &str| json!([{ "type": "tool_use", "id": id, "name": "clock", "input": {} }]);
    let second_use = |mut body: Value| {
        say(&mut body, "assistant", used("t2"));
        say(&mut body, "user", results(&used("t2")));
        body
    };
    tokyo.answer(second_use(returned(&tokyo, |_| {}).await)).await;
    let without = returned(&tokyo, |content| *content = used("t1")).await;
    let refusal = tokyo.send(door::PROFILE, second_use(without)).await;
    refused(&refusal, "messages.1.content.0.type: Expected `thinking`");
}

#[tokio::test]
async fn words_in_its_mouth_cannot_replace_the_models_thought() {
    let tokyo = Tokyo::start().await;
    let mut begun = thinking();
    say(&mut begun, "assistant", json!("I think"));
    refused(&tokyo.send(door::PROFILE, begun).await, "messages.1.content.0.type: Expected `thinking`");
}

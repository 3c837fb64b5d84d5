//! Uses of tools: forced by the request, or asked for by the prompt; and answers in the format that a request wants.

use super::*;

/// Two tools, the second of which wants nothing.
pub(super) fn with_tools(prompt: &str) -> Value {
    let properties = json!({ "city": { "type": "string" }, "unit": { "enum": ["C", "F"] } });
    let schema = json!({ "type": "object", "properties": properties, "required": ["city", "unit"] });
    let mut body = body(prompt);
    body["tools"] = json!([
        { "name": "weather", "input_schema": schema },
        { "name": "clock", "input_schema": { "type": "object" } },
    ]);
    body
}

fn names(message: &Value) -> Vec<&str> {
    let blocks = message["content"].as_array().expect("content").iter();
    blocks.filter_map(|block| block["name"].as_str()).collect()
}

#[tokio::test]
async fn a_forced_tool_is_used_with_input_that_fits_its_schema() {
    let tokyo = Tokyo::start().await;
    let mut forced = with_tools("Tokyo");
    forced["tool_choice"] = json!({ "type": "tool", "name": "weather" });
    let message = tokyo.answer(forced).await;
    assert_eq!(message["stop_reason"], "tool_use");
    assert_eq!(names(&message), ["weather"]);
    assert_eq!(message["content"][0]["input"], json!({ "city": "Tokyo", "unit": "C" }));
}

#[tokio::test]
async fn a_prompt_can_have_tools_used_which_the_request_only_offers() {
    let tokyo = Tokyo::start().await;
    let message = tokyo.answer(with_tools("stand-in: tool")).await;
    assert_eq!(message["stop_reason"], "tool_use");
    assert_eq!((&message["content"][0]["type"], names(&message)), (&json!("text"), vec!["weather"]));
    assert_eq!(message["content"][1]["input"]["city"], "stand-in: tool");
    let message = tokyo.answer(with_tools("stand-in: tool 3")).await;
    assert_eq!(names(&message), ["weather", "clock", "weather"]);
    let mut alone = with_tools("stand-in: tool 3");
    alone["tool_choice"] = json!({ "type": "auto", "disable_parallel_tool_use": true });
    assert_eq!(names(&tokyo.answer(alone).await), ["weather"]);
}

#[tokio::test]
async fn a_tool_cannot_be_used_where_none_is_offered() {
    let tokyo = Tokyo::start().await;
    let mut withheld = with_tools("stand-in: tool");
    withheld["tool_choice"] = json!({ "type": "none" });
    for body in [body("stand-in: tool"), withheld] {
        let answered = tokyo.send(door::PROFILE, body).await;
        assert_eq!(code(&answered), Some("ValidationException"));
        let refusal = answered.expect_err("a refusal");
        assert!(refusal.message().is_some_and(|message| message.contains("needs a request with tools")));
    }
}

#[tokio::test]
async fn a_prompt_can_spell_out_the_use_of_a_tool_and_hears_what_it_gave() {
    let tokyo = Tokyo::start().await;
    let spelt_out = with_tools(r#"stand-in: use clock {"zone": "Asia/Tokyo", "of": "a b"}"#);
    let message = tokyo.answer(spelt_out.clone()).await;
    let used = &message["content"][1];
    assert_eq!((&message["stop_reason"], &used["name"]), (&json!("tool_use"), &json!("clock")));
    assert_eq!(used["input"], json!({ "zone": "Asia/Tokyo", "of": "a b" }));
    for content in [json!("noon"), json!([{ "type": "text", "text": "noon" }])] {
        let result = json!([{ "type": "tool_result", "tool_use_id": used["id"], "content": content }]);
        let mut next = spelt_out.clone();
        let turns = next["messages"].as_array_mut().expect("messages");
        turns.push(json!({ "role": "assistant", "content": message["content"] }));
        turns.push(json!({ "role": "user", "content": result }));
        let answer = tokyo.answer(next).await;
        assert_eq!(answer["stop_reason"], "end_turn");
        let text = answer["content"][0]["text"].as_str().expect("text");
        assert!(text.ends_with("It read 4 characters: noon"), "{text}");
    }
    let absent = tokyo.send(door::PROFILE, with_tools("stand-in: use bash {}")).await.expect_err("a refusal");
    assert!(absent.message().is_some_and(|message| message.contains("needs a request with this very tool")));
}

#[tokio::test]
async fn structured_output_fits_its_schema() {
    let tokyo = Tokyo::start().await;
    let properties = json!({ "name": { "type": "string" }, "population": { "type": "integer" } });
    let mut schema = json!({ "type": "object", "properties": properties, "required": ["name", "population"] });
    schema["additionalProperties"] = json!(false);
    let mut body = body("Tokyo");
    body["output_config"] = json!({ "format": { "type": "json_schema", "schema": schema } });
    let answer = tokyo.answer(body).await;
    let text = answer["content"][0]["text"].as_str().expect("text");
    assert_eq!(text.parse::<Value>().expect("JSON"), json!({ "name": "Tokyo", "population": 1 }));
}

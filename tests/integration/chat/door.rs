//! The door of the dialect, through the function's own process: answers and the line, whole and streamed.

use super::frames;
use crate::pipeline::Pipeline;
use crate::stage::{Stage, post};
use kokunai::prompt::MAX_PROMPT_BYTES;
use serde_json::{Value, json};
use stand_ins::gateway::{GatewayAnswer, rest_event};
use std::time::Duration;

pub(super) const PATH: &str = "/v1/chat/completions";

/// What begins every text of the stand-in's.
const WORDS: &str = "This is kokunai's stand-in for Amazon Bedrock, not Claude.";

pub(super) fn question(prompt: &str) -> Value {
    json!({ "model": "claude-sonnet-4-5", "max_completion_tokens": 1000, "messages": [{ "role": "user", "content": prompt }] })
}

/// A question whose answer is wanted as a stream, with the tokens at its end.
pub(super) fn streamed(prompt: &str) -> Value {
    let mut question = question(prompt);
    question["stream"] = json!(true);
    question["stream_options"] = json!({ "include_usage": true });
    question
}

/// Posts a body with more headers.
pub(super) async fn ask(stage: &Stage, body: &Value, headers: &[(&str, &str)]) -> GatewayAnswer {
    let mut request = post(PATH, body.to_string());
    request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    stage.http(rest_event(&request, "prod")).await
}

/// The chunks of a stream, without its comments.
pub(super) fn chunks(answer: &GatewayAnswer) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"), "{}", answer.text());
    frames(&answer.text()).into_iter().filter(|frame| *frame != ": ping").collect()
}

fn content(chunks: &[Value]) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
}

#[tokio::test]
async fn a_whole_answer_and_a_streamed_one_say_the_same() {
    for mode in ["buffered", "stream"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode)]).await;
        let whole = ask(&stage, &question("日本の首都はどこですか。"), &[]).await;
        assert_eq!((whole.status, whole.header("content-type")), (200, Some("application/json")), "{mode}");
        let whole = whole.json();
        let message = &whole["choices"][0]["message"];
        assert!(message["content"].as_str().unwrap().starts_with(WORDS), "{whole}");
        assert_eq!(
            (&whole["object"], &whole["choices"][0]["finish_reason"]),
            (&json!("chat.completion"), &json!("stop"))
        );

        let answer = ask(&stage, &streamed("日本の首都はどこですか。"), &[]).await;
        let chunks = chunks(&answer);
        let [.., last, usage, done] = &chunks[..] else { panic!("{mode}: {chunks:?}") };
        assert_eq!(done, "data: [DONE]");
        assert_eq!((&usage["choices"], &usage["usage"]), (&json!([]), &whole["usage"]), "{mode}");
        assert_eq!(last["choices"][0]["finish_reason"], "stop");
        assert_eq!(Some(content(&chunks).as_str()), message["content"].as_str(), "{mode}");

        let lines = stage.prompt_lines(2).await;
        for (line, stream) in lines.iter().zip([false, true]) {
            assert_eq!((&line["route"], &line["stream"]), (&json!(PATH), &json!(stream)), "{line}");
            assert_eq!((&line["status"], &line["stop_reason"]), (&json!(200), &json!("end_turn")), "{line}");
            assert_eq!(line["tokens.output"], whole["usage"]["completion_tokens"], "{line}");
        }
        assert_eq!(answer.header("x-request-id"), lines[1]["request_id"].as_str());
        assert_eq!(answer.header("bedrock-request-id"), lines[1]["bedrock.request_id"].as_str());
        stage.bedrock.everything_was_pinned().unwrap();
    }
}

#[tokio::test]
async fn nobody_who_did_not_ask_is_told_the_usage() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    let mut body = streamed("東京");
    body["stream_options"] = json!(null);
    let chunks = chunks(&ask(&stage, &body, &[]).await);
    assert_eq!(chunks.last().unwrap(), "data: [DONE]");
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()), "{chunks:?}");
}

#[tokio::test]
async fn comments_bridge_a_quiet_model_and_one_that_thinks() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    for command in ["slow 1500", "quiet 1500"] {
        // A client that waits 2 s for a byte gets one every second, or sooner.
        let answer = ask(&stage, &streamed(&format!("stand-in: {command}")), &[("X-Stainless-Timeout", "2")]).await;
        assert!(frames(&answer.text()).contains(&json!(": ping")), "{command}: {}", answer.text());
        assert_eq!(chunks(&answer).last().unwrap(), "data: [DONE]", "{command}");
    }
    let mut body = streamed("think");
    body["reasoning_effort"] = json!("low");
    body["max_completion_tokens"] = json!(8000);
    let answer = ask(&stage, &body, &[]).await;
    let frames = frames(&answer.text());
    let first_word = frames
        .iter()
        .position(|frame| frame["choices"][0]["delta"]["content"].as_str().is_some_and(|it| !it.is_empty()));
    assert!(frames[..first_word.unwrap()].contains(&json!(": ping")), "thoughts are not told: {frames:?}");
    assert!(content(&chunks(&answer)).starts_with(WORDS));
    let usage = &frames[frames.len() - 2]["usage"];
    assert!(usage["completion_tokens_details"].is_null(), "nobody counts the thoughts: {usage}");
}

#[tokio::test]
async fn a_request_that_grows_in_translation_is_measured_as_it_came() {
    let stage = Stage::new().await;
    let turns =
        (0..120_001).map(|turn| json!({ "role": (if turn % 2 == 0 { "user" } else { "assistant" }), "content": "a" }));
    let body = json!({ "max_tokens": 10, "messages": turns.collect::<Vec<_>>() });
    assert!(body.to_string().len() < MAX_PROMPT_BYTES);
    let answer = ask(&stage, &body, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(stage.bedrock.calls()[0].body.len() > MAX_PROMPT_BYTES);
}

#[tokio::test]
async fn the_hints_that_were_left_out_are_said() {
    let stage = Stage::new().await;
    let mut body = question("東京");
    body["prompt_cache_key"] = json!("orders");
    let answer = ask(&stage, &body, &[]).await;
    assert_eq!((answer.status, answer.header("kokunai-dropped-fields")), (200, Some("prompt_cache_key")));
    let plain = ask(&stage, &question("東京"), &[]).await;
    assert_eq!((plain.status, plain.header("kokunai-dropped-fields")), (200, None));
}

#[tokio::test]
async fn tools_are_called_and_answered_in_a_round_trip() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    let mut body = question("stand-in: tool 2");
    let tool = json!({ "name": "weather", "parameters": { "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] } });
    body["tools"] = json!([{ "type": "function", "function": tool }]);
    let called = ask(&stage, &body, &[]).await.json();
    let choice = &called["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls", "{called}");
    let calls = choice["message"]["tool_calls"].as_array().unwrap().clone();
    assert_eq!(calls.len(), 2);
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(choice["message"].clone());
    messages.extend(calls.iter().map(|call| json!({ "role": "tool", "tool_call_id": call["id"], "content": "sunny" })));
    let answer = ask(&stage, &body, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(
        answer.json()["choices"][0]["message"]["content"].as_str().unwrap().ends_with("sunny"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_key_is_answered_once_in_this_dialect_too() {
    for mode in ["stream", "buffered"] {
        let pipeline = Pipeline::new("", true, &[("RESPONSE_MODE", mode)]).await;
        for (key, body) in [("key-1", question("東京")), ("key-2", streamed("東京"))] {
            let first = ask(&pipeline.stage, &body, &[("Idempotency-Key", key)]).await;
            let second = ask(&pipeline.stage, &body, &[("Idempotency-Key", key)]).await;
            assert_eq!((first.status, second.status), (200, 200), "{}", second.text());
            assert_eq!(second.header("idempotency-replayed"), Some("true"));
            assert_eq!(first.header("content-type"), second.header("content-type"));
            assert_eq!(told(&first), told(&second), "{mode}: {key}");
        }
        assert_eq!(pipeline.stage.bedrock.calls().len(), 2);
    }
}

/// What an answer says, but for when it was written: a stream is written again from the events that were kept.
fn told(answer: &GatewayAnswer) -> Vec<Value> {
    let is_stream = answer.header("content-type") != Some("application/json");
    let mut told = if is_stream { chunks(answer) } else { vec![answer.json()] };
    for said in told.iter_mut().filter_map(Value::as_object_mut) {
        assert!(said.remove("created").is_some());
    }
    told
}

#[tokio::test]
async fn no_word_of_it_is_printed_at_level_trace() {
    const CANARY: &str = "canary-5b1e";
    for mode in ["stream", "buffered"] {
        let stage =
            Stage::with(&[("LOG_LEVEL", "trace"), ("RESPONSE_MODE", mode), ("RETRY_BUDGET_SECONDS", "0")]).await;
        for command in ["slow 1", "validation", "throttle", "not-json", "truncated", "panic"] {
            for mut body in [question(CANARY), streamed(CANARY)] {
                body["messages"][0]["content"] = json!(format!("{CANARY}\nstand-in: {command}"));
                (body["user"], body["stop"], body["prompt_cache_key"]) = (json!(CANARY), json!(CANARY), json!(CANARY));
                ask(&stage, &body, &[("Authorization", CANARY)]).await;
            }
        }
        let schema = json!({ "properties": { CANARY: { "additionalProperties": true } } });
        let function = json!({ "name": "log", "parameters": schema, "strict": true });
        for (field, value) in [
            (CANARY, json!(1)),
            ("response_format", json!({ "type": "json_schema", "json_schema": { "schema": schema } })),
            ("tools", json!([{ "type": "function", "function": function }])),
            ("tool_choice", json!(CANARY)),
            ("messages", json!([{ CANARY: CANARY }])),
            ("reasoning_effort", json!(CANARY)),
        ] {
            let mut body = question("東京");
            body[field] = value;
            assert_eq!(ask(&stage, &body, &[]).await.status, 400, "{field}");
        }
        let last = ask(&stage, &question("the last one"), &[]).await;
        let last = last.header("x-request-id").unwrap();
        let line = stage.function.wait_for_line(|line| line.contains(last), Duration::from_secs(20)).await;
        assert!(line.is_some(), "the lines before it have arrived too");
        let lines = stage.function.lines();
        assert!(lines.len() >= 19, "{lines:#?}");
        let told: Vec<_> = lines.iter().filter(|line| line.contains(CANARY)).collect();
        assert!(told.is_empty(), "{told:#?}");
        assert_eq!(stage.function.stderr_lines(), Vec::<String>::new());
    }
}

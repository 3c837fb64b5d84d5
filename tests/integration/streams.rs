//! Streamed answers: the model's bytes as they came, and each fault of Bedrock's in the middle of a stream told in it.

use crate::stage::{Stage, post, question};
use proptest::prelude::*;
use serde_json::{Value, json};
use stand_ins::gateway::{GatewayAnswer, rest_event};
use stand_ins::transport::CUT_COMMAND;
use std::time::{Duration, Instant};

/// One server-sent event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) data: String,
}

/// Reads a stream of events as the format's specification has it.
pub(crate) fn events(answer: &GatewayAnswer) -> Vec<Event> {
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"), "{}", answer.text());
    let text = answer.text();
    assert!(text.ends_with("\n\n"), "every event is complete: {text}");
    text.split_terminator("\n\n").map(event).collect()
}

fn event(text: &str) -> Event {
    let field = |name: &str| {
        let values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.collect::<Vec<_>>().join("\n")
    };
    Event { kind: field("event"), data: field("data") }
}

/// A question whose answer is wanted as a stream.
pub(crate) fn streamed(prompt: &str) -> Value {
    let mut question = question(prompt);
    question["stream"] = json!(true);
    question
}

/// The events that the stand-in sent for its last call, the last one without Bedrock's own metrics.
fn sent(stage: &Stage) -> Vec<String> {
    let events = stage.bedrock.calls().pop().unwrap().events_sent;
    let texts = events.iter().map(|event| String::from_utf8(event.to_vec()).unwrap());
    texts
        .map(|text| text.split(r#","amazon-bedrock-invocationMetrics""#).next().unwrap().to_owned())
        .map(closed)
        .collect()
}

/// A text that was cut off before its last member has lost the bracket that closes it.
fn closed(text: String) -> String {
    if serde_json::from_str::<Value>(&text).is_ok() { text } else { text + "}" }
}

#[tokio::test]
async fn the_data_of_every_event_is_what_the_model_sent() {
    let tools = json!([{ "name": "weather", "input_schema": { "type": "object", "properties": { "city": { "type": "string" } } } }]);
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode)]).await;
        for (path, prompt, fields) in [
            ("/v1/messages", "日本の首都はどこですか。\n\"quoted\" \\ 🗾", json!({})),
            (
                "/v1/messages",
                "think",
                json!({ "thinking": { "type": "enabled", "budget_tokens": 2000 }, "max_tokens": 30_000 }),
            ),
            ("/v1/messages", "use a tool", json!({ "tools": tools, "tool_choice": { "type": "any" } })),
            ("/v1/messages", "stand-in: chunks 300", json!({})),
            ("/v1/messages", "stand-in: refusal", json!({})),
            ("/prompt", "the other route", json!({})),
        ] {
            let mut body = streamed(prompt);
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            let answer = stage.post(path, &body).await;
            assert_eq!(answer.status, 200, "{prompt}: {}", answer.text());
            let events = events(&answer);
            let data: Vec<_> = events.iter().map(|event| event.data.clone()).collect();
            assert_eq!(data, sent(&stage), "{mode}: {prompt}");
            for event in &events {
                assert_eq!(serde_json::from_str::<Value>(&event.data).unwrap()["type"], event.kind.as_str());
            }
            assert_eq!(events.last().unwrap().kind, "message_stop");
            assert!(!answer.text().contains("amazon-bedrock"), "Bedrock's own metrics are not the model's");
        }
    }
}

#[test]
fn where_the_network_cuts_makes_no_difference() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let stage = runtime.block_on(Stage::with(&[("RESPONSE_MODE", "stream")]));
    let tools = json!([{ "name": "weather", "input_schema": { "type": "object", "properties": { "city": { "type": "string" } } } }]);
    let kinds = [
        json!({}),
        json!({ "thinking": { "type": "enabled", "budget_tokens": 2000 }, "max_tokens": 30_000 }),
        json!({ "tools": tools, "tool_choice": { "type": "any" } }),
    ];
    let sizes = prop::collection::vec(1..200_usize, 1..6)
        .prop_map(|sizes| sizes.iter().map(usize::to_string).collect::<Vec<_>>());
    proptest!(ProptestConfig::with_cases(48), |(kind in 0..kinds.len(), sizes in sizes, text in "\\PC{0,60}[\n\"\\\\]{0,3}")| {
        // The stand-in's answer quotes the prompt, so that the text comes back in the events.
        let prompt = format!("{CUT_COMMAND}{} \n{text}", sizes.join(" "));
        let mut body = streamed(&prompt);
        body.as_object_mut().unwrap().extend(kinds[kind].as_object().unwrap().clone());
        let answer = runtime.block_on(stage.post("/v1/messages", &body));
        prop_assert_eq!(answer.status, 200, "{}", answer.text());
        let data: Vec<_> = events(&answer).into_iter().map(|event| event.data).collect();
        prop_assert_eq!(data, sent(&stage));
    });
}

#[tokio::test]
async fn the_line_of_a_stream_tells_what_a_whole_answer_would_have() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    stage.ask("the same prompt").await;
    let answer = stage.post("/v1/messages", &streamed("the same prompt")).await;
    let lines = stage.prompt_lines(2).await;
    for field in
        ["tokens.input", "tokens.output", "cost_usd", "quota_tokens", "stop_reason", "status", "residency.profile"]
    {
        assert_eq!(lines[1][field], lines[0][field], "{field}");
        assert!(!lines[1][field].is_null(), "{field}");
    }
    assert_eq!((&lines[0]["stream"], &lines[1]["stream"]), (&json!(false), &json!(true)));
    assert!(lines[0]["first_token_ms"].is_null(), "a whole answer has no first token");
    let first = lines[1]["first_token_ms"].as_f64().unwrap();
    assert!(first > 0.0 && first <= lines[1]["duration_ms"].as_f64().unwrap(), "{}", lines[1]);
    let call = stage.bedrock.calls().pop().unwrap();
    assert_eq!(lines[1]["bedrock.request_id"], call.request_id);
    assert_eq!(answer.header("bedrock-request-id"), Some(call.request_id.as_str()));
    assert_eq!(answer.header("request-id"), lines[1]["request_id"].as_str());
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert!(call.streamed && call.path.ends_with("/invoke-with-response-stream"));
    stage.bedrock.everything_was_pinned().unwrap();
}

#[tokio::test]
async fn each_fault_in_mid_stream_ends_in_an_error_event_of_its_type() {
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode), ("STREAM_IDLE_SECONDS", "1")]).await;
        let faults = [
            ("stream-throttle", "rate_limit_error", "throttled"),
            ("stream-internal-error", "api_error", "bedrock_error"),
            ("stream-unavailable", "overloaded_error", "overloaded"),
            ("stream-validation", "invalid_request_error", "rejected"),
            ("stream-model-error", "api_error", "model_failed"),
            ("stream-model-timeout", "timeout_error", "model_timeout"),
            ("stream-broken", "api_error", "bad_answer"),
            ("stream-drop", "api_error", "unreachable"),
            ("stream-stall", "timeout_error", "timeout"),
            ("truncated", "api_error", "unreachable"),
        ];
        for (command, kind, _) in faults {
            let answer = stage.post("/v1/messages", &streamed(&format!("stand-in: {command}"))).await;
            assert_eq!(answer.status, 200, "{command}: the status has gone out");
            let events = events(&answer);
            let (error, before) = events.split_last().unwrap();
            assert_eq!(error.kind, "error", "{command}: {events:?}");
            let body: Value = serde_json::from_str(&error.data).unwrap();
            assert_eq!((&body["type"], &body["error"]["type"]), (&json!("error"), &json!(kind)), "{command}");
            assert_eq!(body["request_id"].as_str(), answer.header("request-id"), "{command}");
            let data: Vec<_> = before.iter().map(|event| event.data.clone()).collect();
            assert_eq!(data, sent(&stage), "{command}: what came before the fault has gone on");
            let bedrocks = ["Too many tokens", "unexpected error", "unable to process", "timed out in processing"];
            assert!(
                !bedrocks.iter().any(|words| error.data.contains(words)),
                "{command}: Bedrock's own words: {error:?}"
            );
        }
        let lines = stage.prompt_lines(faults.len()).await;
        for (line, (command, _, label)) in lines.iter().zip(faults) {
            assert_eq!(line["error.label"], label, "{command}");
            assert_eq!((&line["stream"], line["tokens.input"].is_number()), (&json!(true), true), "{command}: {line}");
            assert!(line["tokens.output"].is_null() && line["cost_usd"].is_null(), "{command}: not known: {line}");
            assert!(line["bedrock.request_id"].is_string(), "{command}: evidence");
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_before_the_first_event_has_its_status() {
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode), ("RETRY_BUDGET_SECONDS", "0")]).await;
        for (command, status, kind) in [
            ("throttle", 429, "rate_limit_error"),
            ("unavailable", 529, "overloaded_error"),
            ("validation", 400, "invalid_request_error"),
            ("denied", 403, "permission_error"),
            ("model-error", 502, "api_error"),
            ("drop", 502, "api_error"),
            ("not-json", 502, "api_error"),
            ("empty", 502, "api_error"),
            ("odd-shape", 502, "api_error"),
        ] {
            let answer = stage.post("/v1/messages", &streamed(&format!("stand-in: {command}"))).await;
            assert_eq!(answer.status, status, "{command}: {}", answer.text());
            assert_eq!(answer.json()["error"]["type"], kind, "{command}");
            assert_eq!(answer.header("retry-after").is_some(), status == 429, "{command}");
        }
        let answer = stage.post("/v1/messages", &streamed("")).await;
        assert_eq!(answer.status, 400, "a rule of ours: {}", answer.text());
    }
}

#[tokio::test]
async fn a_stream_is_tried_again_until_it_has_begun() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    let answer = stage.post("/v1/messages", &streamed("stand-in: throttle 1")).await;
    assert_eq!(events(&answer).last().unwrap().kind, "message_stop");
    assert_eq!(stage.prompt_lines(1).await[0]["bedrock.attempts"], 2);
}

#[tokio::test]
async fn a_quiet_model_is_bridged_by_pings() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    for command in ["pace 800", "slow 1500"] {
        let body = json!({ "max_tokens": 1, "stream": true, "messages": [{ "role": "user", "content": format!("stand-in: {command}") }] });
        let mut request = post("/v1/messages", body.to_string());
        // A client that waits 2 s for a byte gets one every 500 ms.
        request.headers.push(("X-Stainless-Timeout".to_owned(), "2".to_owned()));
        let answer = stage.http(rest_event(&request, "prod")).await;
        let events = events(&answer);
        let pings = events.iter().filter(|event| event.kind == "ping").count();
        assert!(pings >= 2, "{command}: {events:?}");
        let others: Vec<_> =
            events.iter().filter(|event| event.kind != "ping").map(|event| event.data.clone()).collect();
        assert_eq!(others, sent(&stage), "{command}");
        assert_eq!(events.last().unwrap().kind, "message_stop", "{command}");
    }
}

#[tokio::test]
async fn a_buffered_stream_is_not_pinged_and_keeps_its_status_to_the_end() {
    let stage = Stage::with(&[("RETRY_BUDGET_SECONDS", "0")]).await;
    for (command, status) in [("slow 1500", 200), ("quiet 1200", 200), ("throttle", 429)] {
        let mut request = post("/v1/messages", streamed(&format!("stand-in: {command}")).to_string());
        request.headers.push(("X-Stainless-Timeout".to_owned(), "6".to_owned()));
        let answer = stage.http(rest_event(&request, "prod")).await;
        assert_eq!(answer.status, status, "{command}");
        assert!(!answer.text().contains("event: ping"), "{command}");
    }
}

#[tokio::test]
async fn an_answer_that_was_told_to_its_end_is_whole_whatever_comes_after() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    for command in ["end-drop", "end-stall"] {
        let start = Instant::now();
        let answer = stage.post("/v1/messages", &streamed(&format!("stand-in: {command}"))).await;
        assert_eq!(events(&answer).last().unwrap().kind, "message_stop", "{command}");
        assert!(start.elapsed() < Duration::from_secs(10), "{command}: {:?}", start.elapsed());
    }
    for line in stage.prompt_lines(2).await {
        assert_eq!((&line["status"], line["tokens.output"].is_number()), (&json!(200), true), "{line}");
    }
}

#[tokio::test]
async fn the_budget_ends_a_stream_in_words() {
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode), ("TIME_BUDGET_SECONDS", "1")]).await;
        let start = Instant::now();
        let answer = stage.post("/v1/messages", &streamed("stand-in: pace 100")).await;
        let events = events(&answer);
        assert!(events.len() > 3 && events.last().unwrap().data.contains("timeout_error"), "{events:?}");
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_stall_before_the_first_event_is_a_504_in_buffered_mode() {
    let stage = Stage::with(&[("TIME_BUDGET_SECONDS", "1")]).await;
    assert_eq!(stage.post("/v1/messages", &streamed("stand-in: stall")).await.status, 504);
}

#[tokio::test]
async fn a_model_that_never_begins_is_given_up() {
    let stage =
        Stage::with(&[("RESPONSE_MODE", "stream"), ("STREAM_IDLE_SECONDS", "1"), ("RETRY_BUDGET_SECONDS", "1")]).await;
    let start = Instant::now();
    let answer = stage.post("/v1/messages", &streamed("stand-in: stall")).await;
    assert_eq!((answer.status, answer.json()["error"]["type"].as_str()), (504, Some("timeout_error")));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_first_token_is_the_first_that_the_model_writes() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    stage.post("/v1/messages", &streamed("stand-in: pace 200")).await;
    let line = &stage.prompt_lines(1).await[0];
    // Two events begin the message and its block before it.
    assert!(line["first_token_ms"].as_f64().unwrap() >= 600.0, "{line}");
}

#[tokio::test]
async fn a_queue_and_a_direct_caller_cannot_read_a_stream() {
    let stage = Stage::new().await;
    let failed = stage.invoke(json!({ "prompt": "x", "stream": true })).await;
    assert!(format!("{failed:?}").contains("stream: is answered over HTTP only"), "{failed:?}");
}

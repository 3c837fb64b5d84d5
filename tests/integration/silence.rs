//! Nothing said: no word of a prompt, answer, header or credential reaches the output, at any log level.

use crate::stage::{Stage, event, post};
use serde_json::{Value, json};
use stand_ins::gateway::{GatewayRequest, rest_event};
use stand_ins::runtime_api::Invocation;
use stand_ins::transport::STREAM_PANIC_COMMAND;
use std::time::Duration;

const CANARY: &str = "canary-7f3a";

/// A request that carries the canary wherever a caller can put it.
fn canary_request(command: &str, stream: bool) -> GatewayRequest {
    let body = json!({
        "system": format!("{CANARY} system"),
        "messages": [{ "role": "user", "content": format!("{CANARY} prompt\nstand-in: {command}") }],
        "metadata": { "user_id": CANARY },
        "stop_sequences": [CANARY],
        "stream": stream,
    });
    let mut request = post("/v1/messages", body.to_string());
    request.query = format!("key={CANARY}");
    for name in ["Authorization", "X-Api-Key", "User-Agent", "Anthropic-Beta", "X-Custom"] {
        request.headers.push((name.to_owned(), format!("Bearer {CANARY}")));
    }
    request
}

#[tokio::test]
async fn no_output_contains_a_word_of_it_at_level_trace() {
    for mode in ["buffered", "stream"] {
        let stage = Stage::with(&[
            ("LOG_LEVEL", "trace"),
            ("RUST_LOG", "trace"),
            ("RESPONSE_MODE", mode),
            ("RETRY_BUDGET_SECONDS", "2"),
        ])
        .await;
        let commands = [
            "slow 1",
            "validation",
            "throttle",
            "denied",
            "drop",
            "not-json",
            "truncated",
            "odd-shape",
            "panic",
            "internal-error 1",
        ];
        for command in commands {
            stage.http(rest_event(&canary_request(command, false), "prod")).await;
        }
        for command in
            ["slow 1", "stream-validation", "stream-throttle", "stream-broken", "stream-drop", "truncated", "panic"]
        {
            stage.http(rest_event(&canary_request(command, true), "prod")).await;
        }
        stage
            .http(rest_event(
                &post(
                    "/prompt",
                    json!({ "prompt": format!("{CANARY} {STREAM_PANIC_COMMAND}"), "stream": true }).to_string(),
                ),
                "prod",
            ))
            .await;
        let mut bad = canary_request("slow 1", false);
        bad.path = format!("/{CANARY}");
        stage.http(rest_event(&bad, "prod")).await;
        for body in [
            format!("{CANARY} is not JSON"),
            json!({ "prompt": "a", "model": CANARY }).to_string(),
            json!({ "prompt": "a", CANARY: 1 }).to_string(),
            json!({ "prompt": "a", format!("amazon-bedrock-{CANARY}"): 1 }).to_string(),
        ] {
            stage.http(rest_event(&post("/prompt", body), "prod")).await;
        }
        for event in [
            json!({ "prompt": format!("{CANARY}\nstand-in: validation") }),
            json!({ "prompt": "a", "temperature": CANARY }),
            json!({ "Records": [{ "eventSource": CANARY }] }),
            json!({ "Records": [{ "messageId": "1", "eventSource": "aws:sqs", "body": format!("{CANARY} is not JSON"), "attributes": {} }] }),
            json!(CANARY),
        ] {
            stage.invoke(event).await;
        }
        // What Lambda itself would never send: no JSON at all.
        stage.runtime.invoke(Invocation::new(format!("{CANARY} is not JSON")).timeout(Duration::from_secs(5))).await;
        let last = stage.ask("the last one").await;
        let last = last.header("request-id").unwrap();
        let line = stage.function.wait_for_line(|line| line.contains(last), Duration::from_secs(20)).await;
        assert!(line.is_some(), "the lines before it have arrived too");
        let lines = stage.function.lines();
        assert!(lines.len() >= 20, "{lines:#?}");
        for secret in [
            CANARY,
            stand_ins::TEST_SECRET_ACCESS_KEY,
            stand_ins::TEST_SESSION_TOKEN,
            stand_ins::transport::PANIC_CANARY,
        ] {
            let told: Vec<_> = lines.iter().filter(|line| line.contains(secret)).collect();
            assert!(told.is_empty(), "{secret}: {told:#?}");
        }
        assert_eq!(stage.function.stderr_lines(), Vec::<String>::new(), "every line is JSON on standard output");
        assert!(
            stage.function.json_lines().iter().all(|line| line["timestamp"].is_string() && line["level"].is_string())
        );
    }
}

#[tokio::test]
async fn a_caller_with_a_key_is_named_by_an_id_and_the_key_is_in_no_line() {
    let stage = Stage::with(&[("LOG_LEVEL", "trace"), ("RUST_LOG", "trace")]).await;
    let with = |change: fn(&mut Value)| {
        let mut event: Value = serde_json::from_str(&event("http-api-key")).unwrap();
        change(&mut event["requestContext"]);
        event
    };
    let key = with(|_| {})["requestContext"]["identity"]["apiKey"].as_str().unwrap().to_owned();
    let callers = [
        (with(|_| {}), json!("k1x2y3z4a5")),
        // An authoriser with names of its own.
        (with(|context| context["authorizer"]["principalId"] = json!("orders-service")), json!("orders-service")),
        (with(|context| context["authorizer"] = Value::Null), json!("k1x2y3z4a5")),
        (with(|context| context["authorizer"] = json!({ "principalId": "" })), json!("k1x2y3z4a5")),
        // An authoriser that names the key as the principal.
        (
            with(|context| context["authorizer"]["principalId"] = context["identity"]["apiKey"].clone()),
            json!("k1x2y3z4a5"),
        ),
        (
            with(|context| context["identity"]["userArn"] = json!("arn:aws:iam::1:user/a")),
            json!("arn:aws:iam::1:user/a"),
        ),
        (
            with(|context| {
                context["authorizer"] = Value::Null;
                context["identity"]["apiKeyId"] = Value::Null;
            }),
            Value::Null,
        ),
    ];
    for (event, _) in &callers {
        assert_eq!(stage.http(event).await.status, 200);
    }
    let lines = stage.prompt_lines(callers.len()).await;
    for ((_, caller), line) in callers.iter().zip(&lines) {
        assert_eq!(line["caller"], *caller, "{line}");
    }
    let told: Vec<_> = stage.function.lines().into_iter().filter(|line| line.contains(&key)).collect();
    assert!(told.is_empty() && key.len() > 20, "{told:#?}");
}

#[tokio::test]
async fn the_log_level_hides_what_is_less_severe() {
    let stage = Stage::with(&[("LOG_LEVEL", "warn")]).await;
    stage.ask("quiet").await;
    stage.ask("stand-in: validation").await;
    let lines = stage.prompt_lines(1).await;
    assert_eq!(lines[0]["error.label"], "rejected");
}

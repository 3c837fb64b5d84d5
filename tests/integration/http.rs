//! The HTTP doors: what a client sees, in both response modes, for each fault of Bedrock.

use crate::stage::{Stage, event, post, question};
use serde_json::{Value, json};
use stand_ins::gateway::{GatewayRequest, rest_event};

#[tokio::test]
async fn a_messages_answer_arrives_byte_for_byte() {
    for mode in ["buffered", "stream"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode)]).await;
        let answer = stage.http(event("http-messages")).await;
        assert_eq!(answer.status, 200, "{mode}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let body = answer.json();
        assert_eq!(body["type"], "message");
        assert_eq!(body["model"], "claude-sonnet-4-5-20250929");
        let line = &stage.prompt_lines(1).await[0];
        assert_eq!(line["tokens.input"], body["usage"]["input_tokens"]);
        assert_eq!(line["tokens.output"], body["usage"]["output_tokens"]);
        assert_eq!(line["bedrock.request_id"], answer.header("bedrock-request-id").unwrap());
        assert_eq!(line["request_id"], answer.header("request-id").unwrap());
        let call = &stage.bedrock.calls()[0];
        assert_eq!(line["bedrock.request_id"], call.request_id);
        let sent: Value = serde_json::from_slice(&call.body).unwrap();
        let expected = json!({
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 1024,
            "system": "You answer in one sentence.",
            "messages": [{ "role": "user", "content": "日本の首都はどこですか。" }],
        });
        assert_eq!(sent, expected);
    }
}

#[tokio::test]
async fn every_error_has_anthropics_shape_in_both_modes() {
    for mode in ["buffered", "stream"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode)]).await;
        for name in
            ["http-not-found", "http-wrong-method", "http-wrong-media-type", "http-not-json", "http-global-model"]
        {
            let answer = stage.http(event(name)).await;
            let body = answer.json();
            assert_eq!(body["type"], "error", "{name}");
            assert!(body["error"]["type"].is_string() && body["error"]["message"].is_string(), "{name}: {body}");
            assert_eq!(body["request_id"], answer.header("request-id").unwrap(), "{name}");
        }
        assert!(stage.bedrock.calls().is_empty(), "a refused prompt costs nothing");
    }
}

#[tokio::test]
async fn each_fault_of_bedrock_has_its_status_and_type() {
    // The retry budget is what a persistent fault costs in time, and retries are another test's subject.
    let stage = Stage::with(&[("RETRY_BUDGET_SECONDS", "0")]).await;
    for (command, status, kind, label) in [
        ("throttle", 429, "rate_limit_error", "throttled"),
        ("not-ready", 529, "overloaded_error", "overloaded"),
        ("internal-error", 502, "api_error", "bedrock_error"),
        ("unavailable", 529, "overloaded_error", "overloaded"),
        ("denied", 403, "permission_error", "access_denied"),
        ("validation", 400, "invalid_request_error", "rejected"),
        ("not-found", 404, "not_found_error", "model_not_found"),
        ("quota", 429, "rate_limit_error", "quota_exceeded"),
        ("model-timeout", 504, "timeout_error", "model_timeout"),
        ("model-error", 502, "api_error", "model_failed"),
        ("drop", 502, "api_error", "unreachable"),
        ("not-json", 502, "api_error", "bad_answer"),
        ("empty", 502, "api_error", "bad_answer"),
        ("truncated", 502, "api_error", "bad_answer"),
        ("odd-shape", 502, "api_error", "bad_answer"),
    ] {
        let answer = stage.ask(&format!("stand-in: {command}")).await;
        let body = answer.json();
        assert_eq!((answer.status, body["error"]["type"].as_str()), (status, Some(kind)), "{command}: {body}");
        let line = stage
            .function
            .wait_for_line(
                |line| line.contains(answer.header("request-id").unwrap()),
                std::time::Duration::from_secs(20),
            )
            .await;
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        assert_eq!(line["error.label"], label, "{command}");
        assert_eq!(line["status"], status, "{command}");
        assert_eq!(answer.header("retry-after").is_some(), status == 429, "{command}");
        let paid_for = status == 504 || label == "bad_answer";
        assert_eq!(answer.header("x-should-retry"), paid_for.then_some("false"), "{command}");
        let call = stage.bedrock.calls().pop().unwrap();
        if command != "drop" {
            assert_eq!(answer.header("bedrock-request-id"), Some(call.request_id.as_str()), "{command}");
            assert_eq!(line["bedrock.request_id"], call.request_id, "{command}: also a failed call is evidence");
        }
    }
}

#[tokio::test]
async fn bedrocks_word_on_an_invalid_prompt_reaches_the_caller() {
    let stage = Stage::new().await;
    let answer = stage.ask("stand-in: validation").await;
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("stand-in: validation"), "{}", answer.text());
}

#[tokio::test]
async fn a_refusal_of_the_model_is_an_answer() {
    let stage = Stage::new().await;
    let answer = stage.ask("stand-in: refusal").await;
    assert_eq!((answer.status, answer.json()["stop_reason"].as_str()), (200, Some("refusal")));
    assert_eq!(stage.prompt_lines(1).await[0]["stop_reason"], "refusal");
}

#[tokio::test]
async fn eight_megabytes_are_refused_as_too_large() {
    let stage = Stage::new().await;
    let body = question(&"あ".repeat(8_000_000 / 3)).to_string();
    let answer = stage.http(rest_event(&post("/v1/messages", body), "prod")).await;
    assert_eq!((answer.status, answer.json()["error"]["type"].as_str()), (413, Some("request_too_large")));
    assert!(stage.bedrock.calls().is_empty());
}

#[tokio::test]
async fn an_answer_of_a_megabyte_comes_through() {
    let stage = Stage::new().await;
    let body = json!({ "max_tokens": 64_000, "messages": [{ "role": "user", "content": "stand-in: long 200000" }] });
    let answer = stage.post("/v1/messages", &body).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["content"][0]["text"].as_str().unwrap().len() >= 200_000);
}

#[tokio::test]
async fn a_prompt_that_panics_hears_500_and_the_next_is_answered() {
    let stage = Stage::new().await;
    let answer = stage.ask("stand-in: panic").await;
    assert_eq!((answer.status, answer.json()["error"]["type"].as_str()), (500, Some("api_error")));
    assert_eq!(stage.ask("hello").await.status, 200);
    let lines = stage.prompt_lines(2).await;
    assert_eq!((&lines[0]["error.label"], &lines[1]["status"]), (&json!("internal"), &json!(200)));
}

#[tokio::test]
async fn the_line_of_a_prompt_says_who_what_where_and_how_much() {
    let stage = Stage::new().await;
    stage.http(event("http-messages")).await;
    stage.http(event("http-both-samplings")).await;
    let lines = stage.prompt_lines(2).await;
    let line = &lines[0];
    for (field, value) in [
        ("level", json!("INFO")),
        ("message", json!("prompt answered")),
        ("source", json!("http")),
        ("route", json!("/v1/messages")),
        ("stream", json!(false)),
        ("caller", json!("arn:aws:sts::123456789012:assumed-role/orders-service/session")),
        ("residency.profile", json!("jp.anthropic.claude-sonnet-4-5-20250929-v1:0")),
        ("residency.region", json!("ap-northeast-1")),
        ("bedrock.attempts", json!(1)),
        ("stop_reason", json!("end_turn")),
        ("cold_start", json!(true)),
        ("status", json!(200)),
    ] {
        assert_eq!(line[field], value, "{field}");
    }
    for number in [
        "duration_ms",
        "bedrock.latency_ms",
        "tokens.input",
        "tokens.output",
        "tokens.cache_read",
        "tokens.cache_write",
        "cost_usd",
        "quota_tokens",
    ] {
        assert!(line[number].is_number(), "{number}: {line}");
    }
    assert!(line["trace_id"].as_str().unwrap().starts_with("1-"));
    time::OffsetDateTime::parse(line["timestamp"].as_str().unwrap(), &time::format_description::well_known::Rfc3339)
        .unwrap();

    let refused = &lines[1];
    for (field, value) in [
        ("level", json!("WARN")),
        ("cold_start", json!(false)),
        ("status", json!(400)),
        ("error.label", json!("invalid_request")),
        ("error.field", json!("temperature")),
        ("error.retry", json!(false)),
    ] {
        assert_eq!(refused[field], value, "{field}");
    }
    assert!(refused.get("residency.profile").is_none(), "nothing was asked, so nothing ran anywhere");
}

#[tokio::test]
async fn a_compressed_body_is_refused_by_the_name_of_its_header() {
    let stage = Stage::new().await;
    let mut request = post("/v1/messages", question("hello").to_string());
    request.headers.push(("Content-Encoding".to_owned(), "gzip".to_owned()));
    let answer = stage.http(rest_event(&request, "prod")).await;
    assert_eq!(answer.status, 415);
    assert!(answer.text().contains("content-encoding"), "{}", answer.text());
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    for mode in ["buffered", "stream"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode)]).await;
        for path in ["/health", "/v1/models"] {
            let request = |method: &str| GatewayRequest {
                method: method.to_owned(),
                path: path.to_owned(),
                ..GatewayRequest::default()
            };
            let get = stage.http(rest_event(&request("GET"), "prod")).await;
            let head = stage.http(rest_event(&request("HEAD"), "prod")).await;
            assert_eq!((get.status, head.status), (200, 200), "{path}");
            assert_eq!(get.header("content-type"), head.header("content-type"));
            assert!(!get.body.is_empty() && head.body.is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_method_that_is_not_allowed_hears_which_are() {
    let stage = Stage::new().await;
    assert_eq!(stage.http(event("http-wrong-method")).await.header("allow"), Some("POST"));
}

#[tokio::test]
async fn the_root_is_found_behind_a_base_path() {
    let stage = Stage::new().await;
    let mut root: Value = serde_json::from_str(&event("http-head-root")).unwrap();
    root["path"] = json!("/ai");
    assert_eq!(stage.http(root).await.status, 200);
}

#[tokio::test]
async fn a_caller_with_a_key_is_known_by_the_keys_id() {
    let stage = Stage::new().await;
    let mut event: Value = serde_json::from_str(&event("http-messages")).unwrap();
    event["requestContext"]["identity"]["userArn"] = json!(null);
    event["requestContext"]["identity"]["apiKeyId"] = json!("key-id-1");
    event["requestContext"]["identity"]["apiKey"] = json!("the-key-itself");
    stage.http(event).await;
    assert_eq!(stage.prompt_lines(1).await[0]["caller"], "key-id-1");
    assert!(!stage.function.lines().concat().contains("the-key-itself"));
}

#[tokio::test]
async fn a_failed_direct_invocation_leaves_one_line() {
    let stage = Stage::new().await;
    stage.invoke(event("direct-stream")).await;
    stage.answer(event("direct-prompt")).await;
    stage.prompt_lines(2).await;
    // The first line is that of the start.
    assert_eq!(stage.function.lines().len(), 3, "{:#?}", stage.function.lines());
}

#[tokio::test]
async fn the_model_is_shown_in_the_shape_of_the_dialect_that_asks() {
    let stage = Stage::new().await;
    let get = async |path: &str, headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (method, path) = ("GET".to_owned(), path.to_owned());
        stage.http(rest_event(&GatewayRequest { method, path, headers, ..GatewayRequest::default() }, "prod")).await
    };
    let anthropic = [("Anthropic-Version", "2026-10-21")];
    for name in ["claude-sonnet-4-5", "jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0"] {
        let path = format!("/v1/models/{name}");
        assert_eq!(get(&path, &anthropic).await.json()["type"], "model", "{name}");
        assert_eq!(get(&path, &[]).await.json()["object"], "model", "{name}");
    }
    assert_eq!(get("/v1/models", &anthropic).await.json()["data"][0]["display_name"], "Claude Sonnet 4.5");
    assert_eq!(get("/v1/models", &[]).await.json()["data"][0]["owned_by"], "anthropic");
    let other = get("/v1/models/claude-opus-4-5", &anthropic).await;
    assert_eq!((other.status, other.json()["error"]["type"].as_str()), (404, Some("not_found_error")));
}

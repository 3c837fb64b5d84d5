//! The rest of the Messages surface: betas and what goes with them, versions, and the count of tokens.

use crate::stage::{Stage, event, post, question};
use serde_json::{Value, json};
use stand_ins::bedrock::Operation;
use stand_ins::gateway::{GatewayAnswer, rest_event};

/// Posts a body with headers of the client's.
async fn post_with(stage: &Stage, path: &str, headers: &[(&str, &str)], body: &Value) -> GatewayAnswer {
    let mut request = post(path, body.to_string());
    request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    stage.http(rest_event(&request, "prod")).await
}

#[tokio::test]
async fn what_claude_code_sends_is_answered_and_what_was_dropped_is_said() {
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode)]).await;
        let answer = stage.http(event("http-claude-code")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let betas = "claude-code-20250219, thinking-token-count-2026-05-13, advanced-tool-use-2025-11-20, prompt-caching-scope-2026-01-05";
        assert_eq!(answer.header("kokunai-dropped-betas"), Some(betas));
        let fields = answer.header("kokunai-dropped-fields").unwrap();
        for field in ["cache_control.scope", "tools.*.defer_loading", "thinking.display"] {
            assert!(fields.contains(field), "{fields}");
        }
        let line = &stage.prompt_lines(1).await[0];
        assert_eq!(line["betas.dropped"], betas.replace(',', ""));
        assert_eq!(line["betas.dropped_fields"], fields.replace(',', ""));
        let sent: Value = serde_json::from_slice(&stage.bedrock.calls()[0].body).unwrap();
        assert_eq!(sent["anthropic_beta"], json!(["interleaved-thinking-2025-05-14", "context-management-2025-06-27"]));
        assert!(sent.get("context_management").is_some());
    }
}

#[tokio::test]
async fn an_unknown_beta_is_told_back_and_only_counted_in_the_log() {
    let stage = Stage::new().await;
    let headers = [
        ("anthropic-beta", "canary-beta-2099-01-01"),
        ("anthropic-beta", "Bearer canary,context-management-2025-06-27"),
    ];
    let answer = post_with(&stage, "/v1/messages", &headers, &question("hello")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("kokunai-dropped-betas"), Some("canary-beta-2099-01-01"));
    assert_eq!(answer.header("kokunai-dropped-betas-unnamed"), Some("1"));
    let line = &stage.prompt_lines(1).await[0];
    assert_eq!((&line["betas.dropped_unknown"], &line["betas.dropped"]), (&json!(2), &Value::Null));
    assert!(!line.to_string().contains("canary"));
}

#[tokio::test]
async fn a_failed_prompt_says_what_was_dropped_too() {
    let stage = Stage::new().await;
    let headers = [("anthropic-beta", "files-api-2025-04-14")];
    let answer = post_with(&stage, "/v1/messages", &headers, &question("stand-in: validation")).await;
    assert_eq!((answer.status, answer.header("kokunai-dropped-betas")), (400, Some("files-api-2025-04-14")));
}

#[tokio::test]
async fn a_beta_in_the_body_of_a_queued_prompt_is_sorted_too() {
    let stage = Stage::new().await;
    let body =
        json!({ "prompt": "hello", "anthropic_beta": ["context-1m-2025-08-07", "interleaved-thinking-2025-05-14"] });
    stage.answer(body).await;
    assert_eq!(stage.prompt_lines(1).await[0]["betas.dropped"], "context-1m-2025-08-07");
    let sent: Value = serde_json::from_slice(&stage.bedrock.calls()[0].body).unwrap();
    assert_eq!(sent["anthropic_beta"], json!(["interleaved-thinking-2025-05-14"]));
}

#[tokio::test]
async fn any_version_is_taken_and_bedrocks_is_sent() {
    let stage = Stage::new().await;
    for version in ["2023-06-01", "2026-10-21", "2099-12-31"] {
        let answer = post_with(&stage, "/v1/messages", &[("anthropic-version", version)], &question("hello")).await;
        assert_eq!(answer.status, 200, "{version}");
        assert!(answer.header("request-id").is_some());
    }
    for call in stage.bedrock.calls() {
        assert!(call.body.starts_with(br#"{"anthropic_version":"bedrock-2023-05-31""#));
    }
}

#[tokio::test]
async fn tokens_are_not_counted_unless_that_is_turned_on() {
    let stage = Stage::new().await;
    let answer = stage.http(event("http-count-tokens")).await;
    assert_eq!((answer.status, answer.json()["error"]["type"].as_str()), (404, Some("not_found_error")));
    assert!(answer.text().contains("COUNT_TOKENS"), "it says how: {}", answer.text());
    assert!(stage.bedrock.calls().is_empty(), "nothing was asked");
    let line = &stage.prompt_lines(1).await[0];
    assert_eq!((&line["error.label"], &line["route"]), (&json!("not_found"), &json!("/v1/messages/count_tokens")));
    assert_eq!(line["level"], "INFO", "some clients ask forty times in a row");
}

#[tokio::test]
async fn tokens_are_counted_by_the_bare_model_in_tokyo_where_that_is_turned_on() {
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("COUNT_TOKENS", "on"), ("RESPONSE_MODE", mode)]).await;
        let answer = stage.http(event("http-count-tokens")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let tokens = answer.json()["input_tokens"].as_i64().unwrap();
        let calls = stage.bedrock.calls();
        let [call] = &calls[..] else { panic!("one call: {calls:?}") };
        assert_eq!(call.operation, Some(Operation::CountTokens));
        assert_eq!(call.host, "bedrock-runtime.ap-northeast-1.amazonaws.com");
        assert_eq!(call.path, "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/count-tokens");
        let line = &stage.prompt_lines(1).await[0];
        assert_eq!(line["tokens.counted"], tokens);
        assert!(line["residency.profile"].is_null(), "the profile was not asked, and the line does not claim so");
        assert_eq!(line["residency.model"], "anthropic.claude-sonnet-4-5-20250929-v1:0");
        assert_eq!(line["bedrock.request_id"], call.request_id);
        let prompt = stage.http(event("http-messages")).await;
        assert_eq!(prompt.json()["usage"]["input_tokens"].as_i64().map(|it| it > 0), Some(true));
        assert!(stage.bedrock.calls()[1].path.contains("jp.anthropic"), "prompts still go through the profile");
    }
}

#[tokio::test]
async fn a_count_takes_what_clients_send_and_fails_like_a_prompt() {
    let stage = Stage::with(&[("COUNT_TOKENS", "on"), ("RETRY_BUDGET_SECONDS", "0")]).await;
    let mut thinks = question("hello");
    thinks.as_object_mut().unwrap().remove("max_tokens");
    thinks["thinking"] = json!({ "type": "enabled", "budget_tokens": 31_999 });
    thinks["context_management"] = json!({ "edits": [] });
    let headers = [("anthropic-beta", "context-management-2025-06-27,token-counting-2024-11-01")];
    let answer = post_with(&stage, "/v1/messages/count_tokens", &headers, &thinks).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for (prompt, status) in
        [("stand-in: throttle", 429), ("stand-in: denied", 403), ("stand-in: validation", 400), ("", 400)]
    {
        let answer = stage.post("/v1/messages/count_tokens", &question(prompt)).await;
        assert_eq!((answer.status, &answer.json()["type"]), (status, &json!("error")), "{prompt}");
    }
}

//! What goes wrong at the door of the dialect: in mid-stream, before the first byte, and before the model is asked.

use super::door::{PATH, ask, chunks, question, streamed};
use crate::stage::{Stage, post};
use serde_json::json;
use stand_ins::gateway::rest_event;

#[tokio::test]
async fn each_fault_in_mid_stream_ends_in_an_error_chunk_and_is_not_done() {
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode), ("STREAM_IDLE_SECONDS", "1")]).await;
        let faults = [
            ("stream-throttle", "rate_limit_error", "rate_limit_exceeded", "throttled"),
            ("stream-internal-error", "server_error", "bedrock_error", "bedrock_error"),
            ("stream-unavailable", "server_error", "overloaded", "overloaded"),
            ("stream-validation", "invalid_request_error", "rejected", "rejected"),
            ("stream-model-error", "server_error", "model_failed", "model_failed"),
            ("stream-model-timeout", "timeout_error", "model_timeout", "model_timeout"),
            ("stream-broken", "server_error", "bad_answer", "bad_answer"),
            ("stream-drop", "server_error", "unreachable", "unreachable"),
            ("stream-stall", "timeout_error", "timeout", "timeout"),
            ("truncated", "server_error", "unreachable", "unreachable"),
        ];
        for (command, kind, code, _) in faults {
            let answer = ask(&stage, &streamed(&format!("stand-in: {command}")), &[]).await;
            assert_eq!(answer.status, 200, "{command}: the status has gone out");
            let chunks = chunks(&answer);
            let (last, before) = chunks.split_last().unwrap();
            assert_eq!(
                (&last["error"]["type"], &last["error"]["code"]),
                (&json!(kind), &json!(code)),
                "{command}: {last}"
            );
            assert!(last["error"]["message"].is_string() && last["error"].get("param").is_some(), "{command}: {last}");
            assert!(before.iter().all(|chunk| chunk["object"] == "chat.completion.chunk"), "{command}: {before:?}");
            assert!(!answer.text().contains("[DONE]"), "{command}");
        }
        let lines = stage.prompt_lines(faults.len()).await;
        for (line, (command, _, _, label)) in lines.iter().zip(faults) {
            assert_eq!((&line["error.label"], &line["route"]), (&json!(label), &json!(PATH)), "{command}");
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_before_the_first_byte_has_openais_shape_and_status() {
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode), ("RETRY_BUDGET_SECONDS", "0")]).await;
        for (command, status, kind, code) in [
            ("throttle", 429, "rate_limit_error", "rate_limit_exceeded"),
            ("quota", 429, "insufficient_quota", "insufficient_quota"),
            ("unavailable", 503, "server_error", "overloaded"),
            ("not-ready", 503, "server_error", "overloaded"),
            ("validation", 400, "invalid_request_error", "rejected"),
            ("denied", 403, "permission_error", "access_denied"),
            ("not-found", 404, "invalid_request_error", "model_not_found"),
            ("model-timeout", 504, "timeout_error", "model_timeout"),
            ("model-error", 502, "server_error", "model_failed"),
            ("internal-error", 502, "server_error", "bedrock_error"),
            ("drop", 502, "server_error", "unreachable"),
            ("not-json", 502, "server_error", "bad_answer"),
        ] {
            for body in [question(&format!("stand-in: {command}")), streamed(&format!("stand-in: {command}"))] {
                let answer = ask(&stage, &body, &[]).await;
                let error = &answer.json()["error"];
                assert_eq!(answer.status, status, "{command}: {error}");
                assert_eq!((&error["type"], &error["code"]), (&json!(kind), &json!(code)), "{command}");
                assert_eq!(answer.header("retry-after").is_some(), status == 429, "{command}");
                assert!(answer.header("x-request-id").is_some(), "{command}");
            }
        }
    }
}

#[tokio::test]
async fn a_broken_rule_is_told_by_its_parameter_and_costs_nothing() {
    let stage = Stage::new().await;
    for (field, value, code) in [
        ("temperature", json!(1.5), "invalid_request"),
        ("n", json!(2), "invalid_request"),
        ("model", json!("gpt-5"), "model_not_found"),
    ] {
        let mut body = question("東京");
        body[field] = value;
        let answer = ask(&stage, &body, &[]).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["type"]), (400, &json!("invalid_request_error")), "{error}");
        assert_eq!((&error["param"], &error["code"]), (&json!(field), &json!(code)), "{error}");
    }
    let lines = stage.prompt_lines(3).await;
    assert_eq!(
        lines.iter().map(|line| line["error.field"].as_str().unwrap()).collect::<Vec<_>>(),
        ["temperature", "n", "model"]
    );
    assert!(lines.iter().all(|line| line["route"] == PATH), "{lines:?}");
    assert!(stage.bedrock.calls().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_told_in_openais_shape_too() {
    let stage = Stage::new().await;
    for (method, path, status, code) in [
        ("POST", "/v1/responses", 404, "not_found"),
        ("POST", "/v1/embeddings", 404, "not_found"),
        ("GET", PATH, 405, "method_not_allowed"),
        ("GET", "/v1/models/gpt-5", 404, "model_not_found"),
    ] {
        let mut request = post(path, "{}".to_owned());
        request.method = method.to_owned();
        let answer = stage.http(rest_event(&request, "prod")).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["code"]), (status, &json!(code)), "{path}: {error}");
        assert_eq!(error["type"], "invalid_request_error", "{path}");
        if code == "not_found" {
            assert!(error["message"].as_str().unwrap().contains("POST /v1/chat/completions"), "{error}");
        }
    }
}

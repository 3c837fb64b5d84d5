//! Time: throttles, stalls, slow starts and connections that died while the sandbox was frozen.

use crate::stage::{Stage, post, question};
use serde_json::json;
use stand_ins::gateway::rest_event;
use stand_ins::runtime_api::Invocation;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_short_throttle_is_ridden_out() {
    let stage = Stage::new().await;
    assert_eq!(stage.ask("stand-in: throttle 2").await.status, 200);
    let line = &stage.prompt_lines(1).await[0];
    assert_eq!(line["bedrock.attempts"], 3);
    let ids: Vec<_> = stage.bedrock.calls().into_iter().map(|call| call.request_id).collect();
    let [earlier, last] =
        ["bedrock.earlier_request_ids", "bedrock.request_id"].map(|name| line[name].as_str().unwrap());
    assert_eq!(format!("{earlier} {last}"), ids.join(" "), "each attempt is evidence");
    stage.bedrock.everything_was_pinned().unwrap();
}

#[tokio::test]
async fn an_endless_throttle_is_429_with_retry_after_within_five_seconds() {
    let stage = Stage::with(&[("RETRY_BUDGET_SECONDS", "60")]).await;
    let start = Instant::now();
    let answer = stage.ask("stand-in: throttle").await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    assert!(stage.prompt_lines(1).await[0]["bedrock.attempts"].as_u64().unwrap() > 1, "it was tried again");
}

#[tokio::test]
async fn a_stall_is_504_before_lambdas_deadline() {
    for mode in ["buffered", "stream"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode)]).await;
        let event = rest_event(&post("/v1/messages", question("stand-in: stall").to_string()), "prod").to_string();
        let outcome = stage.runtime.invoke(Invocation::new(event).timeout(Duration::from_secs(3))).await;
        let mode = if mode == "stream" { stand_ins::gateway::Mode::Stream } else { stand_ins::gateway::Mode::Buffered };
        let answer = stand_ins::gateway::GatewayAnswer::from_outcome(&outcome, mode);
        let elapsed = outcome.answered().elapsed;
        assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
        assert_eq!((answer.status, answer.json()["error"]["type"].as_str()), (504, Some("timeout_error")));
        assert_eq!(answer.header("x-should-retry"), Some("false"), "the SDKs would pay for the same prompt again");
        assert_eq!(stage.bedrock.calls().len(), 1, "a prompt that may have been paid for is not sent again");
    }
}

#[tokio::test]
async fn a_stall_is_504_before_api_gateways_limit_when_lambda_would_wait_longer() {
    let stage = Stage::new().await;
    let event = rest_event(&post("/v1/messages", question("stand-in: stall").to_string()), "prod").to_string();
    let answered = stage.runtime.invoke(Invocation::new(event).timeout(Duration::from_secs(900))).await.answered();
    assert_eq!(answered.json()["statusCode"], 504);
    assert!(
        answered.elapsed < Duration::from_millis(28_500),
        "API Gateway hangs up after 29 s: {:?}",
        answered.elapsed
    );
}

#[tokio::test]
async fn the_time_budget_setting_bounds_a_prompt() {
    let stage = Stage::with(&[("TIME_BUDGET_SECONDS", "1")]).await;
    let start = Instant::now();
    assert_eq!(stage.ask("stand-in: stall").await.status, 504);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let stage = Stage::new().await;
    assert_eq!(stage.ask("stand-in: slow 1500").await.status, 200);
    let line = &stage.prompt_lines(1).await[0];
    assert!(line["bedrock.latency_ms"].as_f64().unwrap() >= 1500.0, "{line}");
    assert!(line["duration_ms"].as_f64().unwrap() >= line["bedrock.latency_ms"].as_f64().unwrap(), "{line}");
}

#[tokio::test]
async fn a_connection_that_died_while_the_sandbox_was_frozen_fails_no_prompt() {
    let stage = Stage::new().await;
    for round in 0..5 {
        assert_eq!(stage.ask(&format!("before the frost, {round}")).await.status, 200);
        stage.function.freeze().unwrap();
        stage.bedrock.close_idle_connections();
        stage.function.thaw().unwrap();
        assert_eq!(stage.ask(&format!("after the frost, {round}")).await.status, 200);
    }
    assert!(stage.bedrock.connections_accepted() > 5, "each frost cost a connection");
}

#[tokio::test]
async fn connections_are_kept_from_prompt_to_prompt() {
    let stage = Stage::new().await;
    for round in 0..5 {
        assert_eq!(stage.ask(&format!("prompt {round}")).await.status, 200);
    }
    assert_eq!(stage.bedrock.connections_accepted(), 1);
}

#[tokio::test]
async fn a_connection_that_breaks_once_is_tried_again() {
    let stage = Stage::new().await;
    assert_eq!(stage.ask("stand-in: drop 1").await.status, 200);
    assert_eq!(stage.prompt_lines(1).await[0]["bedrock.attempts"], 2);
}

#[tokio::test]
async fn a_spell_of_throttling_does_not_use_up_later_retries() {
    let stage = Stage::new().await;
    let body = json!({ "prompt": "stand-in: throttle" }).to_string();
    let message = |n: usize| json!({ "messageId": n.to_string(), "body": body, "eventSource": "aws:sqs" });
    let batch = json!({ "Records": (0..40).map(message).collect::<Vec<_>>() }).to_string();
    let answered = stage.runtime.invoke(Invocation::new(batch).timeout(Duration::from_secs(120))).await.answered();
    assert_eq!(answered.json()["batchItemFailures"].as_array().unwrap().len(), 40);
    // The SDK's own allowance would be a hundred retries for the life of the process.
    assert!(stage.bedrock.calls().len() > 150, "{}", stage.bedrock.calls().len());
    assert_eq!(stage.ask("stand-in: throttle 1").await.status, 200);
    assert_eq!(stage.ask("stand-in: drop 1").await.status, 200);
}

#[tokio::test]
async fn a_client_hears_504_before_its_own_patience_ends() {
    let stage = Stage::new().await;
    let mut request = post("/v1/messages", question("stand-in: stall").to_string());
    request.headers.push(("X-Stainless-Timeout".to_owned(), "4".to_owned()));
    let start = Instant::now();
    let answer = stage.http(rest_event(&request, "prod")).await;
    assert_eq!(answer.status, 504);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}

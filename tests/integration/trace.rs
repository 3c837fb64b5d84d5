//! X-Ray hears of each call of Bedrock, and of nothing that was asked or answered.

use crate::stage::{Stage, event, while_it_runs};
use serde_json::{Value, json};
use stand_ins::runtime_api::Invocation;
use stand_ins::xray::Xray;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);
const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";
const PARENT: &str = "53995c3f42cd8ad8";
/// Everything that a subsegment says.
const TOLD: [&str; 13] = [
    "annotations",
    "aws",
    "end_time",
    "error",
    "fault",
    "id",
    "name",
    "namespace",
    "parent_id",
    "start_time",
    "throttle",
    "trace_id",
    "type",
];
const CANARY: &str = "canary-7d0c";

async fn traced(mode: &str) -> (Stage, Xray) {
    let xray = Xray::start().await.unwrap();
    let address = xray.address().to_string();
    let variables = [
        ("AWS_XRAY_DAEMON_ADDRESS", address.as_str()),
        ("RESPONSE_MODE", mode),
        ("RETRY_BUDGET_SECONDS", "0"),
        ("COUNT_TOKENS", "on"),
    ];
    (Stage::with(&variables).await, xray)
}

async fn invoke(stage: &Stage, event: String, sampled: u8) {
    let header = format!("Root={ROOT};Parent={PARENT};Sampled={sampled};Lineage=1:a87bd80c:0");
    while_it_runs(&stage.function, stage.runtime.invoke(Invocation::new(event).trace_id(header))).await;
}

#[tokio::test]
async fn each_call_is_a_subsegment_of_its_invocation() {
    for (mode, name, operation) in [
        ("buffered", "http-messages", "InvokeModel"),
        ("stream", "http-stream", "InvokeModelWithResponseStream"),
        ("buffered", "http-chat", "InvokeModel"),
        ("buffered", "sqs-one", "InvokeModel"),
        ("buffered", "direct-prompt", "InvokeModel"),
        ("buffered", "http-count-tokens", "CountTokens"),
    ] {
        let (stage, xray) = traced(mode).await;
        invoke(&stage, event(name), 1).await;
        let segment = xray.next(PATIENCE).await.unwrap_or_else(|| panic!("{name} is not traced"));
        let line = &stage.prompt_lines(1).await[0];
        assert_eq!((&segment["trace_id"], &segment["parent_id"]), (&json!(ROOT), &json!(PARENT)), "{name}");
        assert_eq!((&segment["type"], &segment["namespace"]), (&json!("subsegment"), &json!("aws")), "{name}");
        assert_eq!(segment["aws"]["operation"], operation, "{name}");
        assert_eq!(segment["aws"]["region"], line["residency.region"], "{name}");
        assert_eq!(segment["aws"]["request_id"], line["bedrock.request_id"], "{name}");
        assert_eq!(segment["annotations"]["inference_profile"], line["residency.profile"], "{name}");
        let told: Vec<_> = segment.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(told, TOLD, "{name}");
        let took = segment["end_time"].as_f64().unwrap() - segment["start_time"].as_f64().unwrap();
        assert!((took * 1e3 - line["bedrock.latency_ms"].as_f64().unwrap()).abs() < 0.01, "{name}: {segment} {line}");
        let id = segment["id"].as_str().unwrap();
        assert!(id.len() == 16 && id.bytes().all(|it| it.is_ascii_hexdigit()), "{id}");
    }
}

#[tokio::test]
async fn failures_are_told_in_x_rays_three_ways() {
    let (stage, xray) = traced("buffered").await;
    for (command, error, throttle, fault) in [
        ("slow 1", false, false, false),
        ("validation", true, false, false),
        ("throttle", true, true, false),
        ("internal-error", false, false, true),
    ] {
        invoke(&stage, json!({ "prompt": format!("{CANARY}\nstand-in: {command}") }).to_string(), 1).await;
        let segment = xray.next(PATIENCE).await.unwrap();
        let told = (&segment["error"], &segment["throttle"], &segment["fault"]);
        assert_eq!(told, (&json!(error), &json!(throttle), &json!(fault)), "{command}");
        assert!(!segment.to_string().contains(CANARY), "{segment}");
    }
}

#[tokio::test]
async fn nothing_is_told_of_what_is_not_sampled_or_was_never_asked() {
    let (stage, xray) = traced("buffered").await;
    invoke(&stage, event("http-messages"), 0).await;
    invoke(&stage, event("http-global-model"), 1).await;
    invoke(&stage, event("http-health"), 1).await;
    // The next that comes is of the prompt that is asked last.
    invoke(&stage, event("direct-prompt"), 1).await;
    let segment = xray.next(PATIENCE).await.unwrap();
    let lines: Vec<Value> = stage.prompt_lines(3).await;
    assert_eq!(segment["aws"]["request_id"], lines[2]["bedrock.request_id"]);
}

#[tokio::test]
async fn where_nobody_listens_prompts_are_answered_all_the_same() {
    let (stage, xray) = traced("buffered").await;
    drop(xray);
    for _ in 0..3 {
        invoke(&stage, event("direct-prompt"), 1).await;
    }
    assert!(stage.prompt_lines(3).await.iter().all(|line| line["status"] == 200));
}

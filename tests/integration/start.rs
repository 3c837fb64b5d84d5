//! Starting, and refusing to start, of the production binary.

use crate::stage::{Stage, event, production, while_it_runs};
use serde_json::Value;
use stand_ins::function::Function;
use stand_ins::gateway::{GatewayAnswer, Mode};
use stand_ins::runtime_api::{Invocation, RuntimeApi};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

async fn refusal(environment: &[(&str, &str)]) -> String {
    let runtime = RuntimeApi::start().await.unwrap();
    let function = Function::spawn(&production(), runtime.address(), environment).unwrap();
    let told = tokio::time::timeout(PATIENCE, runtime.init_error()).await.unwrap();
    assert_eq!(told.error_type, "settings");
    assert!(!function.exit_status(PATIENCE).await.unwrap().success());
    let lines = function.json_lines();
    assert_eq!(lines.len(), 1, "one clear line: {lines:?}");
    assert_eq!(lines[0]["level"], "ERROR");
    let message = lines[0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(&told.message), "Lambda hears what the log says: {}", told.message);
    assert_eq!(function.stderr_lines(), Vec::<String>::new());
    message
}

#[tokio::test]
async fn the_function_refuses_to_start_outside_tokyo() {
    for region in ["us-east-1", "ap-northeast-3", "ap-northeast-1 ", "AP-NORTHEAST-1", ""] {
        let message = refusal(&[("AWS_REGION", region)]).await;
        assert!(message.contains(&format!("AWS_REGION is {region:?}")), "{message}");
    }
}

#[tokio::test]
async fn every_mistake_in_the_settings_is_named_in_one_line() {
    let message = refusal(&[("DEFAULT_MAX_TOKENS", "many"), ("RESPONSE_MODE", "fast"), ("LOG_LEVEL", "")]).await;
    for name in ["DEFAULT_MAX_TOKENS", "RESPONSE_MODE", "LOG_LEVEL"] {
        assert!(message.contains(name), "{name}: {message}");
    }
}

#[tokio::test]
async fn outside_lambda_the_binary_says_what_it_is() {
    let output = tokio::process::Command::new(production()).env_clear().output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(stand_ins::log_line::check(&line.to_string()), Ok(()));
    assert!(line["message"].as_str().unwrap().contains("cargo local"), "{line}");
    assert!(output.stderr.is_empty());
}

#[tokio::test]
async fn the_production_binary_polls_the_runtime_api() {
    let runtime = RuntimeApi::start().await.unwrap();
    let _function = Function::spawn(&production(), runtime.address(), &[]).unwrap();
    tokio::time::timeout(PATIENCE, runtime.polled()).await.unwrap();
}

#[tokio::test]
async fn the_production_binary_answers_events_that_need_no_model() {
    let runtime = RuntimeApi::start().await.unwrap();
    let function = Function::spawn(&production(), runtime.address(), &[]).unwrap();
    for (name, status) in [("http-health", 200), ("http-models", 200), ("http-global-model", 400)] {
        let answering = while_it_runs(&function, runtime.invoke(Invocation::new(event(name))));
        let answer = GatewayAnswer::from_outcome(&answering.await, Mode::Buffered);
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_part_of_an_answer_waits_until_lambda_has_acknowledged_the_one_before() {
    let runtime = RuntimeApi::start().await.unwrap();
    let function = Function::spawn(&production(), runtime.address(), &[]).unwrap();
    tokio::time::timeout(PATIENCE, runtime.polled()).await.unwrap();
    assert_eq!(function.sends_at_once(runtime.address()).unwrap(), [true], "see vendor/README.md");
}

#[tokio::test]
async fn the_default_of_max_tokens_is_a_setting() {
    for (value, expected) in [(None, 4096), (Some("123"), 123)] {
        let setting = value.map(|value| ("DEFAULT_MAX_TOKENS", value));
        let stage = Stage::with(setting.as_slice()).await;
        stage.answer(r#"{"prompt":"hello"}"#).await;
        let sent: Value = serde_json::from_slice(&stage.bedrock.calls()[0].body).unwrap();
        assert_eq!(sent["max_tokens"], expected);
    }
}

//! The profile checked against AWS: every day, and for CloudFormation, whose stack must never hang.

use crate::stage::{Stage, event};
use kokunai::telemetry::METRICS;
use serde_json::{Value, json};
use stand_ins::cloudformation::{self, CloudFormation, Heard};
use stand_ins::control_plane::{ControlPlane, Fault, Question};
use stand_ins::runtime_api::{Invocation, Outcome};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const PROFILE: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";
const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// Long enough for one pause between two askings, so that nothing is learnt from waiting for more.
const TIME: Duration = Duration::from_secs(14);

/// The function between the stand-ins that this door needs.
struct Deployment {
    stage: Stage,
    plane: ControlPlane,
    stack: CloudFormation,
}

impl Deployment {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(environment: &[(&str, &str)]) -> Self {
        let (plane, stack) = (ControlPlane::start().await.unwrap(), CloudFormation::start().await.unwrap());
        let (plane_address, stack_address) = (plane.address().to_string(), stack.address().to_string());
        let mut all =
            vec![("STAND_IN_CONTROL_PLANE", plane_address.as_str()), ("STAND_IN_CLOUDFORMATION", &stack_address)];
        all.extend(environment);
        Self { stage: Stage::with(&all).await, plane, stack }
    }

    async fn invoke(&self, event: impl ToString) -> Outcome {
        let invocation = Invocation::new(event.to_string()).timeout(TIME);
        crate::stage::while_it_runs(&self.stage.function, self.stage.runtime.invoke(invocation)).await
    }

    /// Sends the schedule's event, and gives the line of the check.
    async fn check(&self) -> Value {
        let outcome = self.invoke(event("schedule-check")).await;
        self.line(outcome.request_id().unwrap()).await
    }

    /// The line of a check.
    async fn line(&self, request_id: &str) -> Value {
        let has_it = |line: &str| line.contains("profile.verdict") && line.contains(request_id);
        let line = self.stage.function.wait_for_line(has_it, Duration::from_secs(20)).await;
        serde_json::from_str(&line.unwrap()).unwrap()
    }

    /// Sends a request of CloudFormation's, and gives what that heard last.
    async fn deploy(&self, request_type: &str) -> Heard {
        let request = cloudformation::request(request_type, &json!({ "Profile": PROFILE, "Model": MODEL }));
        self.invoke(request).await;
        self.heard()
    }

    fn heard(&self) -> Heard {
        let calls = self.stack.calls();
        calls.into_iter().rev().find_map(|call| call.heard).unwrap()
    }
}

/// The metrics that a line has, with their values; the same ones stand in its directions for CloudWatch.
fn metrics(line: &Value) -> Vec<(&'static str, u64)> {
    let named = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    let named: Vec<_> = named.iter().filter(|metric| metric["Name"] != "init_ms").collect();
    let metrics: Vec<_> = METRICS.into_iter().filter_map(|name| Some((name, line[name].as_u64()?))).collect();
    assert_eq!(metrics.len(), named.len(), "{line}");
    assert!(named.iter().all(|it| metrics.iter().any(|(name, _)| it["Name"] == *name)), "{line}");
    metrics
}

const CONFIRMED: [(&str, u64); 4] = [("ProfileChecks", 1), ("ProfileFailures", 0), ("Legacy", 0), ("Retiring", 0)];
const FAILED: [(&str, u64); 4] = [("ProfileChecks", 1), ("ProfileFailures", 1), ("Legacy", 0), ("Retiring", 0)];

#[tokio::test]
async fn the_documented_profile_is_confirmed_and_its_line_says_what_aws_says() {
    let deployment = Deployment::new().await;
    let line = deployment.check().await;
    assert_eq!((&line["profile.verdict"], &line["level"]), (&json!("confirmed"), &json!("INFO")), "{line}");
    assert_eq!((&line["source"], &line["profile.id"]), (&json!("schedule"), &json!(PROFILE)));
    let models =
        ["ap-northeast-1", "ap-northeast-3"].map(|it| format!("arn:aws:bedrock:{it}::foundation-model/{MODEL}"));
    assert_eq!(line["profile.models"], models.join(" "));
    assert_eq!((&line["profile.status"], &line["profile.type"]), (&json!("ACTIVE"), &json!("SYSTEM_DEFINED")));
    assert_eq!((&line["model.status"], &line["model.end_of_life"]), (&json!("ACTIVE"), &Value::Null));
    assert_eq!(metrics(&line), CONFIRMED);
    let asked: Vec<_> =
        deployment.plane.calls().into_iter().map(|call| (call.host, call.path, call.question)).collect();
    let host = || "bedrock.ap-northeast-1.amazonaws.com".to_owned();
    let profile = "/inference-profiles/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0".to_owned();
    let model = "/foundation-models/anthropic.claude-sonnet-4-5-20250929-v1%3A0".to_owned();
    assert!(asked.contains(&(host(), profile, Some(Question::Profile))), "{asked:?}");
    assert!(asked.contains(&(host(), model, Some(Question::Model))), "{asked:?}");
    assert_eq!(asked.len(), 2);
    assert!(deployment.stage.bedrock.calls().is_empty(), "no prompt is needed for it");
}

#[tokio::test]
async fn whatever_differs_rings_and_is_named() {
    let model = |region: &str| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{MODEL}") });
    for (changes, reason) in [
        (json!({ "models": [model("ap-northeast-1"), model("ap-northeast-3"), model("us-east-1")] }), "models"),
        (json!({ "models": [model("ap-northeast-1")] }), "models"),
        (json!({ "status": "LEGACY" }), "status"),
        (json!({ "type": "APPLICATION" }), "type"),
        (json!({ "inferenceProfileId": format!("global.{MODEL}"), "status": "X" }), "identity status"),
    ] {
        let deployment = Deployment::new().await;
        deployment.plane.says(Question::Profile, &changes);
        let line = deployment.check().await;
        assert_eq!((&line["profile.verdict"], &line["profile.reason"]), (&json!("changed"), &json!(reason)), "{line}");
        assert_eq!((&line["level"], metrics(&line)), (&json!("ERROR"), FAILED.to_vec()));
        let Heard::Failed(sentence) = deployment.deploy("Create").await else { panic!("it was deployed: {changes}") };
        assert!(sentence.contains(&format!("({reason})")), "{sentence}");
    }
}

#[tokio::test]
async fn what_aws_does_not_answer_rings_too() {
    let deployment = Deployment::new().await;
    for (question, fault, code) in [
        (Question::Profile, Fault::Denied, "AccessDeniedException"),
        (Question::Profile, Fault::NotFound, "ResourceNotFoundException"),
        (Question::Profile, Fault::Stall, "timeout"),
        (Question::Model, Fault::Denied, "AccessDeniedException"),
    ] {
        deployment.plane.fail(question, fault, 50);
        let line = deployment.check().await;
        let (verdict, service) = match question {
            Question::Profile => ("unanswered", "profile"),
            Question::Model => ("confirmed", "model"),
        };
        assert_eq!((&line["profile.verdict"], &line["error.service"]), (&json!(verdict), &json!(service)), "{line}");
        assert_eq!((&line["error.code"], &line["level"]), (&json!(code), &json!("ERROR")), "{line}");
        assert_eq!((&line["ProfileChecks"], &line["ProfileFailures"]), (&json!(1), &json!(1)));
        deployment.plane.forgive();
    }
}

#[tokio::test]
async fn a_model_that_will_end_is_told_with_its_date() {
    let deployment = Deployment::new().await;
    let in_days = |days: u64| {
        let end = SystemTime::now() + Duration::from_secs(days * 86_400 + 3_600);
        let seconds = i64::try_from(end.duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
        aws_smithy_types::DateTime::from_secs(seconds).fmt(aws_smithy_types::date_time::Format::DateTime).unwrap()
    };
    for (status, days, level, legacy) in
        [("ACTIVE", 200, "INFO", 0), ("ACTIVE", 90, "INFO", 0), ("ACTIVE", 89, "WARN", 0), ("LEGACY", 200, "WARN", 1)]
    {
        let end = in_days(days);
        let lifecycle = json!({ "status": status, "endOfLifeTime": end, "legacyTime": "2026-11-23T09:00:00+09:00" });
        deployment.plane.says(Question::Model, &json!({ "modelLifecycle": lifecycle }));
        let line = deployment.check().await;
        assert_eq!((&line["model.status"], &line["model.end_of_life"]), (&json!(status), &json!(end)), "{line}");
        assert_eq!(
            (&line["model.legacy_from"], &line["level"]),
            (&json!("2026-11-23T00:00:00Z"), &json!(level)),
            "{line}"
        );
        assert_eq!((&line["DaysToEndOfLife"], &line["Legacy"]), (&json!(days), &json!(legacy)), "{line}");
        assert_eq!(line["Retiring"], u64::from(days < 90), "{line}");
        assert_eq!(line["ProfileFailures"], 0, "a model that will end is still the right one");
    }
}

#[tokio::test]
async fn cloudformation_hears_of_success() {
    let deployment = Deployment::new().await;
    for request_type in ["Create", "Update"] {
        assert_eq!(deployment.deploy(request_type).await, Heard::Success("inference-profile-check".to_owned()));
    }
    let outcome = deployment.invoke(event("deployment-create")).await;
    let line = deployment.line(outcome.request_id().unwrap()).await;
    assert_eq!((&line["source"], &line["profile.verdict"]), (&json!("deployment"), &json!("confirmed")));
    assert_eq!(outcome.answered().json(), json!({ "status": "SUCCESS" }));
    let calls = deployment.stack.calls();
    assert_eq!((calls.len(), calls.iter().filter(|call| call.status == 200).count()), (3, 3));
}

#[tokio::test]
async fn a_role_that_was_just_made_does_not_fail_a_deployment() {
    let deployment = Deployment::new().await;
    deployment.plane.fail(Question::Profile, Fault::Denied, 1);
    assert_eq!(deployment.deploy("Create").await, Heard::Success("inference-profile-check".to_owned()));
}

#[tokio::test]
async fn cloudformation_hears_of_failure_before_lambdas_time_is_over() {
    let deployment = Deployment::new().await;
    for (fault, code) in
        [(Fault::Denied, "AccessDeniedException"), (Fault::Stall, "timeout"), (Fault::Internal, "Internal")]
    {
        deployment.plane.fail(Question::Profile, fault, 50);
        let Heard::Failed(sentence) = deployment.deploy("Create").await else { panic!("{fault:?}") };
        assert!(sentence.contains(code), "{sentence}");
        deployment.plane.forgive();
    }
    let Heard::Failed(sentence) = deployment.deploy("Import").await else { panic!("an unknown request") };
    assert!(sentence.contains("kind of request"), "{sentence}");
    deployment.invoke(event("deployment-other-profile")).await;
    let Heard::Failed(sentence) = deployment.heard() else { panic!("another profile") };
    assert!(sentence.starts_with(&format!("Profile is not {PROFILE}")), "{sentence}");
}

#[tokio::test]
async fn cloudformation_hears_of_a_panic_too() {
    let deployment = Deployment::with(&[("STAND_IN_PANICS_AT", "/inference-profiles/")]).await;
    let Heard::Failed(sentence) = deployment.deploy("Create").await else { panic!("it was deployed") };
    assert!(sentence.contains("failed while it checked"), "{sentence}");
    let is_told = |line: &str| line.contains(r#""deployment.refused":"internal""#);
    assert!(deployment.stage.function.wait_for_line(is_told, Duration::from_secs(20)).await.is_some());
}

#[tokio::test]
async fn a_word_that_is_lost_fails_no_deployment() {
    let deployment = Deployment::new().await;
    deployment.plane.fail(Question::Profile, Fault::Stall, 1);
    deployment.stack.stall();
    let request = cloudformation::request("Create", &json!({ "Profile": PROFILE, "Model": MODEL }));
    let invocation = Invocation::new(request.to_string()).timeout(Duration::from_secs(30));
    crate::stage::while_it_runs(&deployment.stage.function, deployment.stage.runtime.invoke(invocation)).await;
    assert_eq!(deployment.heard(), Heard::Success("inference-profile-check".to_owned()));
}

#[tokio::test]
async fn a_reason_of_any_length_is_heard() {
    let deployment = Deployment::new().await;
    let arn = |n: u32| json!({ "modelArn": format!("arn:aws:bedrock:us-east-{n}::foundation-model/x") });
    deployment.plane.says(Question::Profile, &json!({ "models": (0..200).map(arn).collect::<Vec<_>>() }));
    let Heard::Failed(sentence) = deployment.deploy("Create").await else { panic!("it was deployed") };
    assert!(sentence.contains("arn:aws:bedrock:us-east-1::") && sentence.len() <= 1024, "{sentence}");
}

#[tokio::test]
async fn every_deletion_succeeds_and_asks_nobody() {
    let deployment = Deployment::new().await;
    deployment.plane.fail(Question::Profile, Fault::Denied, 50);
    assert_eq!(deployment.deploy("Delete").await, Heard::Success("inference-profile-check".to_owned()));
    // Of a resource that another release made, and with properties that mean nothing any more.
    let mut request = cloudformation::request("Delete", &json!({ "Profile": "old" }));
    request["PhysicalResourceId"] = json!("made-by-another-release");
    deployment.invoke(request).await;
    assert_eq!(deployment.heard(), Heard::Success("made-by-another-release".to_owned()));
    assert!(deployment.plane.calls().is_empty());
}

#[tokio::test]
async fn an_answer_that_was_not_taken_is_tried_again_and_then_fails_the_invocation() {
    let deployment = Deployment::new().await;
    deployment.stack.refuse(&[503, 500]);
    assert_eq!(deployment.deploy("Create").await, Heard::Success("inference-profile-check".to_owned()));
    assert_eq!(deployment.stack.calls().len(), 3);
    // Lambda invokes the function again after a failure, and this is one.
    deployment.stack.refuse(&[403]);
    let request = cloudformation::request("Create", &json!({ "Profile": PROFILE, "Model": MODEL }));
    let Outcome::Failed(failed) = deployment.invoke(request).await else { panic!("it was answered") };
    assert_eq!(failed.error_type, "undelivered");
    let is_told = |line: &str| line.contains("\"error.service\":\"stack\"") && line.contains("\"error.code\":\"403\"");
    assert!(deployment.stage.function.wait_for_line(is_told, Duration::from_secs(20)).await.is_some());
}

#[tokio::test]
async fn nobody_else_is_answered_and_no_line_has_the_signed_url() {
    let deployment = Deployment::with(&[("LOG_LEVEL", "trace")]).await;
    deployment.deploy("Create").await;
    deployment.stack.refuse(&[403]);
    let request = cloudformation::request("Delete", &json!({}));
    deployment.invoke(request).await;
    let taken = deployment.stack.calls().len();
    let Outcome::Failed(failed) = deployment.invoke(event("deployment-foreign-url")).await else { panic!("answered") };
    assert_eq!(failed.error_type, "unknown_event");
    assert!(failed.message.contains("ResponseURL") && !failed.message.contains("X-Amz"), "{}", failed.message);
    assert_eq!((deployment.stack.calls().len(), deployment.plane.calls().len()), (taken, 2));
    let is_last = |line: &str| line.contains("unknown_event");
    assert!(deployment.stage.function.wait_for_line(is_last, Duration::from_secs(20)).await.is_some());
    let lines = deployment.stage.function.lines();
    let told: Vec<_> = lines.iter().filter(|line| line.contains("X-Amz-Signature")).collect();
    assert!(lines.len() > 3 && told.is_empty(), "{told:#?}");
}

//! The audit door: what the line of each record says, and what the door does with a verdict.

use crate::stage::{Stage, event, text};
use kokunai::audit::judge;
use kokunai::event::Event;
use kokunai::telemetry::{DIMENSION, NAMESPACE};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const JP: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";
const TOKYO: &str = "ap-northeast-1";
const OSAKA: &str = "ap-northeast-3";

/// What the line of an event file says.
struct Row {
    file: &'static str,
    verdict: &'static str,
    /// What the verdict rests on; empty if the verdict says it all.
    reason: &'static str,
    /// Where inference ran; empty if that was not told.
    region: &'static str,
    level: &'static str,
    /// The metrics that count it.
    counted: &'static [&'static str],
}

const fn row(
    file: &'static str,
    (verdict, reason): (&'static str, &'static str),
    region: &'static str,
    level: &'static str,
    counted: &'static [&'static str],
) -> Row {
    Row { file, verdict, reason, region, level, counted }
}

/// The metrics of a record; the five in the middle tell its verdict.
const METRICS: [&str; 7] = ["AuditRecords", "Proved", "Violations", "Unverified", "Denied", "Awaited", "Settled"];

const PROVED: &[&str] = &["AuditRecords", "Proved"];
const PROVED_OF_A_STREAM: &[&str] = &["AuditRecords", "Proved", "Settled"];
const VIOLATION: &[&str] = &["AuditRecords", "Violations"];
const UNVERIFIED: &[&str] = &["AuditRecords", "Unverified"];
const DENIED: &[&str] = &["AuditRecords", "Denied"];

const TABLE: [Row; 25] = [
    row("another-service", ("none", "another_service"), "", "INFO", &[]),
    row("application-profile", ("unverified", "unknown_model"), TOKYO, "WARN", UNVERIFIED),
    row("batch-job", ("unverified", "no_region"), "", "WARN", UNVERIFIED),
    row("control-plane", ("none", "another_operation"), "", "INFO", &[]),
    row("converse", ("proved", ""), TOKYO, "INFO", PROVED),
    row("count-tokens", ("none", "another_operation"), "", "INFO", &[]),
    row("delayed", ("proved", ""), TOKYO, "INFO", PROVED),
    row("denied", ("denied", ""), "", "INFO", DENIED),
    row("denied-global", ("denied", ""), "", "INFO", DENIED),
    row("failed-abroad", ("violation", "foreign_model"), "", "ERROR", VIOLATION),
    row("foreign-region", ("violation", "inference_region"), "us-east-1", "ERROR", VIOLATION),
    row("foreign-source", ("violation", "source_region"), "", "ERROR", VIOLATION),
    row("global-profile", ("violation", "foreign_model"), TOKYO, "ERROR", VIOLATION),
    row("invoke-model", ("proved", ""), OSAKA, "INFO", PROVED),
    row("malformed", ("malformed", "incomplete"), TOKYO, "WARN", UNVERIFIED),
    row("malformed-list", ("malformed", "unreadable"), "", "WARN", UNVERIFIED),
    row("no-region", ("unverified", "no_region"), "", "WARN", UNVERIFIED),
    row("playground", ("proved", ""), TOKYO, "INFO", PROVED),
    row("reissued", ("proved", ""), OSAKA, "INFO", PROVED),
    row("stream-call", ("unverified", "service_event_tells"), "", "INFO", &["AuditRecords", "Awaited"]),
    row(
        "stream-foreign-region",
        ("violation", "inference_region"),
        "us-west-2",
        "ERROR",
        &["AuditRecords", "Violations", "Settled"],
    ),
    row("stream-list", ("proved", ""), TOKYO, "INFO", PROVED_OF_A_STREAM),
    row("stream-list-capitals", ("proved", ""), OSAKA, "INFO", PROVED_OF_A_STREAM),
    row("stream-map", ("proved", ""), OSAKA, "INFO", PROVED_OF_A_STREAM),
    row("stream-no-region", ("unverified", "no_region"), "", "WARN", &["AuditRecords", "Unverified", "Settled"]),
];

/// An event file of the audit.
fn notice(file: &str) -> Value {
    serde_json::from_str(&event(&format!("audit-{file}"))).unwrap()
}

/// The text, or null in its place.
fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

impl Stage {
    /// Sends a record, and gives its response and its line.
    async fn audit(&self, notice: &Value) -> (Value, Value) {
        let outcome = self.invoke(notice).await;
        let request_id = outcome.request_id().unwrap().to_owned();
        let has_it = |line: &str| line.contains("audit.verdict") && line.contains(&request_id);
        let line = self.function.wait_for_line(has_it, Duration::from_secs(20)).await;
        (outcome.answered().json(), serde_json::from_str(&line.unwrap()).unwrap())
    }
}

#[test]
fn every_event_file_of_the_audit_is_in_the_table_and_judged_so() {
    let files = std::fs::read_dir(crate::stage::root().join("events")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<_> = names.filter_map(|name| Some(name.strip_prefix("audit-")?.to_owned())).collect();
    assert_eq!(files, TABLE.iter().map(|row| format!("{}.json", row.file)).collect());
    for row in &TABLE {
        let record = notice(row.file)["detail"].to_string();
        let judged = judge(&record);
        let reason = judged.verdict.reason().unwrap_or_default();
        assert_eq!((judged.verdict.name(), reason), (row.verdict, row.reason), "{}", row.file);
        assert_eq!(judged.region.as_deref().unwrap_or_default(), row.region, "{}", row.file);
    }
}

#[tokio::test]
async fn every_record_gets_its_verdict_and_one_line_with_its_counts() {
    let stage = Stage::new().await;
    for row in &TABLE {
        let notice = notice(row.file);
        let (response, line) = stage.audit(&notice).await;
        let expected = [("verdict", or_null(row.verdict)), ("reason", or_null(row.reason))];
        for (field, expected) in &expected {
            assert_eq!(response.get(field).unwrap_or(&Value::Null), expected, "{}: {response}", row.file);
            assert_eq!(line[format!("audit.{field}")], *expected, "{}: {line}", row.file);
        }
        assert_eq!(line["audit.region"], or_null(row.region), "{}", row.file);
        assert_eq!((&line["level"], &line["source"]), (&json!(row.level), &json!("audit")), "{}", row.file);
        for metric in METRICS {
            assert_eq!(line[metric], u64::from(row.counted.contains(&metric)), "{}: {metric}", row.file);
        }
        directions_are_complete(&line);
        says_what_the_record_says(&line, &notice["detail"], row.file);
    }
    let lines = stage.function.json_lines();
    let of_records = lines.iter().filter(|line| !line["audit.verdict"].is_null()).count();
    assert_eq!(of_records, TABLE.len(), "one line for each");
    assert!(stage.bedrock.calls().is_empty());
}

/// CloudWatch drops a metric of which anything that it is told of is not in the line, and says so nowhere near.
fn directions_are_complete(line: &Value) {
    assert!(line["_aws"]["Timestamp"].is_u64());
    let [directions] = &line["_aws"]["CloudWatchMetrics"].as_array().unwrap()[..] else { panic!("{line}") };
    assert_eq!((&directions["Namespace"], &directions["Dimensions"]), (&json!(NAMESPACE), &json!([[DIMENSION]])));
    assert_eq!(line[DIMENSION], "kokunai", "as Lambda calls the function");
    let named = directions["Metrics"].as_array().unwrap().iter().filter(|metric| metric["Name"] != "init_ms");
    let named: Vec<_> =
        named.map(|metric| (metric["Name"].as_str().unwrap(), metric["Unit"].as_str().unwrap())).collect();
    assert_eq!(named, METRICS.map(|name| (name, "Count")));
    assert!(METRICS.iter().all(|name| line[name].is_u64()));
    let sum: u64 = METRICS[1..6].iter().map(|name| line[name].as_u64().unwrap()).sum();
    assert_eq!(line["AuditRecords"], sum, "each record that counts is counted once: {line}");
}

fn says_what_the_record_says(line: &Value, record: &Value, file: &str) {
    for (field, name) in [
        ("audit.event_id", "eventID"),
        ("audit.event_name", "eventName"),
        ("audit.event_time", "eventTime"),
        ("audit.source_region", "awsRegion"),
        ("audit.error_code", "errorCode"),
    ] {
        let expected = record.get(name).filter(|value| value.is_string()).unwrap_or(&Value::Null);
        if file != "malformed-list" {
            assert_eq!(line[field], *expected, "{file}: {field}");
        }
    }
    let principal = record["userIdentity"].get("arn").unwrap_or(&Value::Null);
    assert_eq!(line["audit.principal"], *principal, "{file}");
}

#[tokio::test]
async fn what_a_line_names_leads_to_the_call() {
    let stage = Stage::new().await;
    let (_, call) = stage.audit(&notice("stream-call")).await;
    let (_, told) = stage.audit(&notice("stream-map")).await;
    assert_eq!(call["audit.model"], JP);
    assert!(call["bedrock.request_id"].is_string());
    assert_eq!(told["bedrock.request_id"], call["bedrock.request_id"], "both records of a stream lead to one call");
    assert!(told["audit.model"].as_str().unwrap().ends_with(JP));
    assert_eq!(told["audit.principal"], Value::Null);
    let (_, reissued) = stage.audit(&notice("reissued")).await;
    let addendum = &notice("reissued")["detail"]["addendum"];
    assert_eq!(reissued["audit.addendum"], "UPDATED_DATA");
    assert_eq!(reissued["audit.original_event_id"], addendum["originalEventID"]);
    assert_eq!(reissued["bedrock.request_id"], addendum["originalRequestID"]);
    let mut shared = notice("invoke-model");
    shared["detail"]["sharedEventID"] = "shared".into();
    assert_eq!(stage.audit(&shared).await.1["audit.shared_event_id"], "shared");
}

#[tokio::test]
async fn a_prompts_line_and_its_records_line_have_one_id() {
    let stage = Stage::new().await;
    assert_eq!(stage.ask("hello").await.status, 200);
    let prompt = stage.prompt_lines(1).await.remove(0);
    let mut record = notice("invoke-model");
    record["detail"]["requestID"] = prompt["bedrock.request_id"].clone();
    let (_, line) = stage.audit(&record).await;
    assert!(prompt["bedrock.request_id"].is_string());
    assert_eq!(line["bedrock.request_id"], prompt["bedrock.request_id"]);
    assert_eq!(stage.prompt_lines(1).await.len(), 1, "a record's line does not pass for a prompt's");
}

#[tokio::test]
async fn a_malformed_record_loses_none_beside_it() {
    let stage = Stage::new().await;
    for file in ["malformed", "invoke-model", "malformed-list", "foreign-region"] {
        stage.audit(&notice(file)).await;
    }
    let mut empty = notice("invoke-model");
    empty.as_object_mut().unwrap().remove("detail");
    let (response, line) = stage.audit(&empty).await;
    assert_eq!(response, json!({ "verdict": "malformed", "reason": "unreadable" }));
    assert_eq!(line["audit.event_time"], empty["time"], "the envelope's time leads to the record");
    let verdicts = stage.function.json_lines();
    let verdicts: Vec<_> = verdicts.iter().filter_map(|line| line["audit.verdict"].as_str()).collect();
    assert_eq!(verdicts, ["malformed", "proved", "malformed", "violation", "malformed"]);
}

#[tokio::test]
async fn no_log_level_keeps_a_count_away() {
    let stage = Stage::with(&[("LOG_LEVEL", "error")]).await;
    let (_, line) = stage.audit(&notice("invoke-model")).await;
    assert_eq!((&line["level"], &line["Proved"]), (&json!("INFO"), &json!(1)));
}

#[tokio::test]
async fn a_line_says_nothing_of_the_session_or_the_machine_and_cuts_what_is_too_long() {
    let stage = Stage::with(&[("LOG_LEVEL", "trace"), ("RUST_LOG", "trace")]).await;
    let canary = "canary-7f3a";
    for file in ["invoke-model", "stream-map", "denied", "malformed"] {
        let mut notice = notice(file);
        let record = &mut notice["detail"];
        for field in ["sourceIPAddress", "userAgent", "errorMessage", "responseElements", "vpcEndpointId", "x-new"] {
            record[field] = canary.into();
        }
        let session = json!({ "sessionIssuer": { "arn": canary }, "attributes": { "creationDate": canary } });
        record["userIdentity"]["accessKeyId"] = canary.into();
        record["userIdentity"]["sessionContext"] = session;
        record["requestParameters"] = json!({ "modelId": JP, "body": canary, "guardrailIdentifier": canary });
        record["eventID"] = "国\"\n".repeat(1000).into();
        let (_, line) = stage.audit(&notice).await;
        let id = line["audit.event_id"].as_str().unwrap();
        assert!((500..=512).contains(&id.len()) && id.starts_with("国\"\n"), "{id}");
    }
    let told: Vec<_> = stage.function.lines().into_iter().filter(|line| line.contains(canary)).collect();
    assert!(told.is_empty(), "{told:#?}");
}

/// The other half of an alarm: proofs are missed only where the model has answered somebody.
#[tokio::test]
async fn a_prompt_that_the_model_answered_is_counted_and_no_other() {
    let stage = Stage::with(&[("COUNT_TOKENS", "on"), ("RETRY_BUDGET_SECONDS", "0")]).await;
    for (name, answered) in [
        ("http-messages", json!(1)),
        ("http-stream", json!(1)),
        ("direct-prompt", json!(1)),
        ("sqs-one", json!(1)),
        ("http-count-tokens", Value::Null),
        ("http-throttled", Value::Null),
        ("http-both-samplings", Value::Null),
    ] {
        let outcome = stage.invoke(event(name)).await;
        let request_id = outcome.request_id().unwrap();
        let is_line = |line: &str| line.contains(request_id) && line.contains("duration_ms");
        let line = stage.function.wait_for_line(is_line, Duration::from_secs(20)).await;
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        assert_eq!((&line["Answered"], &line[DIMENSION]), (&answered, &json!("kokunai")), "{name}: {line}");
        let named = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        let is_named = named.contains(&json!({ "Name": "Answered", "Unit": "Count" }));
        assert_eq!(is_named, !answered.is_null(), "{name}: {line}");
    }
}

#[test]
fn only_cloudtrails_records_of_bedrock_come_through_this_door() {
    let read = |field: &str, value: Value| {
        let mut notice = notice("invoke-model");
        notice[field] = value;
        match Event::parse(&notice.to_string()) {
            Ok(Event::Audit(_)) => "audit",
            Ok(Event::Direct(_)) => "direct",
            Ok(Event::Http(_) | Event::Queue(_) | Event::Schedule | Event::Deployment(_) | Event::Authoriser(_)) => {
                "another"
            }
            Err(_) => "refused",
        }
    };
    for (field, value, door) in [
        ("version", json!("0"), "audit"),
        ("detail-type", json!("AWS Service Event via CloudTrail"), "audit"),
        ("detail-type", json!("AWS Console Sign In via CloudTrail"), "refused"),
        ("detail-type", json!("Batch Inference Job State Change"), "refused"),
        ("detail-type", json!(7), "refused"),
        ("source", json!("aws.bedrock-mantle"), "refused"),
        ("source", Value::Null, "refused"),
        ("source", json!("aws.events"), "refused"),
        ("detail", Value::Null, "audit"),
        // As in a queue, an object that has a prompt is a prompt, whatever else it has.
        ("prompt", json!("hello"), "direct"),
        ("messages", json!([]), "direct"),
    ] {
        assert_eq!(read(field, value.clone()), door, "{field}: {value}");
    }
}

/// The names of the fields that the line can have.
fn fields() -> BTreeSet<String> {
    let source = text("src/telemetry/audit.rs");
    let assigned = source.lines().filter_map(|line| line.trim().split_once(" = "));
    let fields = assigned.map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("audit."));
    fields.chain(METRICS.map(str::to_owned)).collect()
}

#[test]
fn every_field_reason_and_metric_is_documented_in_both_languages() {
    let rows = TABLE.iter().flat_map(|row| [row.verdict, row.reason]).filter(|name| !name.is_empty());
    let names: BTreeSet<_> = fields().into_iter().chain(rows.map(str::to_owned)).collect();
    assert!(names.len() > 30 && names.contains("audit.original_event_id"), "{names:?}");
    for page in ["docs/operations.md", "docs/operations.ja.md"] {
        let page_text = text(page);
        let missing: Vec<_> = names.iter().filter(|name| !page_text.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "{page}: {missing:?}");
    }
}

#[test]
fn every_reason_is_in_the_table() {
    // A new reason has no event file until somebody makes one.
    let source = text("src/audit/verdict.rs");
    let reasons: BTreeSet<_> =
        source.lines().filter_map(|line| line.split_once("=> Some(\"")?.1.split_once('"')).map(|(it, _)| it).collect();
    let shown: BTreeMap<_, _> = TABLE.iter().map(|row| (row.reason, row.file)).collect();
    let missing: Vec<_> = reasons.iter().filter(|reason| !shown.contains_key(*reason)).collect();
    assert!(reasons.len() > 8, "{reasons:?}");
    assert!(missing.is_empty(), "{missing:?}");
}

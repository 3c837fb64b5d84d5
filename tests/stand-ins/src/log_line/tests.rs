//! Lines that keep the schema, and each way to break it.

use super::*;
use serde_json::json;

/// A line of each of three kinds, as the function writes them.
fn lines() -> [Value; 3] {
    let metrics =
        |names: &[&str]| -> Vec<Value> { names.iter().map(|name| json!({ "Name": name, "Unit": "Count" })).collect() };
    let set = |dimensions: &[&str], names: &[&str]| json!({ "Namespace": "kokunai", "Dimensions": [dimensions], "Metrics": metrics(names) });
    let counts = ["Prompts", "Errors", "Refused", "Throttles"];
    let answered = json!({
        "timestamp": "2026-11-23T12:23:41.860978Z", "level": "INFO", "message": "prompt answered",
        "request_id": "1", "source": "http", "stream": false, "duration_ms": 1.5, "cold_start": true, "init_ms": 2.5,
        "function": "kokunai", "status": 200, "Prompts": 1, "Errors": 0, "Refused": 0, "Throttles": 0,
        "_aws": { "Timestamp": 1, "CloudWatchMetrics": [set(&["function"], &counts)] },
    });
    let mut failed = answered.clone();
    for (field, value) in [
        ("message", json!("prompt failed: timeout")),
        ("level", json!("ERROR")),
        ("status", json!(504)),
        ("Errors", json!(1)),
        ("error.label", json!("timeout")),
        ("error.retry", json!(true)),
    ] {
        failed[field] = value;
    }
    let by_label = set(&["function", "error.label"], &["Errors"]);
    failed["_aws"]["CloudWatchMetrics"] = json!([set(&["function"], &counts), by_label]);
    let theirs = json!({
        "timestamp": "2026-11-23T12:23:41.860978Z", "level": "WARN", "message": "config file overridden",
        "target": "aws_runtime::env_config::source", "path": "whatever it is",
    });
    [answered, failed, theirs]
}

fn wrong(line: &Value) -> String {
    check(&line.to_string()).expect_err("a line that breaks the schema")
}

#[test]
fn what_the_function_writes_keeps_the_schema() {
    for line in lines() {
        assert_eq!(check(&line.to_string()), Ok(()));
    }
}

#[test]
fn each_breach_is_named_without_a_value() {
    for (field, value, named) in [
        ("prompt", json!("canary"), "prompt"),
        ("status", json!("canary"), "/status"),
        ("status", json!(404), "/status"),
        ("duration_ms", json!("canary"), "/duration_ms"),
        ("request_id", Value::Null, "/request_id"),
        ("source", json!("canary"), "/source"),
        ("route", json!("/canary"), "/route"),
        ("level", json!("ERROR"), "/level"),
        ("timestamp", json!("canary"), "/timestamp"),
        ("cold_start", json!(false), "/cold_start"),
        ("Errors", json!(1), "/Errors"),
        ("target", json!("aws_config"), "target"),
        ("message", json!("canary"), "as a line of a library's"),
    ] {
        let [mut line, ..] = lines();
        line[field] = value;
        let wrong = wrong(&line);
        assert!(wrong.contains(named) && wrong.contains("\"duration_ms\""), "{field}: {wrong}");
        assert!(!wrong.contains("canary"), "{wrong}");
    }
    assert!(wrong(&json!("canary")).contains("keys []"));
    assert_eq!(check("a canary"), Err("a line is no JSON".to_owned()));
}

#[test]
fn every_required_field_is_missed() {
    let [answered, failed, _] = lines();
    for line in [answered, failed] {
        for field in line.as_object().unwrap().keys().filter(|field| *field != "init_ms") {
            let mut line = line.clone();
            line.as_object_mut().unwrap().remove(field);
            assert!(check(&line.to_string()).is_err(), "{field}");
        }
    }
}

#[test]
fn a_line_of_ours_never_passes_as_a_librarys() {
    let [answered, _, theirs] = lines();
    let mut ours = theirs;
    for target in ["kokunai", "kokunai::telemetry", ""] {
        ours["target"] = target.into();
        assert!(check(&ours.to_string()).is_err(), "{target:?}");
    }
    // Without its message it would be of no kind, and a metric is never a library's.
    let mut line = answered;
    line["message"] = "said otherwise".into();
    line["level"] = "WARN".into();
    line["target"] = "aws_config".into();
    assert!(check(&line.to_string()).is_err());
}

#[test]
fn whatever_cloudwatch_is_told_of_has_to_be_there() {
    let [_, failed, _] = lines();
    let mut line = failed.clone();
    line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] = "cost_usd".into();
    assert!(wrong(&line).contains("the metric cost_usd is no number"), "{}", wrong(&line));
    let [mut answered, ..] = lines();
    answered["_aws"] = failed["_aws"].clone();
    assert!(wrong(&answered).contains("the dimension error.label is no text"), "{}", wrong(&answered));
}

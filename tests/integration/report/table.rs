//! What the report prints: the table, the violations, and nothing that a record could play with.

use super::{record, report_in};
use serde_json::{Value, json};

#[tokio::test]
async fn the_table_has_every_column_and_the_violations_one_by_one() {
    let files = ["converse", "invoke-model", "no-region", "global-profile", "denied"];
    let files: Vec<_> = files.iter().map(|file| format!("events/audit-{file}.json")).collect();
    let mut arguments: Vec<_> = files.iter().map(String::as_str).collect();
    let report = super::report(&arguments).await;
    let lines: Vec<_> = report.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert!(report.stdout.contains("in Japan (UTC+09:00)"), "{}", report.stdout);
    let columns = ["day", "calls", "Tokyo", "Osaka", "unverified", "violations", "denied", "unknown", "roles"];
    assert!(lines.iter().any(|line| *line == columns), "{}", report.stdout);
    for name in ["2026-11-23", "total"] {
        assert!(lines.iter().any(|line| *line == [name, "4", "1", "1", "1", "1", "1", "–"]), "{}", report.stdout);
    }
    let global = record("global-profile");
    let told =
        [&global["eventTime"], &global["eventID"], &global["eventName"], &global["requestParameters"]["modelId"]];
    // It was called in Tokyo, and answered there too, this time.
    let told = told.into_iter().chain([&global["awsRegion"], &global["additionalEventData"]["inferenceRegion"]]);
    let told = told.chain([&global["userIdentity"]["arn"]]);
    let line: Vec<_> = told.map(|value| value.as_str().unwrap()).chain(["foreign_model"]).collect();
    assert!(lines.contains(&line), "{line:?}: {}", report.stdout);
    assert!(report.stdout.contains("--role NAME-OR-ARN") && report.stderr.is_empty(), "{}", report.stderr);
    assert_eq!(report.status, 1);
    arguments.extend(["--role", "reports-role"]);
    let report = super::report(&arguments).await;
    assert!(!report.stdout.contains('–') && !report.stdout.contains("--role"), "{}", report.stdout);
}

#[tokio::test]
async fn at_most_twenty_violations_are_shown_and_all_are_counted() {
    let mut violation = record("foreign-region");
    let violations = (0..1_500).map(|number| {
        violation["eventID"] = format!("event-{number}").into();
        violation["requestID"] = format!("request-{number}").into();
        violation.to_string() + "\n"
    });
    let input: String = violations.collect();
    let report = report_in(&[], &["-"], &input).await;
    assert_eq!(report.stdout.matches("inference_region").count(), 20);
    assert!(report.stdout.contains("… and 1,480 more"), "{}", report.stdout);
    let document = report_in(&[], &["-", "--json"], &input).await.document();
    assert_eq!(document["violations"].as_array().unwrap().len(), 1_000);
    assert_eq!((&document["totals"]["violations"], &document["violations_left_out"]), (&json!(1_500), &json!(500)));
}

#[tokio::test]
async fn no_record_moves_the_cursor_of_whoever_reads_the_report() {
    let mut violation = record("global-profile");
    violation["requestParameters"]["modelId"] = "global.\u{1b}[2J\r\nproved".into();
    violation["userIdentity"]["arn"] = "国".repeat(300).into();
    let report = report_in(&[], &["-"], violation.to_string()).await;
    assert!(report.stdout.contains("global.\u{fffd}[2J\u{fffd}\u{fffd}proved"), "{}", report.stdout);
    assert!(report.stdout.contains(&"国".repeat(170)) && !report.stdout.contains(&"国".repeat(171)));
}

#[tokio::test]
async fn days_are_japans_unless_another_zone_is_asked_for() {
    let mut late = record("invoke-model");
    late["eventTime"] = "2026-11-23T15:00:00Z".into();
    for (zone, day) in [(&["-"][..], "2026-11-24"), (&["-", "--zone", "+00:00"], "2026-11-23")] {
        let report = report_in(&[], &[zone, &["--json"]].concat(), late.to_string()).await;
        assert_eq!(report.document()["days"][0]["day"], day, "{zone:?}");
        let report = report_in(&[], zone, late.to_string()).await;
        assert!(report.stdout.contains(day) && report.stdout.contains("in Japan") == zone.len().eq(&1));
    }
    late["eventTime"] = "yesterday".into();
    let report = report_in(&[], &["-", "--json"], late.to_string()).await;
    assert_eq!((&report.document()["days"][0]["day"], report.counts()), (&Value::Null, [0, 1, 0, 0, 0]));
    assert!(report_in(&[], &["-"], late.to_string()).await.stdout.contains("no time"));
}

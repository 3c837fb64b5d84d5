//! Each call is counted once, whatever its records are, and in whichever order they come.

use super::{Report, event_record, record, report_in};
use serde_json::{Value, json};

async fn lines(records: &[&Value]) -> Report {
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    report_in(&[], &["--json", "--role", "kokunai-ApiRole-1A2B3C4D", "-"], lines).await
}

/// What both orders of two records lead to, which must be the same.
async fn both_ways(first: &Value, second: &Value) -> ([u64; 5], Value) {
    let (there, back) = (lines(&[first, second]).await, lines(&[second, first]).await);
    assert_eq!(there.counts(), back.counts());
    assert_eq!(there.document()["days"], back.document()["days"]);
    let names = |report: &Report| report.document()["violations"][0]["principal"].clone();
    assert_eq!(names(&there), names(&back), "who asked is known from the call's own record");
    (there.counts(), there.document())
}

#[tokio::test]
async fn the_two_records_of_a_stream_are_one_call() {
    let (call, told) = (record("stream-call"), record("stream-map"));
    let (counts, document) = both_ways(&call, &told).await;
    assert_eq!(counts, [0, 1, 0, 0, 0]);
    assert_eq!((&document["totals"]["unknown_roles"], &document["records"]["repeated"]), (&json!(0), &json!(0)));
    assert_eq!(lines(&[&call]).await.document()["totals"]["awaited"], 1, "nobody has told where it ran");
    assert_eq!(lines(&[&call]).await.counts(), [0, 0, 1, 0, 0]);
    assert_eq!(lines(&[&told]).await.counts(), [0, 1, 0, 0, 0], "of a call of before the first file");
}

#[tokio::test]
async fn a_stream_counts_for_the_day_on_which_it_was_asked() {
    let (mut call, mut told) = (record("stream-call"), record("stream-map"));
    (call["eventTime"], told["eventTime"]) = ("2026-11-23T14:59:59Z".into(), "2026-11-23T15:00:09Z".into());
    let (_, document) = both_ways(&call, &told).await;
    let days = document["days"].as_array().unwrap();
    assert_eq!((days.len(), &days[0]["day"]), (1, &json!("2026-11-23")), "{days:?}");
}

#[tokio::test]
async fn of_two_records_of_a_stream_the_doubt_and_the_breach_of_either_count() {
    let (call, told) = (record("stream-call"), record("stream-map"));
    let with = |mut record: Value, path: &str, value: &str| {
        match path {
            "modelId" => record["requestParameters"]["modelId"] = value.into(),
            "asked" => record["additionalEventData"] = json!({ "inferenceRegion": value }),
            "errorCode" => record["errorCode"] = value.into(),
            _ => record["serviceEventDetails"]["AdditionalEventData"]["additionalEntries"] = json!({ path: value }),
        }
        record
    };
    let abroad = with(told.clone(), "inferenceRegion", "us-west-2");
    let silent = with(told.clone(), "inputTokens", "17");
    let global = with(call.clone(), "modelId", "global.anthropic.claude-sonnet-4-5-20250929-v1:0");
    let hidden = with(call.clone(), "modelId", "my-router");
    let says_tokyo = with(call.clone(), "asked", "ap-northeast-1");
    let failed = with(call.clone(), "errorCode", "ModelStreamErrorException");
    for (call, told, counts, why) in [
        (&call, &abroad, [0, 0, 0, 1, 0], "it ran abroad"),
        (&global, &told, [0, 0, 0, 1, 0], "it could have"),
        (&global, &abroad, [0, 0, 0, 1, 0], "two breaches are one violation"),
        (&hidden, &told, [0, 0, 1, 0, 0], "what was asked is hidden"),
        (&says_tokyo, &told, [0, 1, 0, 0, 0], "the service event says where it ran"),
        (&says_tokyo, &silent, [1, 0, 0, 0, 0], "the call's own word is one"),
        (&call, &silent, [0, 0, 1, 0, 0], "nobody says where it ran"),
        (&failed, &told, [0, 1, 0, 0, 0], "it ran, and failed then"),
    ] {
        assert_eq!(both_ways(call, told).await.0, counts, "{why}");
    }
    let (_, document) = both_ways(&call, &abroad).await;
    assert_eq!(document["violations"][0]["principal"], call["userIdentity"]["arn"]);
}

#[tokio::test]
async fn a_record_that_comes_twice_or_is_issued_again_counts_once() {
    let first = record("invoke-model");
    let report = lines(&[&first, &first, &first]).await;
    assert_eq!((report.counts(), &report.document()["records"]["repeated"]), ([0, 1, 0, 0, 0], &json!(2)));
    let mut same_call = first.clone();
    same_call["eventID"] = "another".into();
    assert_eq!(lines(&[&first, &same_call]).await.counts(), [0, 1, 0, 0, 0], "Bedrock's ID is the call's");
    let mut nameless = first.clone();
    nameless.as_object_mut().unwrap().remove("requestID");
    assert_eq!(lines(&[&nameless, &nameless]).await.counts(), [0, 1, 0, 0, 0], "the record's ID is one");
    let malformed = record("malformed");
    let report = lines(&[&malformed, &malformed]).await;
    assert_eq!(report.document()["records"]["malformed"], 1);
    for (field, id) in [("originalEventID", "eventID"), ("originalRequestID", "requestID")] {
        let (original, mut again) = (record("no-region"), record("reissued"));
        again["addendum"] = json!({ "reason": "UPDATED_DATA", field: original[id] });
        assert_eq!(both_ways(&original, &again).await.0, [0, 1, 0, 0, 0], "{field}: it tells what was missing");
        again["additionalEventData"]["inferenceRegion"] = "us-east-1".into();
        assert_eq!(both_ways(&original, &again).await.0, [0, 0, 0, 1, 0], "{field}: a breach is not lost");
    }
}

#[tokio::test]
async fn calls_are_remembered_for_a_week_of_days_and_no_longer() {
    let on = |day: u64, id: &str| {
        let mut record = record("invoke-model");
        record["eventTime"] = format!("2026-11-{day:02}T06:00:00Z").into();
        (record["eventID"], record["requestID"]) = (id.into(), id.into());
        record
    };
    for (days, calls) in [(7, 8), (8, 10)] {
        let mut records = vec![on(1, "first")];
        records.extend((2..2 + days).map(|day| on(day, &format!("day-{day}"))));
        records.push(on(1, "first"));
        let report = lines(&records.iter().collect::<Vec<_>>()).await;
        assert_eq!(report.document()["totals"]["calls"], calls, "{days} days later");
    }
    // A single old record between those of today makes nobody forget today's.
    let records = [on(20, "a"), on(2, "b"), on(20, "a"), on(2, "b")];
    assert_eq!(lines(&records.iter().collect::<Vec<_>>()).await.counts(), [0, 2, 0, 0, 0]);
}

#[tokio::test]
async fn what_is_of_no_call_is_counted_and_nothing_else() {
    let files = ["another-service", "control-plane", "count-tokens"];
    let text: String = files.iter().map(|file| event_record(file) + "\n").collect();
    let report = report_in(&[], &["--json", "-"], text).await;
    assert_eq!((report.status, report.counts(), &report.document()["days"]), (0, [0; 5], &json!([])));
    let expected = json!({ "read": 3, "repeated": 0, "malformed": 0, "another_service": 1, "another_operation": 2 });
    assert_eq!(report.document()["records"], expected);
}

//! Lines beside those of tracing's own formatter: the same to the byte, but for the member that CloudWatch reads.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;
use tracing_subscriber::fmt::{Layer, MakeWriter, format};
use tracing_subscriber::prelude::*;

/// Lines in memory.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Page {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// The layer that the log is made of, but for the time, which is the same at all times.
fn layer<S>(page: &Page) -> Layer<S, format::JsonFields, format::Format<format::Json, ()>, Page>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false);
    layer.with_span_list(false).with_target(false).with_timer(()).with_writer(page.clone())
}

/// What tracing's own formatter writes, and what ours does.
fn written(say: impl FnOnce()) -> (String, String) {
    let (theirs, ours) = (Page::default(), Page::default());
    let log = tracing_subscriber::registry().with(layer(&theirs)).with(layer(&ours).map_event_format(Lines));
    tracing::subscriber::with_default(log, say);
    (theirs.text(), ours.text())
}

/// The directions of a line, and the rest of it.
fn apart(line: &str) -> (Value, Value) {
    assert!(line.ends_with("}\n") && line.matches('\n').count() == 1, "{line:?}");
    let mut line: Value = serde_json::from_str(line).unwrap();
    (line.as_object_mut().unwrap().remove("_aws").unwrap(), line)
}

const CONTROLS: &str = "a\"b\\c\n\r\t\u{0}\u{1b}\u{7f}\u{2028}国";

#[test]
fn a_line_without_metrics_is_the_same_to_the_byte() {
    for say in [
        || {
            tracing::info!(
                text = CONTROLS,
                number = 1_u64,
                negative = -2_i64,
                rate = 0.1,
                truth = true,
                "said {CONTROLS}"
            )
        },
        || tracing::warn!(nan = f64::NAN, infinite = f64::INFINITY, huge = u128::MAX, absent = None::<&str>, "odd"),
        || tracing::error!(twice = 1, twice = "two", message = "a", function = "kokunai", bedrock.request_id = ?Some(1)),
        || tracing::info!(_aws = "not ours", proved = 1_u64, "no metric"),
        || tracing::info!(Proved = "a text is no metric", duration_ms = f64::NAN, Denied = None::<u64>),
    ] as [fn(); 5]
    {
        let (theirs, ours) = written(say);
        assert_eq!(theirs, ours);
        assert!(!ours.is_empty());
    }
}

#[test]
fn a_line_with_metrics_is_the_same_but_for_the_directions() {
    let before = UNIX_EPOCH.elapsed().unwrap().as_millis();
    let (theirs, ours) =
        written(|| tracing::info!(function = "f", text = CONTROLS, Proved = 1_u64, Denied = 0_u64, "m"));
    let (directions, rest) = apart(&ours);
    assert_eq!(rest, serde_json::from_str::<Value>(&theirs).unwrap());
    let timestamp = u128::from(directions["Timestamp"].as_u64().unwrap());
    assert!((before..=UNIX_EPOCH.elapsed().unwrap().as_millis()).contains(&timestamp));
    let metrics = json!([{
        "Namespace": "kokunai", "Dimensions": [["function"]],
        "Metrics": [{ "Name": "Proved", "Unit": "Count" }, { "Name": "Denied", "Unit": "Count" }],
    }]);
    assert_eq!(directions["CloudWatchMetrics"], metrics);
    assert_eq!(directions.as_object().unwrap().len(), 2);
}

#[test]
fn a_failure_is_kept_apart_by_its_label_too() {
    let (_, ours) = written(|| {
        tracing::error!(function = "f", error.label = "timeout", Prompts = 1_u64, Errors = 1_u64, Refused = 0_u64)
    });
    let sets = apart(&ours).0["CloudWatchMetrics"].clone();
    assert_eq!(sets[0]["Dimensions"], json!([["function"]]));
    let by_label = json!({
        "Namespace": "kokunai", "Dimensions": [["function", "error.label"]],
        "Metrics": [{ "Name": "Errors", "Unit": "Count" }],
    });
    assert_eq!((&sets[1], sets.as_array().unwrap().len()), (&by_label, 2));
    let (_, unlabelled) = written(|| tracing::error!(function = "f", error.label = None::<&str>, Errors = 1_u64));
    assert_eq!(apart(&unlabelled).0["CloudWatchMetrics"].as_array().unwrap().len(), 1);
}

#[test]
fn each_metric_has_the_unit_that_its_name_says() {
    let (_, ours) =
        written(|| tracing::info!(duration_ms = 1.5, cost_usd = 0.25, tokens.input = Some(3_u64), Prompts = 1_u64));
    let metrics = json!([
        { "Name": "duration_ms", "Unit": "Milliseconds" }, { "Name": "cost_usd", "Unit": "None" },
        { "Name": "tokens.input", "Unit": "Count" }, { "Name": "Prompts", "Unit": "Count" },
    ]);
    assert_eq!(apart(&ours).0["CloudWatchMetrics"][0]["Metrics"], metrics);
}

#[test]
fn only_what_the_line_has_is_named() {
    let (_, ours) =
        written(|| tracing::info!(Proved = 1_u64, Proved = 1_u64, Denied = None::<u64>, function = None::<&str>));
    let (directions, _) = apart(&ours);
    let metrics = &directions["CloudWatchMetrics"][0];
    assert_eq!(metrics["Metrics"], json!([{ "Name": "Proved", "Unit": "Count" }]));
    assert_eq!(metrics["Dimensions"], json!([[]]));
}

proptest! {
    #[test]
    fn no_value_gets_out_of_its_place(text: String) {
        let (theirs, ours) = written(|| tracing::info!(function = text, Proved = 1_u64, audit.model = text, "{text}"));
        let (directions, rest) = apart(&ours);
        prop_assert_eq!(&rest, &serde_json::from_str::<Value>(&theirs).unwrap());
        prop_assert_eq!(&rest["audit.model"], &Value::from(text));
        prop_assert_eq!(&directions["CloudWatchMetrics"][0]["Dimensions"], &json!([["function"]]));
    }
}

//! Each kind of line, written as in production, keeps the schema in `docs/log-line.schema.json`, which knows nothing else.

use super::*;
use crate::authoriser::Denial;
use crate::claude::Call;
use crate::refusal::Refusal;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

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

/// What is said, line by line; each line keeps the schema.
fn written(say: impl FnOnce()) -> Vec<Value> {
    let page = Page::default();
    let to = page.clone();
    let log = lines().map_event_format(Lines).with_writer(move || to.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(log), say);
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    let checked = text.lines().map(|line| {
        assert_eq!(stand_ins::log_line::check(line), Ok(()), "{line}");
        serde_json::from_str(line).unwrap()
    });
    checked.collect()
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/log-line.schema.json")).unwrap()
}

/// The values that the schema knows for a field.
fn known(field: &str) -> BTreeSet<String> {
    let values = schema()["$defs"][field]["enum"].as_array().unwrap().clone();
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

fn asker(source: Source) -> Asker {
    Asker {
        start: Instant::now(),
        source,
        route: None,
        caller: None,
        message_id: None,
        receives: None,
        request_id: "request".to_owned(),
        trace_id: None,
        place: None,
        cold_start: true,
        init: Some(Duration::from_millis(3)),
        function: "kokunai".into(),
        prices: crate::cost::Prices::JP,
    }
}

/// The line of a prompt that came to this.
fn prompt(source: Source, handled: &Handled<'_>) -> Value {
    written(|| prompt_handled(&asker(source), &Call::default(), handled)).remove(0)
}

#[test]
fn every_failure_has_a_line_and_the_schema_its_label() {
    let labels = Kind::ALL.map(|kind| {
        let error = Error::new(kind, "a message that is not logged").caused_by(kind);
        let line = prompt(Source::Direct, &Handled { error: Some(&error), ..Handled::default() });
        assert_eq!((&line["error.label"], &line["error.cause"]), (&line["error.cause"], &kind.row().label.into()));
        kind.row().label.to_owned()
    });
    assert_eq!(known("error.label"), BTreeSet::from(labels));
    assert_eq!(known("error.cause"), known("error.label"));
}

#[test]
fn the_page_says_for_which_metric_each_failure_counts() {
    for page in [include_str!("../../docs/operations.md"), include_str!("../../docs/operations.ja.md")] {
        for kind in Kind::ALL {
            let (error, label) = (Error::new(kind, "a message that is not logged"), kind.row().label);
            let line = prompt(Source::Direct, &Handled { error: Some(&error), ..Handled::default() });
            let metric = BY_LABEL.into_iter().find(|name| line[name] == 1).map(|name| format!("`{name}`")).unwrap();
            // It is the authoriser's, whose lines have no metrics.
            let metric = if kind == Kind::KeysUnavailable { "—" } else { &metric };
            let row = format!("| `{label}` | {} | {metric} |", kind.row().status);
            assert!(page.lines().any(|line| line.starts_with(&row)), "{row}");
        }
    }
}

#[test]
fn every_word_of_a_prompts_line_is_in_the_schema_and_no_other() {
    use Fate::{DeadLettered, Delivered, DeliveredBefore, Replayed, Returned};
    let fates = [Delivered, Replayed, DeliveredBefore, DeadLettered, Returned];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fate = |fate| text(&prompt(Source::Queue, &Handled { fate: Some(fate), ..Handled::default() })["fate"]);
    assert_eq!(known("fate"), fates.map(fate).into());
    let reasons = prompt::STOP_REASONS.into_iter().chain(["a new one"]);
    let reason =
        |it| text(&prompt(Source::Http, &Handled { stop_reason: Some(it), ..Handled::default() })["stop_reason"]);
    assert_eq!(known("stop_reason"), reasons.map(reason).collect());
    use Source::{Audit, Authoriser, Deployment, Direct, Http, Queue, Schedule, Unknown};
    let sources = [Http, Queue, Direct, Audit, Schedule, Deployment, Authoriser, Unknown];
    assert_eq!(known("source"), sources.map(|it| it.name().to_owned()).into());
}

#[test]
fn every_other_line_is_of_a_kind() {
    let (asker, at_the_door) = (asker(Source::Deployment), asker(Source::Authoriser));
    let lines = written(|| {
        stopped(&"AWS_REGION is not set");
        runtime_ended(&"no connection");
        not_posted("request");
        not_remembered("request");
        not_hidden();
        returned_untried("request", 2);
        deletion_let_through(&asker);
        deployment_refused(&asker, "another_profile");
        let refusal = Refusal { service: "usage_plan", code: "AccessDeniedException".to_owned() };
        keys_unread(&at_the_door, &refusal, true);
        keys_unread(&at_the_door, &refusal, false);
        for denial in [Denial::NoKey, Denial::SeveralKeys, Denial::Unclear, Denial::UnknownKey] {
            key_denied(&at_the_door, denial, Some("request"));
        }
    });
    assert_eq!(lines.len(), 14);
    let denials = lines.iter().filter_map(|line| line["authoriser.denied"].as_str().map(str::to_owned));
    assert_eq!(known("authoriser.denied"), denials.collect());
}

#[test]
fn an_end_of_the_runtime_by_a_panic_does_not_say_what_the_panic_said() {
    let lines = written(|| runtime_ended(&"task 7 panicked with message \"canary\""));
    assert!(lines[0]["message"] == "the Lambda runtime ended: a panic" && !lines[0].to_string().contains("canary"));
}

#[test]
fn every_metric_and_its_unit_are_the_schemas() {
    let schema = schema();
    let directions = &schema["$defs"]["_aws"]["properties"]["CloudWatchMetrics"]["items"]["properties"];
    let names = directions["Metrics"]["items"]["properties"]["Name"]["enum"].as_array().unwrap();
    assert_eq!(*names, METRICS.map(Value::from));
    for name in METRICS {
        let unit = match schema["$defs"][name]["unit"].as_str().unwrap() {
            "ms" => "Milliseconds",
            "USD" => "None",
            "count" | "tokens" | "days" => "Count",
            other => panic!("{name} is in {other}"),
        };
        assert_eq!(super::unit(name), unit, "{name}");
    }
}

#[test]
fn the_schema_describes_each_field_and_gives_numbers_a_unit() {
    let schema = schema();
    let kinds = schema["oneOf"].as_array().unwrap();
    let fields = schema["$defs"].as_object().unwrap();
    for (name, field) in fields {
        assert!(field["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}");
        let is_number = field["type"] == "integer" || field["type"] == "number";
        // A status is a name that looks like a number.
        assert_eq!(field["unit"].is_string(), is_number && name != "status", "{name}");
        assert!(kinds.iter().any(|kind| kind["properties"].get(name).is_some()), "{name} is in no line");
    }
    let open: Vec<_> = kinds.iter().filter(|kind| kind["additionalProperties"] != false).collect();
    assert_eq!(open.len(), 1, "only a library's line may have fields that nobody knows");
    assert_eq!(open[0]["required"], serde_json::json!(["timestamp", "level", "message", "target"]));
}

#[test]
fn a_long_value_is_cut_between_two_characters() {
    let long = |text: &str| cut(&text.repeat(300)).len();
    assert_eq!((long("a"), long("国"), long("国a")), (300, 510, 512));
}

#[test]
fn durations_are_milliseconds_to_the_microsecond() {
    assert!((milliseconds(Duration::from_nanos(1_234_567)) - 1.235).abs() < 1e-9);
}

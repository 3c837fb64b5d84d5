//! The line is the metric: what each prompt counts for, what it took, and that CloudWatch is told of nothing else.

use crate::stage::{Stage, event};
use kokunai::telemetry::{BY_LABEL, DIMENSION, LABEL, METRICS, NAMESPACE, unit};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A prompt event that makes the stand-in do this.
fn command(command: &str) -> String {
    json!({ "prompt": format!("stand-in: {command}") }).to_string()
}

/// The metric that each failure counts for; none of an answer.
fn prompts() -> Vec<(String, Option<&'static str>)> {
    let [errors, refused, throttles] = BY_LABEL.map(Some);
    vec![
        (event("http-messages"), None),
        (event("http-stream"), None),
        (event("sqs-one"), None),
        (event("http-count-tokens"), refused),
        (event("http-both-samplings"), refused),
        (event("http-not-found"), refused),
        (event("unknown-s3"), refused),
        (command("validation"), refused),
        (command("throttle"), throttles),
        (command("quota"), throttles),
        (command("unavailable"), throttles),
        (command("denied"), errors),
        (command("not-found"), errors),
        (command("model-error"), errors),
        (command("not-json"), errors),
        (command("drop"), errors),
        (command("panic"), errors),
    ]
}

/// Metrics with their units.
type Metrics = BTreeSet<(String, String)>;

/// What a line tells CloudWatch: the dimensions of each set of metrics, and the set.
fn directions(line: &Value) -> Vec<(Vec<String>, Metrics)> {
    assert!(line["_aws"]["Timestamp"].is_u64(), "{line}");
    let sets = line["_aws"]["CloudWatchMetrics"].as_array().unwrap().iter();
    let read = |set: &Value| {
        assert_eq!(set["Namespace"], NAMESPACE);
        let [dimensions] = &set["Dimensions"].as_array().unwrap()[..] else { panic!("{line}") };
        let dimensions = dimensions.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        let metrics = set["Metrics"].as_array().unwrap().iter();
        let text = |metric: &Value, field: &str| metric[field].as_str().unwrap().to_owned();
        (dimensions, metrics.map(|metric| (text(metric, "Name"), text(metric, "Unit"))).collect())
    };
    sets.map(read).collect()
}

#[tokio::test]
async fn each_prompt_counts_once_and_each_failure_for_one_thing() {
    let stage = Stage::with(&[("RETRY_BUDGET_SECONDS", "0"), ("TIME_BUDGET_SECONDS", "5")]).await;
    let prompts = prompts();
    for (event, _) in &prompts {
        stage.invoke(event).await;
    }
    let lines = stage.prompt_lines(prompts.len()).await;
    for ((event, metric), line) in prompts.iter().zip(&lines) {
        assert_eq!(line["Prompts"], 1, "{event}");
        for name in BY_LABEL {
            assert_eq!(line[name], u64::from(*metric == Some(name)), "{name} of {event}: {line}");
        }
        let sets = directions(line);
        assert_eq!(sets[0].0, [DIMENSION], "{event}");
        assert_eq!(line[DIMENSION], "kokunai", "as Lambda calls the function");
        // An answer has no label, and whatever names one as a dimension must have it.
        let Some(metric) = metric else {
            assert_eq!(sets.len(), 1, "{event}");
            continue;
        };
        assert!(line[LABEL].is_string(), "{event}");
        let by_label: (Vec<String>, BTreeSet<_>) =
            (vec![DIMENSION.to_owned(), LABEL.to_owned()], BTreeSet::from([(metric.to_string(), "Count".to_owned())]));
        assert_eq!(sets[1..], [by_label], "{event}");
    }
}

#[tokio::test]
async fn every_metric_that_a_line_has_is_told_with_its_unit_and_no_other() {
    let stage = Stage::with(&[("RETRY_BUDGET_SECONDS", "0")]).await;
    for event in [event("http-messages"), event("http-stream"), event("http-both-samplings"), command("throttle")] {
        stage.invoke(event).await;
    }
    let lines = stage.prompt_lines(4).await;
    for line in &lines {
        let has = METRICS.into_iter().filter(|name| !line[name].is_null());
        let has: BTreeSet<_> = has.map(|name| (name.to_owned(), unit(name).to_owned())).collect();
        assert_eq!(directions(line)[0].1, has, "{line}");
        assert!(has.iter().all(|(name, _)| line[name].is_number()), "{line}");
    }
    let of = |line: &Value| -> BTreeSet<_> { directions(line).remove(0).1 };
    for (name, unit) in [
        ("duration_ms", "Milliseconds"),
        ("first_token_ms", "Milliseconds"),
        ("bedrock.latency_ms", "Milliseconds"),
        ("tokens.input", "Count"),
        ("tokens.output", "Count"),
        ("tokens.cache_read", "Count"),
        ("tokens.cache_write", "Count"),
        ("quota_tokens", "Count"),
        ("quota_reserved_tokens", "Count"),
        ("cost_usd", "None"),
        ("Answered", "Count"),
    ] {
        assert!(of(&lines[1]).contains(&(name.to_owned(), unit.to_owned())), "{name}: {}", lines[1]);
    }
}

#[tokio::test]
async fn what_a_prompt_costs_is_worked_out_with_the_prices_that_are_set() {
    for (setting, [input, output, write, read]) in [
        (None, [3.30, 16.50, 4.125, 0.33]),
        (Some(("PRICES_USD_PER_MILLION", "input:100,output:1000,cache_write_5m:7")), [100.0, 1000.0, 7.0, 0.33]),
    ] {
        let stage = Stage::with(setting.as_slice()).await;
        stage.ask("how much?").await;
        let line = stage.prompt_lines(1).await.remove(0);
        let of = |field: &str, price: f64| line[field].as_f64().unwrap() * price / 1e6;
        let cost = of("tokens.input", input)
            + of("tokens.output", output)
            + of("tokens.cache_write", write)
            + of("tokens.cache_read", read);
        assert!(cost > 0.0 && (line["cost_usd"].as_f64().unwrap() - cost).abs() < 1e-9, "{cost}: {line}");
    }
}

#[tokio::test]
async fn only_the_first_invocation_says_what_the_start_took() {
    let start = Instant::now();
    let stage = Stage::new().await;
    stage.ask("the first").await;
    let so_far = start.elapsed();
    stage.ask("the second").await;
    let lines = stage.prompt_lines(2).await;
    let init = lines[0]["init_ms"].as_f64().unwrap();
    assert!(init > 0.0 && Duration::from_secs_f64(init / 1000.0) < so_far, "{init} ms are a part of {so_far:?}");
    assert_eq!((&lines[0]["cold_start"], &lines[1]["cold_start"]), (&json!(true), &json!(false)));
    assert!(lines[1].get("init_ms").is_none());
}

#[tokio::test]
async fn what_is_reserved_is_what_was_read_and_all_that_might_have_been_written() {
    let stage = Stage::with(&[("DEFAULT_MAX_TOKENS", "777")]).await;
    stage.ask("one that says 1000").await;
    stage.invoke(json!({ "prompt": "one that does not say" })).await;
    for (line, most) in stage.prompt_lines(2).await.iter().zip([1000, 777]) {
        let read: u64 = ["tokens.input", "tokens.cache_write"].iter().filter_map(|name| line[name].as_u64()).sum();
        assert!(read > 0);
        assert_eq!(line["quota_reserved_tokens"], read + most, "{line}");
    }
}

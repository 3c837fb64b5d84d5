//! Lines that are not kokunai's: those of the libraries in the artifact, which the log lets through when something is wrong.

use crate::stage::{Stage, text};
use serde_json::{Value, json};
use stand_ins::runtime_api::Invocation;
use std::time::Duration;

#[tokio::test]
async fn a_librarys_line_names_the_library_and_none_of_ours_does() {
    let stage = Stage::with(&[("LOG_LEVEL", "trace")]).await;
    stage.ask("hello").await;
    // Lambda would never send it: its runtime tells of it before kokunai sees anything.
    stage.runtime.invoke(Invocation::new("no JSON".to_owned()).timeout(Duration::from_secs(5))).await;
    let is_theirs = |line: &str| line.contains("\"target\":\"lambda_runtime::layers::api_response\"");
    let line = stage.function.wait_for_line(is_theirs, Duration::from_secs(20)).await;
    let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
    assert_eq!((&line["level"], line.get("function")), (&json!("ERROR"), None));
    let targets = stage.function.json_lines().into_iter().filter_map(|line| line["target"].as_str().map(str::to_owned));
    assert!(targets.clone().count() > 0);
    for target in targets {
        assert!(!target.starts_with("kokunai"), "{target}");
    }
}

#[test]
fn the_routes_of_the_schema_are_the_functions() {
    let schema: Value = serde_json::from_str(&text("docs/log-line.schema.json")).unwrap();
    let source = text("src/http/route.rs");
    let paths = source.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \"/"));
    let paths: Vec<_> = paths.map(|(_, path)| format!("/{}", path.trim_end_matches("\","))).collect();
    assert_eq!(schema["$defs"]["route"]["enum"], json!(paths));
}

//! Betas and their fields: what is passed on, what is dropped, and how it is said.

use super::*;
use crate::prompt::{Prompt, Terms};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn parse(header: &[&str], body: &Value, purpose: Purpose) -> (Value, Dropped) {
    let header: Vec<String> = header.iter().map(|beta| (*beta).to_owned()).collect();
    let terms = Terms { default_max_tokens: 4096, purpose, betas: &header };
    let prompt = Prompt::parse(body.to_string().as_bytes(), terms).unwrap();
    let dropped = prompt.dropped().clone();
    (serde_json::from_slice(&prompt.into_body()).unwrap(), dropped)
}

fn with(fields: &Value) -> Value {
    let mut body = json!({ "messages": [{ "role": "user", "content": "x" }] });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

#[test]
fn every_beta_is_listed_once_and_each_that_is_taken_has_a_source() {
    let names: BTreeSet<_> = BETAS.iter().map(|beta| beta.name).collect();
    assert_eq!(names.len(), BETAS.len());
    assert!(
        BETAS.iter().filter_map(|beta| beta.source).all(|source| source.starts_with("docs.aws.amazon.com/bedrock"))
    );
    assert!(names.iter().all(|name| looks_like_a_beta(name)), "each may stand in a header");
}

#[test]
fn betas_of_the_header_and_the_body_are_joined_once_each() {
    let body = with(&json!({ "anthropic_beta": ["interleaved-thinking-2025-05-14", "context-management-2025-06-27"] }));
    let (body, dropped) =
        parse(&["context-management-2025-06-27", " interleaved-thinking-2025-05-14"], &body, Purpose::Answer);
    assert_eq!(body["anthropic_beta"], json!(["context-management-2025-06-27", "interleaved-thinking-2025-05-14"]));
    assert_eq!(dropped, Dropped::default());
    let (body, _) = parse(&[], &with(&json!({})), Purpose::Answer);
    assert!(body.get("anthropic_beta").is_none());
}

#[test]
fn claude_codes_betas_are_dropped_with_their_fields() {
    let cached = json!({ "type": "ephemeral", "scope": "global", "ttl": "1h" });
    let body = json!({
        "system": [{ "type": "text", "text": "s", "cache_control": cached }],
        "messages": [
            { "role": "user", "content": [{ "type": "text", "text": "scope", "cache_control": cached }] },
            { "role": "assistant", "content": [{ "type": "tool_use", "id": "1", "name": "ToolSearch", "input": {} }] },
            { "role": "user", "content": [{
                "type": "tool_result",
                "tool_use_id": "1",
                "content": [{ "type": "tool_reference", "tool_name": "a" }, { "type": "text", "text": "t" }],
            }] },
            { "role": "user", "content": [{
                "type": "tool_result",
                "tool_use_id": "2",
                "content": [{ "type": "tool_reference", "tool_name": "a" }],
            }] },
        ],
        "tools": [{ "name": "a", "input_schema": { "type": "object", "scope": 1 }, "defer_loading": true }],
        "thinking": { "type": "enabled", "budget_tokens": 1024, "display": "omitted" },
        "context_management": { "edits": [{ "type": "clear_thinking_20251015", "keep": "all" }] },
    });
    let header = [
        "claude-code-20250219",
        "interleaved-thinking-2025-05-14",
        "context-management-2025-06-27",
        "prompt-caching-scope-2026-01-05",
        "advanced-tool-use-2025-11-20",
    ];
    let (sent, dropped) = parse(&header, &body, Purpose::Answer);
    let cached = json!({ "type": "ephemeral", "ttl": "1h" });
    assert_eq!(sent["system"][0]["cache_control"], cached);
    assert_eq!(sent["messages"][0]["content"][0], json!({ "type": "text", "text": "scope", "cache_control": cached }));
    assert_eq!(sent["messages"][2]["content"][0]["content"], json!([{ "type": "text", "text": "t" }]));
    assert_eq!(sent["messages"][3]["content"][0], json!({ "type": "tool_result", "tool_use_id": "2" }));
    assert_eq!(sent["tools"][0], json!({ "name": "a", "input_schema": { "type": "object", "scope": 1 } }));
    assert_eq!(sent["thinking"], json!({ "type": "enabled", "budget_tokens": 1024 }));
    assert_eq!(sent["context_management"], body["context_management"], "its beta is taken");
    assert_eq!(
        dropped.known,
        ["claude-code-20250219", "prompt-caching-scope-2026-01-05", "advanced-tool-use-2025-11-20"]
    );
    let fields: BTreeSet<_> = dropped.fields.iter().copied().collect();
    assert_eq!(
        fields,
        BTreeSet::from(["cache_control.scope", "tool_reference", "tools.*.defer_loading", "thinking.display"])
    );
}

#[test]
fn a_field_that_an_accepted_beta_owns_too_stays() {
    let body = with(&json!({ "tools": [{ "name": "a", "input_schema": {}, "defer_loading": true }] }));
    let (sent, _) = parse(&["advanced-tool-use-2025-11-20", "tool-search-tool-2025-10-19"], &body, Purpose::Answer);
    assert_eq!(sent["tools"][0]["defer_loading"], true);
}

#[test]
fn a_field_without_its_beta_is_left_to_bedrock_to_refuse() {
    let body = with(&json!({ "speed": "fast" }));
    assert_eq!(parse(&[], &body, Purpose::Answer).0["speed"], "fast");
    assert!(parse(&["fast-mode-2026-02-01"], &body, Purpose::Answer).0.get("speed").is_none());
}

#[test]
fn context_management_does_not_go_with_a_count_but_its_beta_does() {
    let body = with(&json!({ "context_management": { "edits": [] } }));
    let (sent, dropped) = parse(&["context-management-2025-06-27"], &body, Purpose::Count);
    assert!(sent.get("context_management").is_none(), "Bedrock's guide says so");
    assert_eq!(sent["anthropic_beta"], json!(["context-management-2025-06-27"]), "the memory tool needs it");
    assert_eq!((dropped.known, dropped.fields), (vec![], vec!["context_management"]));
}

/// A request with a field, or an item of a type, at a path of the table.
fn planted(path: &str) -> Value {
    let mut value = json!("planted");
    for step in path.split('.').rev() {
        value = match step.split_once(':') {
            Some(("*", kind)) => json!([{ "type": kind }, { "type": "text", "text": "x" }]),
            _ if step == "*" => json!([value]),
            _ => json!({ step: value, "kept": 1 }),
        };
    }
    value
}

#[test]
fn every_field_of_the_table_is_found_at_each_of_its_paths() {
    let dropped = BETAS.iter().filter(|beta| beta.source.is_none());
    let owned = dropped.flat_map(|beta| beta.fields.iter().map(move |field| (Some(beta.name), field)));
    for (beta, field) in owned.chain(HINTS.iter().map(|hint| (None, hint))) {
        let betas = Betas::sort(beta, Purpose::Answer);
        for path in field.paths {
            let name = path.split('.').next().unwrap();
            let text = planted(path)[name].to_string();
            let mut taken = Vec::new();
            let left = betas.strip(name, &text, &mut taken);
            assert_eq!(taken, [field.name], "{path}");
            assert!(left.is_none_or(|left| left != text && serde_json::from_str::<Value>(&left).is_ok()), "{path}");
        }
    }
}

#[test]
fn what_is_advertised_stands_in_the_table() {
    let owns = |beta: &str, field: &str| {
        let beta = BETAS.iter().find(|known| known.name == beta).unwrap();
        assert!(beta.source.is_none() && beta.fields.iter().any(|owned| owned.name == field), "{}: {field}", beta.name);
    };
    owns("effort-2025-11-24", "output_config.effort");
    owns("advanced-tool-use-2025-11-20", "caller");
    owns("prompt-caching-scope-2026-01-05", "cache_control.scope");
    assert_eq!(BETAS.iter().filter(|beta| beta.source.is_some()).count(), 6);
    let hints: Vec<_> = HINTS.iter().map(|hint| hint.name).collect();
    assert_eq!(hints, ["cache_control", "service_tier", "thinking.display", "tools.*.eager_input_streaming"]);
}

#[test]
fn what_is_left_empty_goes_too() {
    let body = with(&json!({ "output_config": { "effort": "high" } }));
    let (sent, dropped) = parse(&["effort-2025-11-24"], &body, Purpose::Answer);
    assert!(sent.get("output_config").is_none() && dropped.fields == ["output_config.effort"]);
}

#[test]
fn too_many_betas_in_a_body_are_refused_at_once() {
    let names: Vec<String> = (0..100_000).map(|index| format!("beta-{index}")).collect();
    let body = with(&json!({ "anthropic_beta": names })).to_string();
    let terms = Terms { default_max_tokens: 1, purpose: Purpose::Answer, betas: &[] };
    let error = Prompt::parse(body.as_bytes(), terms).err().unwrap();
    assert_eq!(error.field(), Some("anthropic_beta"));
}

#[test]
fn the_old_form_of_structured_output_becomes_the_new_one() {
    let format = json!({ "type": "json_schema", "schema": { "type": "object" } });
    let body = with(&json!({ "output_format": format }));
    let (sent, dropped) = parse(&["structured-outputs-2025-11-13"], &body, Purpose::Answer);
    assert_eq!(sent["output_config"], json!({ "format": format }));
    assert!(sent.get("output_format").is_none() && dropped.fields.is_empty());
    let body = with(&json!({ "output_format": format, "output_config": { "effort": "high", "new": 1 } }));
    let (sent, _) = parse(&["structured-outputs-2025-11-13", "effort-2025-11-24"], &body, Purpose::Answer);
    assert_eq!(sent["output_config"], json!({ "format": format, "new": 1 }));
    let body =
        with(&json!({ "output_format": format, "output_config": { "format": null, "new": { "a": { "b": 1 } } } }));
    let (sent, _) = parse(&["structured-outputs-2025-11-13"], &body, Purpose::Answer);
    assert_eq!(sent["output_config"], json!({ "format": format, "new": { "a": { "b": 1 } } }));
    let both = with(&json!({ "output_format": format, "output_config": { "format": format } })).to_string();
    let terms = Terms { default_max_tokens: 1, purpose: Purpose::Answer, betas: &[] };
    assert_eq!(Prompt::parse(both.as_bytes(), terms).err().unwrap().field(), Some("output_format"));
}

#[test]
fn an_unknown_beta_is_told_back_if_it_looks_like_one_and_counted_if_not() {
    let betas =
        Betas::sort(["new-thing-2027-01-01", "Bearer secret", "claude-code-20250219", "x\r\ny"], Purpose::Answer);
    let dropped = betas.into_dropped(Vec::new());
    assert_eq!(dropped.betas().unwrap(), "claude-code-20250219, new-thing-2027-01-01");
    assert_eq!(dropped.untold(), 2);
    assert_eq!((dropped.known, dropped.unknown), (vec!["claude-code-20250219"], 3));
    assert_eq!(Dropped::default().betas(), None);
    let many: Vec<String> = (0..20).map(|index| format!("beta-{index}")).collect();
    let dropped = Betas::sort(many.iter().map(String::as_str), Purpose::Answer).into_dropped(Vec::new());
    assert_eq!((dropped.betas().unwrap().split(", ").count(), dropped.untold()), (MAX_TOLD, 20 - MAX_TOLD));
}

proptest! {
    #[test]
    fn whatever_is_named_bedrock_hears_only_of_its_own(names in prop::collection::vec("[a-zA-Z0-9 -]{0,30}", 0..8), known in prop::collection::vec(0..BETAS.len(), 0..8)) {
        let known: Vec<_> = known.into_iter().map(|index| BETAS[index].name).collect();
        let header: Vec<&str> = names.iter().map(String::as_str).chain(known).collect();
        let (sent, dropped) = parse(&header, &with(&json!({})), Purpose::Answer);
        for beta in sent["anthropic_beta"].as_array().into_iter().flatten() {
            prop_assert!(BETAS.iter().any(|known| known.source.is_some() && *beta == known.name));
        }
        prop_assert!(dropped.betas().is_none_or(|told| http::HeaderValue::from_str(&told).is_ok()));
    }
}

//! The rules of a prompt event, one refusal after another, and properties that hold for any event.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The terms of a door that answers whole only.
fn terms() -> Terms<'static> {
    Terms { default_max_tokens: 4096, purpose: Purpose::WholeAnswer, betas: &[] }
}

fn parse(event: &str) -> Result<Value, Error> {
    Prompt::parse(event.as_bytes(), terms()).map(|prompt| serde_json::from_slice(&prompt.into_body()).unwrap())
}

/// A good prompt event with these fields on top.
fn with(fields: &Value) -> Result<Value, Error> {
    let mut event = json!({ "messages": [{ "role": "user", "content": "こんにちは" }] });
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    parse(&event.to_string())
}

/// A good prompt event whose one message has this content.
fn with_content(content: &Value) -> Result<Value, Error> {
    with(&json!({ "messages": [{ "role": "user", "content": content }] }))
}

#[track_caller]
fn refused(outcome: Result<Value, Error>, field: &str) {
    let error = outcome.expect_err("the event should be refused");
    assert_eq!(error.kind(), Kind::InvalidRequest);
    assert!(error.message().starts_with(&format!("{field}: ")), "{field}: {}", error.message());
}

#[test]
fn a_prompt_stands_for_one_user_message() {
    let body = parse(r#"{"prompt":"東京 \"quoted\" \u3042"}"#).unwrap();
    let expected = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 4096,
        "messages": [{ "role": "user", "content": "東京 \"quoted\" あ" }],
    });
    assert_eq!(body, expected);
}

#[test]
fn what_passes_through_keeps_its_very_text() {
    let event = r#"{"messages": [ {"role":"user","content":"x"} ], "new_field": {"a": 1.0, "b":[ 12345678901234567890 ]}, "top_k": 5}"#;
    let body = Prompt::parse(event.as_bytes(), terms()).unwrap().into_body();
    let expected = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[ {"role":"user","content":"x"} ],"new_field":{"a": 1.0, "b":[ 12345678901234567890 ]},"top_k":5}"#;
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

#[test]
fn our_own_fields_replace_the_callers() {
    let body = with(
        &json!({ "model": "claude-sonnet-4-5", "stream": false, "anthropic_version": "2026-10-21", "max_tokens": 7 }),
    );
    let body = body.unwrap();
    assert_eq!(body["anthropic_version"], "bedrock-2023-05-31");
    assert_eq!(body["max_tokens"], 7);
    assert!(body.get("model").is_none() && body.get("stream").is_none());
}

#[test]
fn null_stands_for_a_field_left_out() {
    let body = with(&json!({ "max_tokens": null, "temperature": null, "top_p": 0.5, "system": null, "prompt": null }))
        .unwrap();
    assert_eq!(body["max_tokens"], 4096);
    assert!(body.get("temperature").is_none() && body.get("system").is_none());
}

#[test]
fn what_is_no_json_object_is_refused() {
    for event in ["", "not JSON", "[]", "\"prompt\"", "1", "null", "{\"prompt\":", "{\"prompt\":\"a\"} {}"] {
        refused(parse(event), "body");
    }
    let error = Prompt::parse(b"{\"prompt\":\"\xff\"}", terms()).err().unwrap();
    assert_eq!(error.message(), "body: must be UTF-8");
    refused(parse(r#"{"prompt":"a","prompt":"b"}"#), "body");
}

#[test]
fn exactly_one_question_is_needed() {
    refused(parse("{}"), "messages");
    refused(parse(r#"{"prompt":"a","messages":[{"role":"user","content":"b"}]}"#), "prompt");
    for prompt in [json!(""), json!(" \n"), json!(1), json!(["a"])] {
        refused(parse(&json!({ "prompt": prompt }).to_string()), "prompt");
    }
}

#[test]
fn messages_have_roles_and_content() {
    for (messages, field) in [
        (json!([]), "messages"),
        (json!("hello"), "messages"),
        (json!({}), "messages"),
        (json!(["hello"]), "messages.0"),
        (json!([["user", "hello"]]), "messages.0"),
        (json!([{ "content": "a" }]), "messages.0"),
        (json!([{ "role": "user" }]), "messages.0"),
        (json!([{ "role": "system", "content": "a" }]), "messages.0.role"),
        (json!([{ "role": "user", "content": "" }]), "messages.0.content"),
        (json!([{ "role": "user", "content": [] }]), "messages.0.content"),
        (json!([{ "role": "user", "content": 1 }]), "messages.0.content"),
        (json!([{ "role": "user", "content": "a" }, { "role": "user", "content": ["a"] }]), "messages.1.content.0"),
    ] {
        refused(with(&json!({ "messages": messages })), field);
    }
    let prefilled = json!({ "messages": [{ "role": "user", "content": "a" }, { "role": "assistant", "content": "" }] });
    assert!(with(&prefilled).is_ok());
}

#[test]
fn numbers_stay_within_the_documented_ranges() {
    for (name, bad) in [
        ("max_tokens", json!([0, 64_001, -1, 1.5, "10", true])),
        ("temperature", json!([-0.1, 1.1, "0.5"])),
        ("top_p", json!([-0.1, 1.1, []])),
        ("top_k", json!([-1, 501, 0.5])),
    ] {
        for value in bad.as_array().unwrap() {
            refused(with(&json!({ name: value })), name);
        }
    }
    for good in
        [json!({ "max_tokens": 64_000 }), json!({ "temperature": 1 }), json!({ "top_p": 0 }), json!({ "top_k": 500 })]
    {
        assert!(with(&good).is_ok(), "{good}");
    }
    refused(with(&json!({ "temperature": 0.5, "top_p": 0.5 })), "temperature");
}

#[test]
fn other_fields_have_their_types() {
    for (name, bad) in [
        ("stop_sequences", json!("a")),
        ("stop_sequences", json!([1])),
        ("anthropic_beta", json!("a")),
        ("metadata", json!("a")),
        ("output_config", json!([])),
        ("system", json!(1)),
        ("tools", json!({})),
        ("tool_choice", json!("auto")),
        ("thinking", json!("on")),
        ("model", json!(1)),
        ("stream", json!("true")),
    ] {
        refused(with(&json!({ name: bad })), name);
    }
}

#[test]
fn only_the_one_model_answers() {
    for name in [
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "claude-opus-4-5",
        "",
    ] {
        let error = with(&json!({ "model": name })).unwrap_err();
        assert!(error.message().starts_with(&format!("model: {name:?} is not served here")), "{}", error.message());
    }
    for name in residency::MODEL_NAMES {
        assert!(with(&json!({ "model": name })).is_ok(), "{name}");
    }
}

#[test]
fn a_stream_is_refused_by_name_where_nobody_could_read_it() {
    refused(with(&json!({ "stream": true })), "stream");
}

#[test]
fn a_stream_may_think_for_longer_than_a_whole_answer() {
    let thinks = |stream: bool, max_tokens: u32| {
        let thinking = json!({ "type": "enabled", "budget_tokens": 1024 });
        let event = json!({ "prompt": "x", "stream": stream, "max_tokens": max_tokens, "thinking": thinking });
        Prompt::parse(event.to_string().as_bytes(), Terms { purpose: Purpose::Answer, ..terms() })
    };
    assert!(thinks(true, 32_000).unwrap().streams());
    assert!(!thinks(false, 21_333).unwrap().streams());
    assert_eq!(thinks(false, 21_334).err().unwrap().field(), Some("max_tokens"));
}

#[test]
fn what_is_only_counted_needs_no_room_for_an_answer() {
    let thinking = json!({ "type": "enabled", "budget_tokens": 31_999 });
    let event = json!({ "prompt": "x", "stream": true, "thinking": thinking }).to_string();
    let prompt = Prompt::parse(event.as_bytes(), Terms { purpose: Purpose::Count, ..terms() }).unwrap();
    assert!(!prompt.streams());
    let body: Value = serde_json::from_slice(&prompt.into_body()).unwrap();
    assert_eq!(body["max_tokens"], 32_000);
}

#[test]
fn a_tool_that_looks_among_the_requests_own_tools_may_run_on_the_host() {
    assert!(with(&json!({ "tools": [{ "type": "tool_search_tool_regex_20251119", "name": "search" }] })).is_ok());
    refused(
        with(&json!({ "tools": [{ "type": "tool_search_tool_bm25_20251119", "name": "search" }] })),
        "tools.0.type",
    );
}

#[test]
fn what_would_reach_outside_is_refused_by_name() {
    for name in ["mcp_servers", "container", "inference_geo", "amazon-bedrock-guardrailConfig"] {
        refused(with(&json!({ name: {} })), name);
    }
    for kind in [
        "web_search_20250305",
        "web_fetch_20250910",
        "code_execution_20250825",
        "mcp_toolset",
        "bash_code_execution_20250825",
        "text_editor_code_execution_20250825",
        "tool_search_tool_bm25_20251119",
        "something_new",
    ] {
        refused(
            with(&json!({ "tools": [{ "name": "a", "input_schema": {} }, { "type": kind, "name": "b" }] })),
            "tools.1.type",
        );
    }
    for kind in ["custom", "bash_20250124", "text_editor_20250728", "memory_20250818"] {
        assert!(with(&json!({ "tools": [{ "type": kind, "name": "a" }] })).is_ok(), "{kind}");
    }
}

#[test]
fn nothing_in_the_content_is_fetched_from_elsewhere() {
    let image = |kind: &str| json!({ "type": "image", "source": { "type": kind, "url": "https://example.com" } });
    let result = |inner: Value| json!({ "type": "tool_result", "tool_use_id": "t", "content": [inner] });
    let document = |inner: Value| json!({ "type": "document", "source": { "type": "content", "content": [inner] } });
    for kind in ["url", "file", "s3", ""] {
        refused(with_content(&json!([image(kind)])), "messages.0.content.0.source.type");
        refused(with_content(&json!([result(image(kind))])), "messages.0.content.0.content.0.source.type");
        refused(with_content(&json!([document(image(kind))])), "messages.0.content.0.source.content.0.source.type");
        refused(with(&json!({ "system": [image(kind)] })), "system.0.source.type");
    }
    refused(with_content(&json!([{ "type": "container_upload", "file_id": "f" }])), "messages.0.content.0.type");
    // Two parsers may disagree about which of two equal names counts.
    let twice =
        r#"{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","type":"url"}}]}]}"#;
    refused(parse(twice), "messages.0.content.0.source");

    assert!(with_content(&json!([image("base64"), result(image("base64")), document(image("base64"))])).is_ok());
    let data = json!([{ "type": "tool_use", "id": "t", "name": "n", "input": { "source": { "type": "url" } } }]);
    assert!(with_content(&data).is_ok(), "a tool's input is data, not a source");
    let found = json!([{ "type": "search_result", "source": "https://example.com", "title": "t", "content": [{ "type": "text", "text": "x" }] }]);
    assert!(with_content(&found).is_ok(), "a search result's source is a label");
}

#[test]
fn content_nested_without_end_is_refused() {
    let mut content = json!("text");
    for _ in 0..100 {
        content = json!([{ "type": "tool_result", "content": content }]);
    }
    let message = with_content(&content).unwrap_err().message().to_owned();
    assert!(message.contains("nested more than"), "{message}");
}

#[test]
fn thinking_keeps_its_rules() {
    let enabled = |budget: u32| json!({ "type": "enabled", "budget_tokens": budget });
    for (fields, field) in [
        (json!({ "thinking": enabled(1023) }), "thinking.budget_tokens"),
        (json!({ "thinking": { "type": "enabled" } }), "thinking.budget_tokens"),
        (json!({ "thinking": enabled(4096) }), "thinking.budget_tokens"),
        (json!({ "thinking": enabled(2000), "temperature": 0.5 }), "temperature"),
        (json!({ "thinking": enabled(2000), "top_p": 0.5 }), "top_p"),
        (json!({ "thinking": enabled(2000), "top_k": 5 }), "top_k"),
        (json!({ "thinking": enabled(2000), "tool_choice": { "type": "any" } }), "tool_choice"),
        (json!({ "thinking": enabled(2000), "max_tokens": 21_334 }), "max_tokens"),
    ] {
        refused(with(&fields), field);
    }
    for good in [
        json!({ "thinking": enabled(2000), "temperature": 1, "tool_choice": { "type": "auto" } }),
        json!({ "thinking": enabled(8000), "anthropic_beta": ["interleaved-thinking-2025-05-14"] }),
        json!({ "thinking": { "type": "disabled" }, "temperature": 0 }),
    ] {
        assert!(with(&good).is_ok(), "{good}");
    }
}

#[test]
fn more_fields_than_anyone_needs_are_refused() {
    let fields: Vec<String> = (0..300).map(|n| format!("\"f{n}\":1")).collect();
    let error = parse(&format!("{{\"prompt\":\"a\",{}}}", fields.join(","))).unwrap_err();
    assert!(error.message().starts_with("body: has more than 256 fields"), "{}", error.message());
}

#[test]
fn eight_megabytes_are_too_many() {
    let event = json!({ "prompt": "a".repeat(8_000_000) }).to_string();
    assert_eq!(parse(&event).unwrap_err().kind(), Kind::TooLarge);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,8}|type|source|content", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Prompt::parse(&bytes, terms());
    }

    #[test]
    fn any_field_of_any_value_is_refused_or_passed_on_unchanged(
        name in "[a-z_]{1,12}|messages|system|tools|thinking|metadata|model|stream|tool_choice",
        value in any_json(),
    ) {
        let messages = if name == "messages" { "" } else { r#""messages":[{"role":"user","content":"a"}],"# };
        let event = format!(r#"{{{messages}"{name}":{value}}}"#);
        let Ok(prompt) = Prompt::parse(event.as_bytes(), terms()) else {
            return Ok(());
        };
        let body = String::from_utf8(prompt.into_body()).unwrap();
        let beginning = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":"#;
        prop_assert!(body.starts_with(beginning));
        let fields: Value = serde_json::from_str(&body).unwrap();
        prop_assert!(fields.get("model").is_none() && fields.get("stream").is_none());
        if !REPLACED.contains(&name.as_str()) && !value.is_null() {
            let field = format!(r#","{name}":{value}"#);
            prop_assert!(body.contains(&field));
        }
    }

    #[test]
    fn no_source_but_an_inline_one_passes(kind in "[a-z0-9_]{0,10}", deep in 0_usize..3) {
        prop_assume!(!["base64", "text", "content"].contains(&kind.as_str()));
        let mut content = json!([{ "type": "image", "source": { "type": kind } }]);
        for _ in 0..deep {
            content = json!([{ "type": "tool_result", "tool_use_id": "t", "content": content }]);
        }
        prop_assert!(with_content(&content).is_err());
    }
}

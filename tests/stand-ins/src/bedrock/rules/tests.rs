//! Each rule refuses what it should, in Anthropic's words, and nothing else.

#![expect(clippy::needless_pass_by_value, reason = "a rule reads best with its json! in place")]

use serde_json::{Value, json};

use super::*;

mod betas;

fn plain() -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 2048,
        "messages": [{ "role": "user", "content": "Hello" }],
    })
}

/// A plain body with these fields added or replaced.
fn with(fields: Value) -> Value {
    let mut body = plain();
    for (name, value) in fields.as_object().expect("fields") {
        body[name] = value.clone();
    }
    body
}

fn refusal(body: &Value) -> String {
    match read(body.to_string().as_bytes(), Operation::InvokeModel) {
        Ok(_) => "accepted".to_owned(),
        Err(message) => message,
    }
}

#[track_caller]
fn refused(fields: Value, message: &str) {
    let body = with(fields);
    let refusal = refusal(&body);
    assert!(refusal.starts_with(message), "{body}\nwas refused with: {refusal}\ninstead of: {message}");
}

#[track_caller]
fn accepted(fields: Value) {
    let body = with(fields);
    assert_eq!(refusal(&body), "accepted", "{body}");
}

/// A conversation whose only message has these blocks.
fn blocks(blocks: Value) -> Value {
    json!({ "messages": [{ "role": "user", "content": blocks }] })
}

fn tool(name: &str) -> Value {
    json!({ "name": name, "description": "d", "input_schema": { "type": "object", "properties": {} } })
}

#[test]
fn a_plain_body_and_a_rich_one_are_accepted() {
    accepted(json!({}));
    let image = json!({ "type": "base64", "media_type": "image/png", "data": "iVBORw0=" });
    let pdf = json!({ "type": "base64", "media_type": "application/pdf", "data": "JVBERi0=" });
    let content = json!([
        { "type": "text", "text": "Read", "cache_control": { "type": "ephemeral", "ttl": "1h" } },
        { "type": "image", "source": image },
        { "type": "document", "title": "d", "source": pdf, "citations": { "enabled": true } },
        { "type": "document", "source": { "type": "text", "media_type": "text/plain", "data": "d" } },
        { "type": "search_result", "title": "t", "source": "s", "content": [{ "type": "text", "text": "x" }] },
    ]);
    accepted(json!({
        "system": [{ "type": "text", "text": "Be brief", "cache_control": { "type": "ephemeral" } }],
        "messages": [{ "role": "user", "content": content }],
        "tools": [tool("a"), { "type": "bash_20250124", "name": "bash" }],
        "tool_choice": { "type": "auto", "disable_parallel_tool_use": true },
        "thinking": { "type": "enabled", "budget_tokens": 1024 },
        "metadata": { "user_id": "u" },
        "stop_sequences": ["END"],
        "anthropic_beta": ["interleaved-thinking-2025-05-14"],
    }));
}

#[test]
fn what_is_not_a_json_object_is_malformed() {
    for body in ["", "{", "[]", "\"text\""] {
        let refusal = read(body.as_bytes(), Operation::InvokeModel).expect_err(body);
        assert!(refusal.starts_with("Malformed input request"), "{refusal}");
    }
}

#[test]
fn the_version_is_required_and_is_bedrocks_own() {
    let mut body = plain();
    body.as_object_mut().expect("an object").remove("anthropic_version");
    assert_eq!(refusal(&body), "anthropic_version: Field required");
    refused(json!({ "anthropic_version": "2023-06-01" }), "anthropic_version: Input should be 'bedrock-2023-05-31'");
}

#[test]
fn fields_that_bedrock_has_no_place_for_are_refused_by_name() {
    for field in ["model", "stream", "mcp_servers", "container", "cache_control", "service_tier", "prompt"] {
        refused(json!({ field: "x" }), &format!("{field}: Extra inputs are not permitted"));
    }
    refused(json!({ "metadata": { "trace": "x" } }), "metadata.trace: Extra inputs are not permitted");
}

#[test]
fn max_tokens_is_an_integer_that_the_model_can_reach() {
    refused(json!({ "max_tokens": 0 }), "max_tokens: Input should be greater than or equal to 1");
    refused(json!({ "max_tokens": 64_001 }), "max_tokens: 64001 > 64000");
    refused(json!({ "max_tokens": "9" }), "max_tokens: Input should be a valid integer");
    refused(json!({ "max_tokens": 1.5 }), "max_tokens: Input should be a valid integer");
    accepted(json!({ "max_tokens": 64_000 }));
}

#[test]
fn messages_alternate_from_the_user_on_and_are_not_empty() {
    refused(json!({ "messages": [] }), "messages: at least one message is required");
    refused(json!({ "messages": "Hello" }), "messages: Input should be a valid list");
    refused(json!({ "messages": [{ "role": "user" }] }), "messages.0.content: Field required");
    refused(blocks(json!("")), "messages.0: all messages must have non-empty content");
    refused(blocks(json!([])), "messages.0: all messages must have non-empty content");
    refused(blocks(json!([{ "type": "text", "text": "" }])), "messages: text content blocks must be non-empty");
    refused(
        json!({ "messages": [{ "role": "system", "content": "x" }] }),
        "messages.0.role: Input should be 'user' or 'assistant'",
    );
    refused(json!({ "messages": [{ "role": "assistant", "content": "x" }] }), "messages: first message must use");
    let prefill = json!([{ "role": "user", "content": "x" }, { "role": "assistant", "content": "y " }]);
    refused(json!({ "messages": prefill }), "messages: final assistant content cannot end with trailing whitespace");
}

#[test]
fn blocks_are_of_known_kinds_and_carry_what_they_show() {
    refused(
        blocks(json!([{ "type": "video" }])),
        "messages.0.content.0: Input tag 'video' found using 'type' does not match any of the expected tags: 'text'",
    );
    for source in ["url", "file"] {
        let image = json!([{ "type": "image", "source": { "type": source, "url": "https://example.com" } }]);
        refused(blocks(image), &format!("messages.0.content.0.source: Input tag '{source}'"));
    }
    let source = |media_type: &str, data: &str| {
        blocks(json!([{ "type": "image", "source": { "type": "base64", "media_type": media_type, "data": data } }]))
    };
    refused(source("image/tiff", "AAAA"), "messages.0.content.0.source.media_type: Input should be 'image/jpeg'");
    refused(source("image/png", "not base64"), "messages.0.content.0.source.data: Input should be valid base64");
}

#[test]
fn sampling_stays_in_its_ranges_and_takes_one_way() {
    refused(json!({ "temperature": 1.1 }), "temperature: Input should be less than or equal to 1");
    refused(json!({ "temperature": "hot" }), "temperature: Input should be a valid number");
    refused(json!({ "top_p": -0.1 }), "top_p: Input should be greater than or equal to 0");
    refused(json!({ "top_k": 501 }), "top_k: Input should be less than or equal to 500");
    refused(json!({ "temperature": 1, "top_p": 1 }), "`temperature` and `top_p` cannot both be specified");
    refused(json!({ "stop_sequences": [1] }), "stop_sequences.0: Input should be a valid string");
    accepted(json!({ "temperature": 0, "top_k": 500 }));
}

#[test]
fn thinking_has_a_budget_and_tolerates_little_beside_it() {
    let thinking = json!({ "type": "enabled", "budget_tokens": 1024 });
    let beside = |name: &str, value: Value| json!({ "thinking": thinking, name: value });
    refused(json!({ "thinking": { "type": "enabled" } }), "thinking.budget_tokens: Field required");
    refused(
        json!({ "thinking": { "type": "enabled", "budget_tokens": 1023 } }),
        "thinking.budget_tokens: Input should be greater than or equal to 1024",
    );
    let large = json!({ "type": "enabled", "budget_tokens": 2048 });
    refused(json!({ "thinking": large }), "`max_tokens` must be greater than `thinking.budget_tokens`");
    accepted(json!({ "thinking": large, "anthropic_beta": ["interleaved-thinking-2025-05-14"] }));
    refused(beside("max_tokens", json!(21_334)), "Streaming is required");
    refused(beside("temperature", json!(0.5)), "`temperature` may only be set to 1 when thinking is enabled");
    refused(beside("top_p", json!(0.9)), "`top_p` must be greater than or equal to 0.95");
    refused(beside("top_k", json!(40)), "`top_k` must be unset when thinking is enabled");
    let forced = json!({ "thinking": thinking, "tools": [tool("a")], "tool_choice": { "type": "any" } });
    refused(forced, "Thinking may not be enabled when tool_choice forces tool use");
    refused(json!({ "thinking": { "type": "adaptive" } }), "thinking: Input tag 'adaptive'");
}

#[test]
fn tools_are_the_callers_own() {
    for server in ["web_search_20250305", "web_fetch_20250910", "code_execution_20250825", "mcp_toolset"] {
        refused(json!({ "tools": [{ "type": server, "name": "x" }] }), &format!("tools.0: Input tag '{server}'"));
    }
    refused(json!({ "tools": [{ "name": "a" }] }), "tools.0.input_schema: Field required");
    refused(json!({ "tools": [tool("a b")] }), "tools.0.name: String should match pattern");
    refused(json!({ "tools": [tool("a"), tool("a")] }), "tools: Tool names must be unique");
    refused(json!({ "tool_choice": { "type": "auto" } }), "tool_choice: ");
    refused(json!({ "tools": [tool("a")], "tool_choice": { "type": "tool", "name": "b" } }), "Tool 'b' not found");
}

#[test]
fn every_use_of_a_tool_gets_its_result() {
    let ask = json!({ "role": "user", "content": "x" });
    let used =
        json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": "t1", "name": "a", "input": {} }] });
    let result = |id: &str| json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": id }] });
    accepted(json!({ "messages": [ask, used, result("t1")] }));
    refused(json!({ "messages": [ask, used, result("t2")] }), "messages.2: unexpected `tool_use_id`");
    refused(json!({ "messages": [ask, used, ask] }), "messages.1: `tool_use` ids were found without");
    refused(json!({ "messages": [ask, used] }), "messages.1: `tool_use` ids were found without");
    refused(json!({ "messages": [result("t1")] }), "messages.0: unexpected `tool_use_id`");
    refused(
        json!({ "messages": [ask, used, result("t1"), result("t1")] }),
        "messages.2: each tool_use must have a single",
    );
    refused(json!({ "messages": [ask, used, ask, result("t1")] }), "messages.1: `tool_use` ids were found without");
    accepted(json!({ "messages": [ask, used, result("t1"), ask] }));
}

#[test]
fn the_cache_takes_four_checkpoints_of_its_own_kind() {
    let marked = json!({ "type": "text", "text": "x", "cache_control": { "type": "ephemeral" } });
    accepted(blocks(json!([marked, marked, marked, marked])));
    let five = blocks(json!([marked, marked, marked, marked, marked]));
    refused(five, "A maximum of 4 blocks with cache_control may be provided. Found 5.");
    let scoped = json!({ "type": "ephemeral", "scope": "global" });
    refused(
        json!({ "system": [{ "type": "text", "text": "x", "cache_control": scoped }] }),
        "system.0.cache_control.ephemeral.scope: Extra inputs are not permitted",
    );
}

#[test]
fn structured_output_is_a_schema_and_excludes_citations() {
    let closed = json!({ "type": "object", "additionalProperties": false });
    let config = json!({ "format": { "type": "json_schema", "schema": closed } });
    accepted(json!({ "output_config": config }));
    refused(json!({ "output_config": { "effort": "low" } }), "output_config.effort: Extra inputs are not permitted");
    let source = json!({ "type": "text", "media_type": "text/plain", "data": "d" });
    let cited = json!([{ "type": "document", "source": source, "citations": { "enabled": true } }]);
    let messages = json!([{ "role": "user", "content": cited }]);
    refused(json!({ "messages": messages, "output_config": config }), "output_config: citations cannot be enabled");
    let open = json!({ "format": { "type": "json_schema", "schema": { "type": "object" } } });
    let message =
        "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false";
    refused(json!({ "output_config": open }), message);
}

#[test]
fn the_schema_of_a_strict_tool_is_held_to_the_same_rules() {
    let mut offered = tool("a");
    offered["strict"] = json!(false);
    accepted(json!({ "tools": [offered] }));
    offered["strict"] = json!(true);
    let message = "tools.1.custom: For 'object' type, 'additionalProperties' must be explicitly set to false";
    refused(json!({ "tools": [tool("b"), offered] }), message);
    offered["input_schema"]["additionalProperties"] = json!(false);
    accepted(json!({ "tools": [offered] }));
    offered["strict"] = json!("yes");
    refused(json!({ "tools": [offered] }), "tools.0.strict: Input should be a valid boolean");
}

#[test]
fn a_stream_may_think_beyond_what_a_whole_answer_may() {
    let fields = json!({ "max_tokens": 32_000, "thinking": { "type": "enabled", "budget_tokens": 31_999 } });
    refused(fields.clone(), "Streaming is required when `max_tokens` is greater than 21333");
    let body = with(fields).to_string();
    for operation in [Operation::InvokeModelWithResponseStream, Operation::CountTokens] {
        assert!(read(body.as_bytes(), operation).is_ok(), "{operation:?}");
    }
}

#[test]
fn context_management_cannot_be_counted() {
    let body = with(json!({ "anthropic_beta": ["context-management-2025-06-27"], "context_management": {} }));
    let refusal = read(body.to_string().as_bytes(), Operation::CountTokens).expect_err("a refusal");
    assert_eq!(refusal, "context_management: Extra inputs are not permitted");
}

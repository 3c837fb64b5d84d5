//! What a beta opens stays shut without it, and what Bedrock has no beta for stays shut altogether.

use super::*;

const CONTEXT_MANAGEMENT: &str = "context-management-2025-06-27";
const TOOL_SEARCH: &str = "tool-search-tool-2025-10-19";

/// The same request twice: refused with these words as it is, and accepted with the beta.
#[track_caller]
fn needs(beta: &str, fields: Value, message: &str) {
    refused(fields.clone(), message);
    let mut fields = fields;
    fields["anthropic_beta"] = json!([beta]);
    accepted(fields);
}

fn with_field(field: &str, value: Value) -> Value {
    let mut tool = tool("a");
    tool[field] = value;
    json!({ "tools": [tool] })
}

#[test]
fn a_beta_without_a_source_for_this_model_costs_the_whole_call() {
    for beta in [
        "claude-code-20250219",
        "thinking-token-count-2026-05-13",
        "prompt-caching-scope-2026-01-05",
        "structured-outputs-2025-11-13",
        "advanced-tool-use-2025-11-20",
        "effort-2025-11-24",
        "dev-full-thinking-2025-05-14",
        "computer-use-2025-11-24",
        "context-1m-2025-08-07",
        "extended-cache-ttl-2025-04-11",
        "",
    ] {
        refused(json!({ "anthropic_beta": [CONTEXT_MANAGEMENT, beta] }), "invalid beta flag");
    }
    refused(json!({ "anthropic_beta": CONTEXT_MANAGEMENT }), "anthropic_beta: Input should be a valid list");
    refused(json!({ "anthropic_beta": [1] }), "anthropic_beta.0: Input should be a valid string");
}

#[test]
fn betas_that_bedrock_takes_are_accepted_together() {
    accepted(json!({ "anthropic_beta": [
        "computer-use-2025-01-24",
        CONTEXT_MANAGEMENT,
        "fine-grained-tool-streaming-2025-05-14",
        "interleaved-thinking-2025-05-14",
        "token-efficient-tools-2025-02-19",
        TOOL_SEARCH,
    ] }));
}

#[test]
fn context_management_comes_with_its_beta_and_knows_its_edits() {
    let edits = |edit: Value| json!({ "context_management": { "edits": [edit] } });
    let with_beta = |mut fields: Value| {
        fields["anthropic_beta"] = json!([CONTEXT_MANAGEMENT]);
        fields
    };
    let clear_tools = json!({ "type": "clear_tool_uses_20250919", "keep": { "type": "tool_uses", "value": 3 } });
    needs(CONTEXT_MANAGEMENT, edits(clear_tools), "context_management: Extra inputs are not permitted");
    needs(CONTEXT_MANAGEMENT, json!({ "context_management": {} }), "context_management: Extra inputs");
    refused(with_beta(json!({ "context_management": [] })), "context_management: Input should be an object");
    refused(with_beta(edits(json!({ "type": "compact_20260112" }))), "context_management.edits.0: Input tag 'compact");
    let clear_thinking = edits(json!({ "type": "clear_thinking_20251015", "keep": "all" }));
    refused(with_beta(clear_thinking.clone()), "`clear_thinking_20251015` strategy requires `thinking` to be enabled");
    let mut thinking = with_beta(clear_thinking);
    thinking["thinking"] = json!({ "type": "enabled", "budget_tokens": 1024 });
    accepted(thinking);
}

#[test]
fn tools_that_a_beta_brings_are_unknown_without_it() {
    for (beta, kind) in [
        ("computer-use-2025-01-24", "computer_20250124"),
        (CONTEXT_MANAGEMENT, "memory_20250818"),
        (TOOL_SEARCH, "tool_search_tool_regex_20251119"),
    ] {
        let tools = json!({ "tools": [{ "type": kind, "name": "x" }] });
        needs(beta, tools, &format!("tools.0: Input tag '{kind}' found using 'type' does not match"));
    }
    needs(
        TOOL_SEARCH,
        with_field("defer_loading", json!(true)),
        "tools.0.custom.defer_loading: Extra inputs are not permitted",
    );
}

#[test]
fn fields_of_betas_that_bedrock_does_not_take_are_refused_by_name() {
    for field in ["eager_input_streaming", "input_examples", "allowed_callers"] {
        let message = format!("tools.0.custom.{field}: Extra inputs are not permitted");
        refused(with_field(field, json!(true)), &message);
    }
    for field in ["output_format", "speed", "diagnostics", "fallbacks", "safeguards"] {
        refused(json!({ field: {} }), &format!("{field}: Extra inputs are not permitted"));
    }
    for field in ["effort", "task_budget"] {
        let message = format!("output_config.{field}: Extra inputs are not permitted");
        refused(json!({ "output_config": { field: "low" } }), &message);
    }
    let thinking = json!({ "type": "enabled", "budget_tokens": 1024, "display": "omitted" });
    refused(json!({ "thinking": thinking }), "thinking.enabled.display: Extra inputs are not permitted");
}

#[test]
fn a_checkpoint_has_no_scope_wherever_it_stands() {
    let scoped = json!({ "type": "ephemeral", "scope": "global" });
    let text = json!({ "type": "text", "text": "x", "cache_control": scoped });
    let refused_at = |fields: Value, place: &str| {
        refused(fields, &format!("{place}.cache_control.ephemeral.scope: Extra inputs are not permitted"));
    };
    refused_at(json!({ "system": [text] }), "system.0");
    refused_at(blocks(json!([text])), "messages.0.content.0");
    refused_at(with_field("cache_control", scoped.clone()), "tools.0");
    let asked = json!({ "role": "user", "content": "x" });
    let used = json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": "t", "name": "a", "input": {} }] });
    let result = json!({ "type": "tool_result", "tool_use_id": "t", "content": [text] });
    let messages = json!([asked, used, { "role": "user", "content": [result] }]);
    refused_at(json!({ "messages": messages }), "messages.2.content.0.content.0");
}

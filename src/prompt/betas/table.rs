//! The table of Anthropic's betas: who says that Bedrock takes each for Sonnet 4.5, and which body fields it owns.

/// One beta.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Beta {
    pub(in super::super) name: &'static str,
    /// Where it is said that Bedrock takes it for this model. A beta without a source is dropped with its fields.
    pub(in super::super) source: Option<&'static str>,
    pub(in super::super) fields: &'static [Field],
}

/// A body field that a beta owns, by the name that is shown, and the paths of [`crate::json::without`] at which it stands.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Field {
    pub(in super::super) name: &'static str,
    pub(in super::super) paths: &'static [&'static str],
}

const fn taken(name: &'static str, source: &'static str, fields: &'static [Field]) -> Beta {
    Beta { name, source: Some(source), fields }
}

const fn dropped(name: &'static str, fields: &'static [Field]) -> Beta {
    Beta { name, source: None, fields }
}

const fn field(name: &'static str, paths: &'static [&'static str]) -> Field {
    Field { name, paths }
}

/// AWS: Amazon Bedrock user guide, "Anthropic Claude Messages API", request and response, available beta headers.
const MESSAGES_GUIDE: &str =
    "docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html";

/// AWS: the same guide on tool use, which names the models of each beta.
const TOOLS_GUIDE: &str =
    "docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-tool-use.html";

const CONTEXT_MANAGEMENT: Field = field("context_management", &["context_management"]);
const DEFER_LOADING: Field = field("tools.*.defer_loading", &["tools.*.defer_loading"]);
const TOOL_REFERENCE: Field =
    field("tool_reference", &["messages.*.content.*.content.*:tool_reference", "messages.*.content.*:tool_reference"]);
const ALLOWED_CALLERS: Field = field("tools.*.allowed_callers", &["tools.*.allowed_callers"]);
const INPUT_EXAMPLES: Field = field("tools.*.input_examples", &["tools.*.input_examples"]);
const CALLER: Field = field("caller", &["messages.*.content.*.caller"]);
const EFFORT: Field = field("output_config.effort", &["output_config.effort"]);
const TASK_BUDGET: Field = field("output_config.task_budget", &["output_config.task_budget"]);
const SPEED: Field = field("speed", &["speed"]);
const DIAGNOSTICS: Field = field("diagnostics", &["diagnostics"]);
const FALLBACKS: Field = field("fallbacks", &["fallbacks"]);
const FALLBACK_CREDIT: Field = field("fallback_credit_token", &["fallback_credit_token"]);
const CLEAR_AT: Field = field("messages.*.clear_at", &["messages.*.clear_at"]);
const TURN_CONFIG: Field = field("messages.*.output_config", &["messages.*.output_config"]);
const BLOCK_BINDING: Field = field("thinking.block_binding", &["thinking.block_binding"]);
const THREAD: Field = field("thread", &["thread"]);
const SAFEGUARDS: Field = field("safeguards", &["safeguards"]);
const COMPACTION: Field = field("compaction", &["context_management.edits.*:compact_20260112", "compaction"]);
const SCOPE: Field = field(
    "cache_control.scope",
    &[
        "system.*.cache_control.scope",
        "tools.*.cache_control.scope",
        "messages.*.content.*.cache_control.scope",
        "messages.*.content.*.content.*.cache_control.scope",
    ],
);

/// Every beta that is known here. Another is dropped too, but nothing is known of its fields, and its name is not logged.
pub(in super::super) const BETAS: &[Beta] = &[
    taken("interleaved-thinking-2025-05-14", MESSAGES_GUIDE, &[]),
    taken("context-management-2025-06-27", MESSAGES_GUIDE, &[CONTEXT_MANAGEMENT]),
    taken("fine-grained-tool-streaming-2025-05-14", TOOLS_GUIDE, &[]),
    taken("token-efficient-tools-2025-02-19", MESSAGES_GUIDE, &[]),
    // BerriAI/litellm#36502: the request with claude-sonnet-4-5 through InvokeModel returns 200.
    taken("tool-search-tool-2025-10-19", TOOLS_GUIDE, &[DEFER_LOADING, TOOL_REFERENCE]),
    // BerriAI/litellm sends it to Sonnet 4.5 on Bedrock; AWS pairs it with the tool computer_20250124.
    taken("computer-use-2025-01-24", TOOLS_GUIDE, &[]),
    dropped("adaptive-thinking-2026-01-28", &[]),
    dropped("advanced-tool-use-2025-11-20", &[DEFER_LOADING, TOOL_REFERENCE, ALLOWED_CALLERS, INPUT_EXAMPLES, CALLER]),
    dropped("advisor-tool-2026-03-01", &[]),
    dropped("afk-mode-2026-01-31", &[]),
    dropped("cache-diagnosis-2026-04-07", &[DIAGNOSTICS]),
    dropped("claude-code-20250219", &[]),
    dropped("code-execution-2025-05-22", &[]),
    dropped("code-execution-2025-08-25", &[ALLOWED_CALLERS, CALLER]),
    dropped("claude-code-side-query-2026-09-29", &[]),
    dropped("compact-2026-01-12", &[COMPACTION]),
    dropped("compact-2026-09-04", &[COMPACTION]),
    dropped("computer-use-2024-10-22", &[]),
    dropped("computer-use-2025-11-24", &[]),
    dropped("context-1m-2025-08-07", &[]),
    dropped("context-hint-2026-04-09", &[]),
    dropped("dangerous-tool-use-2026-09-03", &[SAFEGUARDS]),
    // AWS opens this one per account, and refuses it in the others.
    dropped("dev-full-thinking-2025-05-14", &[]),
    dropped("effort-2025-11-24", &[EFFORT]),
    // The lives of five minutes and one hour themselves need no beta on Bedrock.
    dropped("extended-cache-ttl-2025-04-11", &[]),
    dropped("fallback-credit-2026-06-01", &[FALLBACK_CREDIT]),
    dropped("fast-mode-2026-02-01", &[SPEED]),
    dropped("files-api-2025-04-14", &[]),
    dropped("max-tokens-3-5-sonnet-2024-07-15", &[]),
    dropped("mcp-client-2025-04-04", &[]),
    dropped("mcp-client-2025-11-20", &[]),
    dropped("mcp-servers-2025-12-04", &[]),
    dropped("message-batches-2024-09-24", &[]),
    dropped("message-threads-2026-08-12", &[THREAD]),
    dropped("mid-conversation-output-config-2026-07-01", &[TURN_CONFIG]),
    dropped("mid-conversation-system-2026-04-07", &[]),
    dropped("mid-conversation-system-clear-at-2026-08-21", &[CLEAR_AT]),
    dropped("mid-conversation-tool-changes-2026-07-01", &[]),
    dropped("model-context-window-exceeded-2025-08-26", &[]),
    dropped("oauth-2025-04-20", &[]),
    dropped("output-128k-2025-02-19", &[]),
    dropped("output-300k-2026-03-24", &[]),
    dropped("pdfs-2024-09-25", &[]),
    dropped("per-turn-control-2026-07-01", &[TURN_CONFIG]),
    dropped("prompt-caching-2024-07-31", &[]),
    dropped("prompt-caching-evict-2026-05-12", &[]),
    dropped("prompt-caching-scope-2026-01-05", &[SCOPE]),
    dropped("redact-thinking-2026-02-12", &[]),
    dropped("request-tags-2026-08-21", &[]),
    dropped("server-side-fallback-2026-06-01", &[FALLBACKS]),
    dropped("server-side-fallback-2026-07-01", &[FALLBACKS]),
    dropped("skills-2025-10-02", &[]),
    // Structured output itself needs no beta on Bedrock: `output_format` becomes `output_config.format`.
    dropped("structured-outputs-2025-09-17", &[]),
    dropped("structured-outputs-2025-11-13", &[]),
    dropped("structured-outputs-2025-12-15", &[]),
    dropped("task-budgets-2026-03-13", &[TASK_BUDGET]),
    dropped("thinking-binding-controls-2026-08-01", &[BLOCK_BINDING]),
    dropped("thinking-display-updates-2026-08-18", &[]),
    dropped("thinking-token-count-2026-05-13", &[]),
    dropped("token-counting-2024-11-01", &[]),
    dropped("tool-examples-2025-10-29", &[INPUT_EXAMPLES]),
    dropped("web-fetch-2025-09-10", &[]),
    dropped("web-search-2025-03-05", &[]),
];

/// Fields that Anthropic's API takes without a beta and Bedrock does not take for this model at all. Each is a hint that
/// changes no answer's meaning, so it is dropped and said instead of failing the prompt.
pub(in super::super) const HINTS: &[Field] = &[
    field("cache_control", &["cache_control"]),
    field("service_tier", &["service_tier"]),
    field("thinking.display", &["thinking.display"]),
    field("tools.*.eager_input_streaming", &["tools.*.eager_input_streaming"]),
];

/// What Bedrock takes with a prompt, but not when it counts its tokens, says its guide on tool use.
pub(in super::super) const UNCOUNTED: &[Field] = &[CONTEXT_MANAGEMENT];

//! The betas that Bedrock takes for Claude Sonnet 4.5, and what a body may have only with one of them.

use super::field::{Field, Rule};

/// Every beta that a source says Bedrock takes for this model, and no other: a list too long would let a bad header
/// through to users, and one beta that Bedrock does not know costs the whole call.
const BETAS: &[&str] = &[
    COMPUTER_USE,
    CONTEXT_MANAGEMENT,
    FINE_GRAINED_TOOL_STREAMING,
    INTERLEAVED_THINKING,
    TOKEN_EFFICIENT_TOOLS,
    TOOL_SEARCH,
];

/// The tool `computer_20250124` needs it. The Bedrock user guide pairs the two ("Anthropic Claude tool use"), and LiteLLM
/// (`llms/bedrock/chat/converse_transformation.py`) sends this one, and no newer one, for Sonnet 4.5.
pub(super) const COMPUTER_USE: &str = "computer-use-2025-01-24";

/// The field `context_management` and the memory tool need it. Bedrock user guide, "Request and Response": "Compatible
/// with Claude Sonnet 4.5 and Claude Haiku 4.5".
pub(super) const CONTEXT_MANAGEMENT: &str = "context-management-2025-06-27";

/// Bedrock user guide, "Fine-grained tool streaming": "available with Claude Sonnet 4.5, Claude Haiku 4.5, …".
const FINE_GRAINED_TOOL_STREAMING: &str = "fine-grained-tool-streaming-2025-05-14";

/// With it the thinking budget may exceed `max_tokens`, because it spans several answers. Bedrock user guide, "Request and
/// Response": "Compatible with Claude 4+ models"; Anthropic's page on extended thinking names Sonnet 4.5 on Bedrock.
pub(super) const INTERLEAVED_THINKING: &str = "interleaved-thinking-2025-05-14";

/// It changes nothing for this model. Bedrock user guide, "Request and Response": "Compatible with Claude 3.7 Sonnet and
/// Claude 4+".
const TOKEN_EFFICIENT_TOOLS: &str = "token-efficient-tools-2025-02-19";

/// The search tool and deferred tools need it. Bedrock user guide, "Tool search tool"; BerriAI/litellm#36502
/// found that Bedrock takes it for Sonnet 4.5.
pub(super) const TOOL_SEARCH: &str = "tool-search-tool-2025-10-19";

/// The edit that needs thinking.
const CLEAR_THINKING: &str = "clear_thinking_20251015";

/// The betas of one request, each of which Bedrock knows.
#[derive(Debug)]
pub(super) struct Betas<'a>(Vec<&'a str>);

impl<'a> Betas<'a> {
    /// Reads the list, and refuses it whole if Bedrock does not know one of its members.
    pub(super) fn of(body: &Field<'a>) -> Rule<Self> {
        let Some(list) = body.optional("anthropic_beta") else {
            return Ok(Self(Vec::new()));
        };
        let betas = list.list()?.iter().map(Field::string).collect::<Rule<Vec<_>>>()?;
        if betas.iter().all(|beta| BETAS.contains(beta)) {
            Ok(Self(betas))
        } else {
            Err("invalid beta flag".to_owned())
        }
    }

    pub(super) fn has(&self, beta: &str) -> bool {
        self.0.contains(&beta)
    }
}

/// The field that the context management beta brings: a list of edits.
pub(super) fn context_management(body: &Field<'_>) -> Rule {
    let Some(management) = body.optional("context_management") else {
        return Ok(());
    };
    management.only(&["edits"], None)?;
    let edits = management.optional("edits").map(|edits| edits.list()).transpose()?.unwrap_or_default();
    let thinks = body.value["thinking"]["type"] == "enabled";
    for edit in edits {
        if edit.tag(&["clear_tool_uses_20250919", CLEAR_THINKING])? == CLEAR_THINKING && !thinks {
            return Err(format!("`{CLEAR_THINKING}` strategy requires `thinking` to be enabled"));
        }
    }
    Ok(())
}

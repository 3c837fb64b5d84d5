//! How much the model may think, and how much it may say: both draw on one limit.

use super::conversation::Conversation;
use crate::error::Error;
use crate::prompt::Fields;
use serde::Serialize;
use std::borrow::Cow;

/// The efforts, each with the tokens of thinking that it stands for. The least is what the model takes at least; with the
/// default for the answer, all but the last still come whole.
const EFFORTS: [(&str, u32); 6] =
    [("none", 0), ("minimal", 1024), ("low", 2048), ("medium", 8192), ("high", 16_384), ("xhigh", 32_000)];

/// The least budget that the model takes.
const MIN_BUDGET: u32 = 1024;

/// Extended thinking, with a budget in tokens.
#[derive(Serialize)]
pub(super) struct Thinking {
    #[serde(rename = "type")]
    kind: &'static str,
    budget_tokens: u32,
}

/// What the limits come to.
pub(super) struct Reasoning {
    pub(super) max_tokens: Option<u32>,
    pub(super) thinking: Option<Thinking>,
}

/// Reads `reasoning_effort`, `max_completion_tokens` and `max_tokens`.
///
/// Thoughts are signed, and have no place in this dialect, so they do not come back with the results of tools or with words
/// that the model is to go on from, where it would need them. There it goes on without thinking, and the answer says so.
pub(super) fn read(
    fields: &Fields<'_>,
    default_max_tokens: u32,
    conversation: &mut Conversation<'_>,
) -> Result<Reasoning, Error> {
    let limit = limit(fields)?;
    let budget = budget(fields)?;
    if budget == 0 || conversation.goes_on() {
        if budget > 0 {
            conversation.dropped.push("reasoning_effort");
        }
        return Ok(Reasoning { max_tokens: limit, thinking: None });
    }
    // Half of a limit is for the answer, so that the thinking cannot use it up.
    let (budget, max_tokens) = match limit {
        Some(limit) => (budget.min(limit / 2), limit),
        None => (budget, budget.saturating_add(default_max_tokens)),
    };
    if budget < MIN_BUDGET {
        let rule = format!("needs max_completion_tokens of {} or more, half of it for reasoning", 2 * MIN_BUDGET);
        return Err(Error::invalid("reasoning_effort", rule));
    }
    Ok(Reasoning { max_tokens: Some(max_tokens), thinking: Some(Thinking { kind: "enabled", budget_tokens: budget }) })
}

fn limit(fields: &Fields<'_>) -> Result<Option<u32>, Error> {
    let rule = "a whole number of tokens";
    let limits = (fields.typed("max_completion_tokens", rule)?, fields.typed("max_tokens", rule)?);
    match limits {
        (Some(one), Some(other)) if one != other => {
            Err(Error::invalid("max_tokens", "is the old name of max_completion_tokens, and says something else"))
        }
        (one, other) => Ok(one.or(other)),
    }
}

fn budget(fields: &Fields<'_>) -> Result<u32, Error> {
    let Some(effort) = fields.typed::<Cow<'_, str>>("reasoning_effort", "a string")? else {
        return Ok(0);
    };
    let known = EFFORTS.iter().find(|(name, _)| *name == effort);
    let names = EFFORTS.map(|(name, _)| name).join(", ");
    known
        .map(|(_, budget)| *budget)
        .ok_or_else(|| Error::invalid("reasoning_effort", format!("must be one of {names}")))
}

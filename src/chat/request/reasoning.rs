//! How much the model may think, and how much it may say: both draw on one limit.

use super::conversation::Conversation;
use crate::error::Error;
use crate::prompt::{Fields, MAX_WHOLE_TOKENS, MIN_BUDGET};
use crate::settings::MAX_OUTPUT_TOKENS;
use serde::Serialize;
use std::borrow::Cow;

/// The efforts, each with the tokens of thinking that it stands for. The least is what the model takes at least; all but the
/// last leave room for an answer that comes whole.
const EFFORTS: [(&str, u32); 6] =
    [("none", 0), ("minimal", 1024), ("low", 2048), ("medium", 8192), ("high", 16_384), ("xhigh", 32_000)];

const WHOLE_WITH_REASONING: &str = "an answer that comes whole has no more room with reasoning";

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
    let limit = Limit::read(fields)?;
    let budget = budget(fields)?;
    if budget == 0 || conversation.goes_on() {
        conversation.drop_hint(budget > 0, "reasoning_effort");
        return Ok(Reasoning { max_tokens: limit.map(|limit| limit.tokens), thinking: None });
    }
    let streams = fields.typed("stream", "true or false")? == Some(true);
    let most = if streams { MAX_OUTPUT_TOKENS } else { MAX_WHOLE_TOKENS };
    let max_tokens = match limit {
        Some(limit) => limit.within(most)?,
        None => budget.saturating_add(default_max_tokens).min(most),
    };
    // Half of a limit is for the answer, so that the thinking cannot use it up.
    let budget = if limit.is_some() { budget.min(max_tokens / 2) } else { budget };
    if budget < MIN_BUDGET {
        let rule = format!("needs max_completion_tokens of {} or more, half of it for reasoning", 2 * MIN_BUDGET);
        return Err(Error::invalid("reasoning_effort", rule));
    }
    if budget >= max_tokens {
        let rule = format!("{WHOLE_WITH_REASONING}; ask for a stream, for less effort, or set max_completion_tokens");
        return Err(Error::invalid("reasoning_effort", rule));
    }
    Ok(Reasoning { max_tokens: Some(max_tokens), thinking: Some(Thinking { kind: "enabled", budget_tokens: budget }) })
}

/// The most tokens of an answer and its reasoning, by the name under which the caller sent it.
#[derive(Clone, Copy)]
struct Limit {
    name: &'static str,
    tokens: u32,
}

impl Limit {
    fn read(fields: &Fields<'_>) -> Result<Option<Self>, Error> {
        let [newer, older] = ["max_completion_tokens", "max_tokens"].map(|name| Self::of(fields, name));
        match (newer?, older?) {
            (Some(newer), Some(older)) if newer.tokens != older.tokens => Err(Error::invalid(
                older.name,
                "is the old name of max_completion_tokens; send one of the two, or the same in both",
            )),
            (newer, older) => Ok(newer.or(older)),
        }
    }

    fn of(fields: &Fields<'_>, name: &'static str) -> Result<Option<Self>, Error> {
        let rule = format!("a whole number from 1 to {MAX_OUTPUT_TOKENS}");
        match fields.typed(name, &rule)? {
            Some(tokens) if !(1..=MAX_OUTPUT_TOKENS).contains(&tokens) => {
                Err(Error::invalid(name, format!("must be {rule}")))
            }
            tokens => Ok(tokens.map(|tokens| Self { name, tokens })),
        }
    }

    /// The tokens, if the answer may have so many.
    fn within(self, most: u32) -> Result<u32, Error> {
        if self.tokens <= most {
            return Ok(self.tokens);
        }
        Err(Error::invalid(self.name, format!("must be {most} or less: {WHOLE_WITH_REASONING}; ask for a stream")))
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

//! The rules for extended thinking: its budget, and what may not stand beside it.

use super::betas::Betas;
use super::fields::Fields;
use super::rules::Typed;
use crate::error::Error;
use crate::json;
use serde::Deserialize;
use std::borrow::Cow;

/// With extended thinking, more answer tokens than this are given as a stream only.
pub(crate) const MAX_WHOLE_TOKENS: u32 = 21_333;

/// The least budget that extended thinking takes.
pub(crate) const MIN_BUDGET: u32 = 1024;

#[derive(Deserialize)]
struct Thinking<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    budget_tokens: Option<u32>,
}

/// Checks what stands beside thinking, and gives its budget in tokens if it is enabled.
pub(super) fn check(fields: &Fields<'_>) -> Result<Option<u32>, Error> {
    let choice = fields.value("tool_choice").map(|it| json::object_at::<Typed<'_>>(it, "tool_choice")).transpose()?;
    let Some(thinking) = fields.value("thinking") else {
        return Ok(None);
    };
    let thinking: Thinking<'_> = json::object_at(thinking, "thinking")?;
    if thinking.kind != "enabled" {
        return Ok(None);
    }
    if choice.and_then(|it| it.kind).is_some_and(|kind| kind == "any" || kind == "tool") {
        return Err(Error::invalid("tool_choice", "cannot force a tool while thinking is enabled"));
    }
    check_sampling(fields)?;
    let Some(budget) = thinking.budget_tokens.filter(|budget| *budget >= MIN_BUDGET) else {
        let rule = format!("must be a whole number of {MIN_BUDGET} or more");
        return Err(Error::invalid("thinking.budget_tokens", rule));
    };
    Ok(Some(budget))
}

fn check_sampling(fields: &Fields<'_>) -> Result<(), Error> {
    if fields.typed::<f64>("temperature", "a number")?.is_some_and(|it| it < 1.0) {
        return Err(Error::invalid("temperature", "must be 1 or left out while thinking is enabled"));
    }
    if fields.typed::<f64>("top_p", "a number")?.is_some_and(|it| it < 0.95) {
        return Err(Error::invalid("top_p", "must be 0.95 or more, or left out, while thinking is enabled"));
    }
    match fields.value("top_k") {
        Some(_) => Err(Error::invalid("top_k", "must be left out while thinking is enabled")),
        None => Ok(()),
    }
}

/// Checks that an answer has room beside the thinking. Interleaved thinking counts its budget over several turns of
/// tool use, so there it may exceed `max_tokens`.
pub(super) fn check_room(budget: u32, max_tokens: u32, betas: &Betas) -> Result<(), Error> {
    if budget < max_tokens || betas.interleave_thinking() {
        return Ok(());
    }
    Err(Error::invalid("thinking.budget_tokens", format!("must be less than max_tokens, which is {max_tokens}")))
}

/// Checks that an answer with thinking is short enough to come whole.
pub(super) fn check_whole(max_tokens: u32) -> Result<(), Error> {
    if max_tokens <= MAX_WHOLE_TOKENS {
        return Ok(());
    }
    let rule = format!("must be {MAX_WHOLE_TOKENS} or less for a whole answer with thinking; ask for a stream");
    Err(Error::invalid("max_tokens", rule))
}

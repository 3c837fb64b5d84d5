//! The rules for a prompt's top-level fields: types, documented ranges, and what would reach outside Japan.

use super::content::MayBeEmpty;
use super::fields::Fields;
use super::{content, other_model};
use crate::error::Error;
use crate::residency;
use crate::settings::MAX_OUTPUT_TOKENS;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Debug;
use std::ops::RangeInclusive;

/// With extended thinking, more answer tokens than this are given as a stream only.
const MAX_WHOLE_THINKING_TOKENS: u32 = 21_333;

/// The least budget that extended thinking takes.
const MIN_THINKING_TOKENS: u32 = 1024;

/// Fields that would make the model's host fetch, keep or send data elsewhere, or run elsewhere.
const REACHING_OUT: [&str; 3] = ["mcp_servers", "container", "inference_geo"];

/// Guardrail switches of an InvokeModel body all begin so. Guardrails that read Japanese run outside Japan.
const GUARDRAIL_PREFIX: &str = "amazon-bedrock-";

/// Tools that the caller runs, each followed by its date in eight digits. Every other type is refused, because a tool
/// that the model's host runs (web search, web fetch, code execution) sends data from there.
const CALLERS_TOOLS: [&str; 4] = ["bash_", "text_editor_", "computer_", "memory_"];

/// Checks every rule, and gives the answer's `max_tokens`.
pub(super) fn check(fields: &Fields<'_>, default_max_tokens: u32) -> Result<u32, Error> {
    refuse_reaching_out(fields)?;
    check_model(fields)?;
    check_stream(fields)?;
    let max_tokens = in_range(fields, "max_tokens", 1..=MAX_OUTPUT_TOKENS)?.unwrap_or(default_max_tokens);
    check_question(fields)?;
    check_sampling(fields)?;
    check_types(fields)?;
    check_tools(fields)?;
    check_thinking(fields, max_tokens)?;
    Ok(max_tokens)
}

fn refuse_reaching_out(fields: &Fields<'_>) -> Result<(), Error> {
    let reaches_out = |name: &str| REACHING_OUT.contains(&name) || name.starts_with(GUARDRAIL_PREFIX);
    match fields.present().find(|(name, _)| reaches_out(name)) {
        Some((name, _)) => {
            // The caller reads the name that it sent; what is logged is the part of it that is ours.
            let known = REACHING_OUT.into_iter().find(|known| *known == name).unwrap_or(GUARDRAIL_PREFIX);
            Err(Error::invalid(name, "is refused, because data could leave Japan through it").logged_as(known))
        }
        None => Ok(()),
    }
}

fn check_model(fields: &Fields<'_>) -> Result<(), Error> {
    match fields.typed::<Cow<'_, str>>("model", "a string")? {
        Some(name) if !residency::names_the_model(&name) => Err(Error::invalid("model", other_model(&name))),
        Some(_) | None => Ok(()),
    }
}

fn check_stream(fields: &Fields<'_>) -> Result<(), Error> {
    match fields.typed("stream", "true or false")? {
        Some(true) => Err(Error::invalid("stream", "is not yet supported; leave it out or send false")),
        Some(false) | None => Ok(()),
    }
}

fn check_question(fields: &Fields<'_>) -> Result<(), Error> {
    match (fields.value("prompt"), fields.value("messages")) {
        (Some(_), Some(_)) => Err(Error::invalid("prompt", "stands for messages; send one of the two")),
        (None, None) => Err(Error::invalid("messages", "is missing; send messages, or prompt with a string")),
        (Some(_), None) => {
            let prompt: Option<String> = fields.typed("prompt", "a string")?;
            if prompt.is_some_and(|text| text.trim().is_empty()) {
                return Err(Error::invalid("prompt", "must not be empty or blank"));
            }
            Ok(())
        }
        (None, Some(messages)) => content::check_messages(messages),
    }
}

fn check_sampling(fields: &Fields<'_>) -> Result<(), Error> {
    let temperature = in_range(fields, "temperature", 0.0..=1.0)?;
    let top_p = in_range(fields, "top_p", 0.0..=1.0)?;
    in_range(fields, "top_k", 0..=500_u32)?;
    if temperature.is_some() && top_p.is_some() {
        return Err(Error::invalid(
            "temperature",
            "must not be set together with top_p; the model takes only one of them",
        ));
    }
    Ok(())
}

/// A type of number, and whether it has no fractions.
trait Number: PartialOrd + Debug {
    const WHOLE: bool;
}

impl Number for u32 {
    const WHOLE: bool = true;
}

impl Number for f64 {
    const WHOLE: bool = false;
}

/// A number within the documented range, both ends included.
fn in_range<'a, N>(fields: &Fields<'a>, name: &str, range: RangeInclusive<N>) -> Result<Option<N>, Error>
where
    N: Number + Deserialize<'a>,
{
    let whole = if N::WHOLE { "whole " } else { "" };
    let rule = format!("a {whole}number from {:?} to {:?}", range.start(), range.end());
    match fields.typed::<N>(name, &rule)? {
        Some(number) if !range.contains(&number) => Err(Error::invalid(name, format!("must be {rule}"))),
        number => Ok(number),
    }
}

/// The types of the fields whose content passes through.
fn check_types(fields: &Fields<'_>) -> Result<(), Error> {
    let _: Option<Vec<String>> = fields.typed("stop_sequences", "a list of strings")?;
    let _: Option<Vec<String>> = fields.typed("anthropic_beta", "a list of strings")?;
    for name in ["metadata", "output_config", "context_management"] {
        let _: Option<HashMap<String, &RawValue>> = fields.typed(name, "an object")?;
    }
    match fields.value("system") {
        Some(system) => content::check_content(system, "system", MayBeEmpty::Yes),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
struct Typed<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

fn check_tools(fields: &Fields<'_>) -> Result<(), Error> {
    let tools: Vec<&RawValue> = fields.typed("tools", "a list of tools")?.unwrap_or_default();
    for (index, tool) in tools.into_iter().enumerate() {
        let kind = content::object::<Typed<'_>>(tool, &format!("tools.{index}"))?.kind;
        let kind = kind.as_deref().unwrap_or("custom");
        if kind != "custom" && !CALLERS_TOOLS.iter().any(|name| is_dated(kind, name)) {
            let rule =
                "is not a tool that the caller runs; one that the model's host runs could send data outside Japan";
            return Err(Error::invalid(&format!("tools.{index}.type"), rule));
        }
    }
    Ok(())
}

/// Whether `kind` is `name` with a date of eight digits: `bash_code_execution_20250825` is no `bash_` tool.
fn is_dated(kind: &str, name: &str) -> bool {
    kind.strip_prefix(name).is_some_and(|date| date.len() == 8 && date.bytes().all(|digit| digit.is_ascii_digit()))
}

#[derive(Deserialize)]
struct Thinking<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    budget_tokens: Option<u32>,
}

fn check_thinking(fields: &Fields<'_>, max_tokens: u32) -> Result<(), Error> {
    let choice = fields.value("tool_choice").map(|it| content::object::<Typed<'_>>(it, "tool_choice")).transpose()?;
    let Some(thinking) = fields.value("thinking") else {
        return Ok(());
    };
    let thinking: Thinking<'_> = content::object(thinking, "thinking")?;
    if thinking.kind != "enabled" {
        return Ok(());
    }
    let forced = choice.and_then(|it| it.kind).is_some_and(|kind| kind == "any" || kind == "tool");
    if forced {
        return Err(Error::invalid("tool_choice", "cannot force a tool while thinking is enabled"));
    }
    check_thinking_budget(fields, thinking.budget_tokens, max_tokens)?;
    check_thinking_sampling(fields)
}

fn check_thinking_sampling(fields: &Fields<'_>) -> Result<(), Error> {
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

fn check_thinking_budget(fields: &Fields<'_>, budget: Option<u32>, max_tokens: u32) -> Result<(), Error> {
    let invalid = |rule: String| Err(Error::invalid("thinking.budget_tokens", rule));
    let Some(budget) = budget.filter(|budget| *budget >= MIN_THINKING_TOKENS) else {
        return invalid(format!("must be a whole number of {MIN_THINKING_TOKENS} or more"));
    };
    // Interleaved thinking counts its budget over several turns of tool use, so there it may exceed max_tokens.
    let betas: Vec<String> = fields.typed("anthropic_beta", "a list of strings")?.unwrap_or_default();
    let interleaved = betas.iter().any(|beta| beta.starts_with("interleaved-thinking"));
    if budget >= max_tokens && !interleaved {
        return invalid(format!("must be less than max_tokens, which is {max_tokens}"));
    }
    if max_tokens > MAX_WHOLE_THINKING_TOKENS {
        let rule = format!("must be {MAX_WHOLE_THINKING_TOKENS} or less for a whole answer with thinking");
        return Err(Error::invalid("max_tokens", rule));
    }
    Ok(())
}

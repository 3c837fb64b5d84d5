//! The rules for a prompt's top-level fields: types, documented ranges, and what would reach outside Japan.

use super::betas::Betas;
use super::content::MayBeEmpty;
use super::fields::Fields;
use super::{Purpose, Terms, content, other_model, thinking};
use crate::error::Error;
use crate::json;
use crate::residency;
use crate::settings::MAX_OUTPUT_TOKENS;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Debug;
use std::ops::RangeInclusive;

/// Fields that would make the model's host fetch, keep or send data elsewhere, or run elsewhere.
const REACHING_OUT: [&str; 3] = ["mcp_servers", "container", "inference_geo"];

/// Guardrail switches of an InvokeModel body all begin so. Guardrails that read Japanese run outside Japan.
const GUARDRAIL_PREFIX: &str = "amazon-bedrock-";

/// Tools that the caller runs, each followed by its date in eight digits. Every other type is refused, because a tool
/// that the model's host runs (web search, web fetch, code execution) sends data from there.
const CALLERS_TOOLS: [&str; 4] = ["bash_", "text_editor_", "computer_", "memory_"];

/// What the rules found out on their way.
pub(super) struct Checked {
    /// The most tokens that the answer may have.
    pub(super) max_tokens: u32,
    /// Whether the answer is wanted as a stream.
    pub(super) streams: bool,
}

/// The tools of the model's host that look at nothing but the request itself: among its own tools.
const INWARD_TOOLS: [&str; 2] = ["tool_search_tool_regex", "tool_search_tool_regex_20251119"];

/// Checks every rule.
pub(super) fn check(fields: &Fields<'_>, terms: Terms<'_>, betas: &Betas) -> Result<Checked, Error> {
    refuse_reaching_out(fields)?;
    check_model(fields)?;
    let streams = check_stream(fields, terms.purpose)?;
    let max_tokens = in_range(fields, "max_tokens", 1..=MAX_OUTPUT_TOKENS)?;
    check_question(fields)?;
    check_sampling(fields)?;
    check_types(fields)?;
    check_tools(fields)?;
    let budget = thinking::check(fields)?;
    // A prompt that is only counted needs no max_tokens, but Bedrock wants one that leaves room for the thinking.
    let room = budget.filter(|_| terms.purpose == Purpose::Count).map(|budget| budget.saturating_add(1));
    let max_tokens = max_tokens.or(room).unwrap_or(terms.default_max_tokens);
    if let Some(budget) = budget {
        thinking::check_room(budget, max_tokens, betas)?;
        if !streams && terms.purpose != Purpose::Count {
            thinking::check_whole(max_tokens)?;
        }
    }
    Ok(Checked { max_tokens, streams })
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

fn check_stream(fields: &Fields<'_>, purpose: Purpose) -> Result<bool, Error> {
    match (fields.typed("stream", "true or false")?, purpose) {
        (Some(true), Purpose::WholeAnswer) => {
            Err(Error::invalid("stream", "is answered over HTTP only; leave it out or send false"))
        }
        (Some(true), Purpose::Answer) => Ok(true),
        (Some(_) | None, _) => Ok(false),
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
    for name in ["metadata", "output_config", "output_format", "context_management"] {
        let _: Option<HashMap<String, &RawValue>> = fields.typed(name, "an object")?;
    }
    check_formats(fields)?;
    match fields.value("system") {
        Some(system) => content::check_content(system, "system", MayBeEmpty::Yes),
        None => Ok(()),
    }
}

/// Checks that structured output is asked for in one of its two forms.
fn check_formats(fields: &Fields<'_>) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Config<'a> {
        #[serde(borrow)]
        format: Option<&'a RawValue>,
    }
    let config: Option<Config<'_>> = fields.typed("output_config", "an object")?;
    if fields.value("output_format").is_some() && config.is_some_and(|config| config.format.is_some()) {
        return Err(Error::invalid("output_format", "stands for output_config.format; send one of the two"));
    }
    Ok(())
}

/// An object of which only the type is read.
#[derive(Deserialize)]
pub(super) struct Typed<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Cow<'a, str>>,
}

fn check_tools(fields: &Fields<'_>) -> Result<(), Error> {
    let tools: Vec<&RawValue> = fields.typed("tools", "a list of tools")?.unwrap_or_default();
    for (index, tool) in tools.into_iter().enumerate() {
        let kind = json::object_at::<Typed<'_>>(tool, &format!("tools.{index}"))?.kind;
        let kind = kind.as_deref().unwrap_or("custom");
        let is_inward = kind == "custom" || INWARD_TOOLS.contains(&kind);
        if !is_inward && !CALLERS_TOOLS.iter().any(|name| is_dated(kind, name)) {
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

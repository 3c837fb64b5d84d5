//! The tools that the caller offers, and how the model may choose among them.

use super::block::CacheControl;
use super::conversation::Conversation;
use super::schema::Schema;
use crate::error::Error;
use crate::json::{self, Members};
use crate::prompt::Fields;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What a function takes that says nothing of its parameters.
const NO_PARAMETERS: &str = r#"{"type":"object","properties":{}}"#;

/// What is said where the model is only told some of a strict tool's schema, and not held to it.
const CONSTRAINTS: &str = "tools.*.function.parameters: constraints";

/// A tool of the Messages language.
#[derive(Serialize)]
pub(super) struct Tool<'a> {
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
    input_schema: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_control: Option<CacheControl>,
}

/// How the model may choose.
#[derive(Serialize)]
pub(super) struct Choice<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_parallel_tool_use: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Offered<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    function: Option<&'a RawValue>,
    /// What a tool of another type has; its type is refused.
    #[serde(default, rename = "custom")]
    _custom: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Function<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    description: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    parameters: Option<&'a RawValue>,
    #[serde(default)]
    strict: Option<bool>,
}

/// Reads `tools`.
pub(super) fn read<'a>(fields: &Fields<'a>, conversation: &mut Conversation<'_>) -> Result<Vec<Tool<'a>>, Error> {
    let tools: Vec<&'a RawValue> = fields.typed("tools", "a list of tools")?.unwrap_or_default();
    let numbered = tools.into_iter().enumerate();
    numbered.map(|(index, tool)| offered(tool, &format!("tools.{index}"), conversation)).collect()
}

fn offered<'a>(tool: &'a RawValue, path: &str, conversation: &mut Conversation<'_>) -> Result<Tool<'a>, Error> {
    let Offered { kind, function, .. } = json::object_at(tool, path)?;
    if kind != "function" {
        return Err(Error::invalid(&format!("{path}.type"), "must be function"));
    }
    let path = format!("{path}.function");
    let function = function.ok_or_else(|| Error::invalid(&path, "is missing"))?;
    let Function { name, description, parameters, strict } = json::object_at(function, &path)?;
    check_name(&name, &format!("{path}.name"))?;
    let path = format!("{path}.parameters");
    let input_schema = match parameters {
        Some(parameters) => schema(parameters, strict == Some(true), &path)?,
        None => NO_PARAMETERS.to_owned(),
    };
    let mut input_schema = RawValue::from_string(input_schema).map_err(|_| Error::internal())?;
    let strict = strict.filter(|strict| *strict);
    if strict.is_some() {
        let schema = Schema::translate(&input_schema, &path, None)?;
        conversation.drop_hint(schema.is_loosened, CONSTRAINTS);
        input_schema = schema.text;
    }
    Ok(Tool { name, description, input_schema, strict, cache_control: None })
}

/// Checks the name of a tool, for which the model takes few characters.
pub(super) fn check_name(name: &str, path: &str) -> Result<(), Error> {
    if is_plain(name) && name.len() <= 128 {
        return Ok(());
    }
    Err(Error::invalid(path, "must be 1 to 128 letters, digits, underscores and hyphens"))
}

/// Checks the ID of a call, for which it takes as few, but as many of them as come.
pub(super) fn check_id(id: &str, path: &str) -> Result<(), Error> {
    if is_plain(id) { Ok(()) } else { Err(Error::invalid(path, "must be of letters, digits, underscores and hyphens")) }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// The schema of a function's parameters, which the Messages language wants to say that it is one of an object.
fn schema(parameters: &RawValue, is_strict: bool, path: &str) -> Result<String, Error> {
    let Members(members) = json::object_at(parameters, path)?;
    if members.is_empty() {
        return Ok(NO_PARAMETERS.to_owned());
    }
    let text = parameters.get();
    if members.iter().any(|(name, _)| name == "type") {
        return Ok(text.to_owned());
    }
    // Closed, as strict wants it, an object without properties of its own would allow nothing but `{}`.
    if is_strict && !members.iter().any(|(name, _)| name == "properties") {
        return Err(Error::invalid(path, "must be an object with properties, for the function is strict"));
    }
    Ok(format!(r#"{{"type":"object",{}"#, text.get(1..).unwrap_or_default()))
}

/// Reads `tool_choice` and `parallel_tool_calls`.
pub(super) fn choice<'a>(fields: &Fields<'a>, has_tools: bool) -> Result<Option<Choice<'a>>, Error> {
    let parallel: Option<bool> = fields.typed("parallel_tool_calls", "true or false")?;
    let alone = (parallel == Some(false)).then_some(true);
    let choice = chosen(fields)?;
    let Some((kind, name)) = choice.or_else(|| alone.filter(|_| has_tools).map(|_| ("auto", None))) else {
        return Ok(None);
    };
    // Without tools nothing is called, and the Messages language wants no choice.
    if !has_tools && matches!(kind, "auto" | "none") {
        return Ok(None);
    }
    Ok(Some(Choice { kind, name, disable_parallel_tool_use: alone.filter(|_| kind != "none") }))
}

type Chosen<'a> = (&'static str, Option<Cow<'a, str>>);

fn chosen<'a>(fields: &Fields<'a>) -> Result<Option<Chosen<'a>>, Error> {
    let rule = r#"must be none, auto, required, or {"type":"function","function":{"name":…}}"#;
    let Some(choice) = fields.value("tool_choice") else {
        return Ok(None);
    };
    match choice.get() {
        r#""none""# => Ok(Some(("none", None))),
        r#""auto""# => Ok(Some(("auto", None))),
        r#""required""# => Ok(Some(("any", None))),
        _ => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Named<'a> {
                #[serde(borrow)]
                name: Cow<'a, str>,
            }
            let wrong = |_| Error::invalid("tool_choice", rule);
            let Offered { kind, function, .. } = json::object_at(choice, "tool_choice").map_err(wrong)?;
            let named =
                function.filter(|_| kind == "function").map(|it| json::object_at::<Named<'_>>(it, "tool_choice"));
            let named = named.transpose().map_err(wrong)?.ok_or_else(|| Error::invalid("tool_choice", rule))?;
            Ok(Some(("tool", Some(named.name))))
        }
    }
}

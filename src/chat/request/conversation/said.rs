//! One message as Chat Completions has it.

use super::super::block::Block;
use super::super::object;
use super::super::tools::{check_id, check_name};
use super::part::texts;
use crate::error::Error;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Who speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The system, or the developer, as it is called since.
    System,
    User,
    Assistant,
    Tool,
}

/// A message of Chat Completions. What an answer of OpenAI's has besides, and is empty there, may be sent back as it came.
#[derive(Deserialize)]
pub(super) struct Said<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    refusal: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub(super) tool_call_id: Option<Cow<'a, str>>,
    #[serde(default)]
    annotations: Option<Vec<serde::de::IgnoredAny>>,
    #[serde(default)]
    name: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    audio: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    function_call: Option<serde::de::IgnoredAny>,
    /// What OpenAI's SDKs have made of the content; they send it back beside it.
    #[serde(default, rename = "parsed")]
    _parsed: Option<serde::de::IgnoredAny>,
}

/// A call of a tool that the model has asked for.
#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "type", default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    function: &'a RawValue,
    /// Where it stood in a stream: some clients send it back.
    #[serde(default, rename = "index")]
    _index: Option<u32>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: Cow<'a, str>,
    /// What OpenAI's SDKs have made of the arguments.
    #[serde(default, rename = "parsed_arguments")]
    _parsed_arguments: Option<serde::de::IgnoredAny>,
}

impl<'a> Said<'a> {
    /// Whose message it is.
    pub(super) fn role(&self, path: &str) -> Result<Role, Error> {
        match self.role.as_ref() {
            "system" | "developer" => Ok(Role::System),
            "user" => Ok(Role::User),
            "assistant" => Ok(Role::Assistant),
            "tool" => Ok(Role::Tool),
            _ => Err(Error::invalid(&format!("{path}.role"), "must be system, developer, user, assistant or tool")),
        }
    }

    /// Refuses what the role has no place for.
    pub(super) fn refuse_the_rest(&self, role: Role, path: &str) -> Result<(), Error> {
        let is_assistant = role == Role::Assistant;
        let strangers = [
            ("name", self.name.is_some()),
            ("audio", self.audio.is_some()),
            ("function_call", self.function_call.is_some()),
            ("annotations", self.annotations.as_ref().is_some_and(|it| !it.is_empty())),
            ("refusal", self.refusal.is_some() && !is_assistant),
            ("tool_calls", self.tool_calls.as_ref().is_some_and(|it| !it.is_empty()) && !is_assistant),
            ("tool_call_id", self.tool_call_id.is_some() && role != Role::Tool),
        ];
        match strangers.into_iter().find(|(_, is_there)| *is_there) {
            Some((name, _)) => Err(Error::invalid(&format!("{path}.{name}"), "has no counterpart here; leave it out")),
            None => Ok(()),
        }
    }

    /// What the model has said, and which tools it has asked for.
    pub(super) fn of_the_assistant(&self, path: &str) -> Result<Vec<Block<'a>>, Error> {
        let content = format!("{path}.content");
        let mut blocks = self.content.map(|it| texts(it, &content)).transpose()?.unwrap_or_default();
        blocks.extend(self.refusal.clone().and_then(Block::text));
        for (index, call) in self.tool_calls.iter().flatten().enumerate() {
            blocks.push(called(call, &format!("{path}.tool_calls.{index}"))?);
        }
        Ok(blocks)
    }
}

fn called<'a>(call: &'a RawValue, path: &str) -> Result<Block<'a>, Error> {
    let call: Call<'_> = object::read(call, path)?;
    if call.kind.is_some_and(|kind| kind != "function") {
        return Err(Error::invalid(&format!("{path}.type"), "must be function"));
    }
    let Function { name, arguments, .. } = object::read(call.function, &format!("{path}.function"))?;
    // Models that call a tool without arguments write nothing at all.
    let arguments = if arguments.trim().is_empty() { "{}".to_owned() } else { arguments.into_owned() };
    let input = RawValue::from_string(arguments).ok().filter(|input| input.get().trim_start().starts_with('{'));
    let rule = "must be a JSON object in a string";
    let input = input.ok_or_else(|| Error::invalid(&format!("{path}.function.arguments"), rule))?;
    check_id(&call.id, &format!("{path}.id"))?;
    check_name(&name, &format!("{path}.function.name"))?;
    Ok(Block::ToolUse { id: call.id, name, input, cache_control: None })
}

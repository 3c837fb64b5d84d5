//! The conversation: who says what, in turns, with the results of tools in the turn of the user.

mod part;

use super::block::Block;
use crate::error::Error;
use crate::json;
use crate::prompt::Fields;
use part::{Parts, parts, texts};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A conversation in the Messages language.
#[derive(Default)]
pub(super) struct Conversation<'a> {
    /// What the system and the developer say, wherever they said it: the model hears them first.
    pub(super) system: Vec<Block<'a>>,
    pub(super) messages: Vec<Message<'a>>,
    /// The hints that were left out.
    pub(super) dropped: Vec<&'static str>,
}

/// One turn.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    pub(super) content: Vec<Block<'a>>,
}

/// A message of Chat Completions. What an answer of OpenAI's has besides, and is empty there, may be sent back as it came.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    refusal: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    tool_call_id: Option<Cow<'a, str>>,
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
#[serde(deny_unknown_fields)]
struct Call<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "type", default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    function: Function<'a>,
    /// Where it stood in a stream: some clients send it back.
    #[serde(default, rename = "index")]
    _index: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Function<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: Cow<'a, str>,
    /// What OpenAI's SDKs have made of the arguments.
    #[serde(default, rename = "parsed_arguments")]
    _parsed_arguments: Option<serde::de::IgnoredAny>,
}

impl<'a> Conversation<'a> {
    /// Reads `messages`.
    pub(super) fn read(fields: &Fields<'a>) -> Result<Self, Error> {
        let messages: Option<Vec<&'a RawValue>> = fields.typed("messages", "a list of messages")?;
        let messages = messages.ok_or_else(|| Error::invalid("messages", "is missing"))?;
        let mut conversation = Self::default();
        for (index, message) in messages.into_iter().enumerate() {
            conversation.hear(message, &format!("messages.{index}"))?;
        }
        conversation.refuse_ends_that_the_model_does_not_take()?;
        Ok(conversation)
    }

    fn refuse_ends_that_the_model_does_not_take(&self) -> Result<(), Error> {
        let Some((first, last)) = self.messages.first().zip(self.messages.last()) else {
            return Err(Error::invalid("messages", "must have a message of the user's"));
        };
        if first.role != "user" {
            return Err(Error::invalid("messages", "must begin with the user, beside what the system says"));
        }
        match last.content.last() {
            Some(Block::Text { text, .. }) if last.role == "assistant" && text.ends_with(char::is_whitespace) => {
                let rule = "must not end with white space of the assistant's, from which the model cannot go on";
                Err(Error::invalid("messages", rule))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the model goes on from its own words or calls, which it cannot with thinking on but from the thought before them.
    pub(super) fn goes_on(&self) -> bool {
        let calls = |message: &Message<'_>| message.content.iter().any(|block| matches!(block, Block::ToolUse { .. }));
        let mut latest = self.messages.iter().rev();
        match latest.next() {
            Some(last) if last.role == "assistant" => true,
            Some(_) => latest.next().is_some_and(calls),
            None => false,
        }
    }

    fn hear(&mut self, message: &'a RawValue, path: &str) -> Result<(), Error> {
        let said: Said<'_> = json::object_at(message, path)?;
        said.refuse_the_rest(path)?;
        let content = format!("{path}.content");
        match said.role.as_ref() {
            "system" | "developer" => {
                let said = said.content.map(|it| texts(it, &content)).transpose()?.unwrap_or_default();
                self.system.extend(said);
                return Ok(());
            }
            "user" => {
                let Parts { blocks, has_detail } =
                    said.content.map(|it| parts(it, &content)).transpose()?.unwrap_or_default();
                if blocks.is_empty() {
                    return Err(Error::invalid(&content, "must not be empty or blank"));
                }
                self.drop_hint(has_detail, "messages.*.content.*.image_url.detail");
                self.say("user", blocks);
            }
            "assistant" => self.say("assistant", said.of_the_assistant(path)?),
            "tool" => {
                let tool_use_id =
                    said.tool_call_id.ok_or_else(|| Error::invalid(&format!("{path}.tool_call_id"), "is missing"))?;
                let said = said.content.map(|it| texts(it, &content)).transpose()?.unwrap_or_default();
                self.say("user", vec![Block::ToolResult { tool_use_id, content: said, cache_control: None }]);
            }
            _ => {
                let rule = "must be system, developer, user, assistant or tool";
                return Err(Error::invalid(&format!("{path}.role"), rule));
            }
        }
        Ok(())
    }

    /// Adds to the turn of whoever speaks, or begins a new one. Who says nothing has no turn.
    fn say(&mut self, role: &'static str, blocks: Vec<Block<'a>>) {
        match self.messages.last_mut() {
            Some(last) if last.role == role => last.content.extend(blocks),
            Some(_) | None if blocks.is_empty() => {}
            Some(_) | None => self.messages.push(Message { role, content: blocks }),
        }
    }

    fn drop_hint(&mut self, is_there: bool, name: &'static str) {
        if is_there && !self.dropped.contains(&name) {
            self.dropped.push(name);
        }
    }
}

impl<'a> Said<'a> {
    fn refuse_the_rest(&self, path: &str) -> Result<(), Error> {
        let is_assistant = self.role == "assistant";
        let strangers = [
            ("name", self.name.is_some()),
            ("audio", self.audio.is_some()),
            ("function_call", self.function_call.is_some()),
            ("annotations", self.annotations.as_ref().is_some_and(|it| !it.is_empty())),
            ("refusal", self.refusal.is_some() && !is_assistant),
            ("tool_calls", self.tool_calls.as_ref().is_some_and(|it| !it.is_empty()) && !is_assistant),
            ("tool_call_id", self.tool_call_id.is_some() && self.role != "tool"),
        ];
        match strangers.into_iter().find(|(_, is_there)| *is_there) {
            Some((name, _)) => Err(Error::invalid(&format!("{path}.{name}"), "has no counterpart here; leave it out")),
            None => Ok(()),
        }
    }

    /// What the model has said, and which tools it has asked for.
    fn of_the_assistant(&self, path: &str) -> Result<Vec<Block<'a>>, Error> {
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
    let call: Call<'_> = json::object_at(call, path)?;
    if call.kind.is_some_and(|kind| kind != "function") {
        return Err(Error::invalid(&format!("{path}.type"), "must be function"));
    }
    let Function { name, arguments, .. } = call.function;
    // Models that call a tool without arguments write nothing at all.
    let arguments = if arguments.trim().is_empty() { "{}".to_owned() } else { arguments.into_owned() };
    let input = RawValue::from_string(arguments).ok().filter(|input| input.get().trim_start().starts_with('{'));
    let rule = "must be a JSON object in a string";
    let input = input.ok_or_else(|| Error::invalid(&format!("{path}.function.arguments"), rule))?;
    Ok(Block::ToolUse { id: call.id, name, input, cache_control: None })
}

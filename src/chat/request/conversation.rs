//! The conversation: who says what, in turns, with the results of tools in the turn of the user.

mod part;
mod said;

use super::block::Block;
use super::object;
use crate::error::Error;
use crate::prompt::Fields;
use part::{Parts, parts, texts};
use said::{Role, Said};
use serde::Serialize;
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
    /// The calls that have no result yet: nothing else may be said before.
    open_calls: Vec<Cow<'a, str>>,
}

/// One turn.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    pub(super) content: Vec<Block<'a>>,
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
        self.refuse_while_calls_are_open("messages").map_err(|_| {
            Error::invalid(
                "messages",
                "must end with the results of all calls of tools in the assistant's last message",
            )
        })?;
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
        let said: Said<'_> = object::read(message, path)?;
        let role = said.role(path)?;
        said.refuse_the_rest(role, path)?;
        let content = format!("{path}.content");
        match role {
            Role::System => {
                let said = said.content.map(|it| texts(it, &content)).transpose()?.unwrap_or_default();
                self.system.extend(said);
            }
            Role::User => {
                self.refuse_while_calls_are_open(path)?;
                let Parts { blocks, has_detail } =
                    said.content.map(|it| parts(it, &content)).transpose()?.unwrap_or_default();
                if blocks.is_empty() {
                    return Err(Error::invalid(&content, "must not be empty or blank"));
                }
                self.drop_hint(has_detail, "messages.*.content.*.image_url.detail");
                self.say("user", blocks);
            }
            Role::Assistant => {
                self.refuse_while_calls_are_open(path)?;
                let blocks = said.of_the_assistant(path)?;
                self.open_calls.extend(blocks.iter().filter_map(Block::call));
                self.say("assistant", blocks);
            }
            Role::Tool => {
                let tool_use_id = self.close_call(said.tool_call_id, &format!("{path}.tool_call_id"))?;
                let said = said.content.map(|it| texts(it, &content)).transpose()?.unwrap_or_default();
                self.say("user", vec![Block::ToolResult { tool_use_id, content: said, cache_control: None }]);
            }
        }
        Ok(())
    }

    fn refuse_while_calls_are_open(&self, path: &str) -> Result<(), Error> {
        if self.open_calls.is_empty() {
            return Ok(());
        }
        Err(Error::invalid(
            path,
            "must come after the results of all calls of tools in the assistant's message before it",
        ))
    }

    /// The call that a result is of. Each has one result.
    fn close_call(&mut self, id: Option<Cow<'a, str>>, path: &str) -> Result<Cow<'a, str>, Error> {
        let id = id.ok_or_else(|| Error::invalid(path, "is missing"))?;
        let rule = "must be the id of a call in the assistant's message before it that has no result yet";
        let call = self.open_calls.iter().position(|open| *open == id);
        self.open_calls.swap_remove(call.ok_or_else(|| Error::invalid(path, rule))?);
        Ok(id)
    }

    /// Adds to the turn of whoever speaks, or begins a new one. Who says nothing has no turn.
    fn say(&mut self, role: &'static str, blocks: Vec<Block<'a>>) {
        match self.messages.last_mut() {
            Some(last) if last.role == role => last.content.extend(blocks),
            Some(_) | None if blocks.is_empty() => {}
            Some(_) | None => self.messages.push(Message { role, content: blocks }),
        }
    }

    /// Notes what was left out, once.
    pub(super) fn drop_hint(&mut self, is_there: bool, name: &'static str) {
        if is_there && !self.dropped.contains(&name) {
            self.dropped.push(name);
        }
    }
}

//! The rules for messages and their content blocks: their shape, and that nothing in them is fetched from elsewhere.

use crate::error::Error;
use crate::json::object_at as object;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Content in documents in tool results in messages is four deep. The limit keeps the walk linear and its stack small.
const MAX_DEPTH: usize = 8;

/// The sources whose data stand in the request itself. `url` and `file` would be fetched by the model's host.
const INLINE_SOURCES: [&str; 3] = ["base64", "text", "content"];

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    content: &'a RawValue,
}

/// What is read of a block: its kind, and the fields that can hold data or further blocks.
#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// Whether content may say nothing. A user's turn may not; an assistant's last one may, says Anthropic's API.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MayBeEmpty {
    Yes,
    No,
}

fn list<'a>(value: &'a RawValue, path: &str, rule: &str) -> Result<Vec<&'a RawValue>, Error> {
    serde_json::from_str(value.get()).map_err(|_| Error::invalid(path, rule))
}

/// Checks `messages`: a list of at least one, each with a role and content that says something.
pub(super) fn check_messages(messages: &RawValue) -> Result<(), Error> {
    let messages = list(messages, "messages", "must be a list of messages")?;
    if messages.is_empty() {
        return Err(Error::invalid("messages", "must not be empty"));
    }
    for (index, message) in messages.into_iter().enumerate() {
        let path = format!("messages.{index}");
        let message: Message<'_> = object(message, &path)?;
        let may_be_empty = match message.role.as_ref() {
            "user" => MayBeEmpty::No,
            "assistant" => MayBeEmpty::Yes,
            _ => return Err(Error::invalid(&format!("{path}.role"), "must be user or assistant")),
        };
        check_content(message.content, &format!("{path}.content"), may_be_empty)?;
    }
    Ok(())
}

/// Checks content: a string or a list of blocks.
pub(super) fn check_content(content: &RawValue, path: &str, may_be_empty: MayBeEmpty) -> Result<(), Error> {
    let is_string = content.get().starts_with('"');
    let blocks = if is_string { Vec::new() } else { list(content, path, "must be a string or a list of blocks")? };
    let is_empty = if is_string { content.get() == r#""""# } else { blocks.is_empty() };
    if is_empty && may_be_empty == MayBeEmpty::No {
        return Err(Error::invalid(path, "must not be empty"));
    }
    check_blocks(blocks, path, 1)
}

fn check_blocks(blocks: Vec<&RawValue>, path: &str, depth: usize) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::invalid(path, format!("is nested more than {MAX_DEPTH} deep")));
    }
    for (index, block) in blocks.into_iter().enumerate() {
        check_block(block, &format!("{path}.{index}"), depth)?;
    }
    Ok(())
}

fn check_block(block: &RawValue, path: &str, depth: usize) -> Result<(), Error> {
    let block: Block<'_> = object(block, path)?;
    if block.kind == "container_upload" {
        return Err(Error::invalid(&format!("{path}.type"), "names a file that is kept elsewhere"));
    }
    if let Some(source) = block.source.filter(|source| source.get().starts_with('{')) {
        check_source(source, &format!("{path}.source"), depth)?;
    }
    match block.content {
        Some(content) => check_inner(content, &format!("{path}.content"), depth),
        None => Ok(()),
    }
}

/// Checks an image's or document's source; a document's may hold blocks again.
fn check_source(source: &RawValue, path: &str, depth: usize) -> Result<(), Error> {
    let source: Block<'_> = object(source, path)?;
    if !INLINE_SOURCES.contains(&source.kind.as_ref()) {
        let rule = format!("must be one of {}: nothing is fetched from elsewhere", INLINE_SOURCES.join(", "));
        return Err(Error::invalid(&format!("{path}.type"), rule));
    }
    match source.content {
        Some(content) => check_inner(content, &format!("{path}.content"), depth),
        None => Ok(()),
    }
}

/// Checks what a block holds: blocks in a list, one block, or a text, which carries no source.
fn check_inner(content: &RawValue, path: &str, depth: usize) -> Result<(), Error> {
    let blocks = match content.get().as_bytes().first() {
        Some(b'[') => list(content, path, "must be a string or a list of blocks")?,
        Some(b'{') => vec![content],
        _ => return Ok(()),
    };
    check_blocks(blocks, path, depth + 1)
}

//! The rules about content blocks: what a message, a system prompt and a tool's result are made of.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::thought;
use super::field::{Field, Rule};

const BLOCKS: &[&str] =
    &["text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking", "search_result"];

/// What a tool may give back; the model's own kinds of block are not among them.
const RESULT_BLOCKS: &[&str] = &["text", "image", "document", "search_result"];

/// The sources that travel inside the request. `url` and `file` would have the model's host fetch something.
const SOURCES: &[&str] = &["base64", "text", "content"];

const IMAGES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];

/// A system prompt: a string, or blocks of text only.
pub(super) fn system(system: &Field<'_>) -> Rule {
    if system.value.is_string() {
        return Ok(());
    }
    for block in system.list()? {
        block.tag(&["text"])?;
        text(&block, "system")?;
    }
    Ok(())
}

/// The content of a message: a string, or blocks of the kinds that exist.
pub(super) fn message(content: &Field<'_>) -> Rule {
    if content.value.is_string() {
        return Ok(());
    }
    for block in content.list()? {
        check(&block, BLOCKS)?;
    }
    Ok(())
}

fn check(block: &Field<'_>, known: &[&str]) -> Rule {
    match block.tag(known)? {
        "text" => text(block, "messages"),
        "image" => source(block, Some(IMAGES)),
        "document" => source(block, None),
        "tool_use" => {
            block.required("id")?.string()?;
            block.required("name")?.string()?;
            block.required("input")?.object().map(drop)
        }
        "tool_result" => tool_result(block),
        "thinking" => thinking(block),
        "redacted_thinking" => block.required("data")?.string().map(drop),
        _ => {
            block.required("title")?.string()?;
            block.required("source")?.string()?;
            block.required("content")?.list().map(drop)
        }
    }
}

fn text(block: &Field<'_>, part: &str) -> Rule {
    block.only(&["type", "text", "cache_control", "citations"], Some("text"))?;
    if block.required("text")?.string()?.is_empty() {
        return Err(format!("{part}: text content blocks must be non-empty"));
    }
    Ok(())
}

/// A thought of the model's, which comes back as it was, or not at all.
fn thinking(block: &Field<'_>) -> Rule {
    block.only(&["type", "thinking", "signature"], Some("thinking"))?;
    let thought = block.required("thinking")?.string()?;
    let signature = block.required("signature")?.string()?;
    if thought::is_genuine(thought, signature) {
        return Ok(());
    }
    block.refuse("Invalid `signature` in `thinking` block")
}

fn tool_result(block: &Field<'_>) -> Rule {
    block.required("tool_use_id")?.string()?;
    if let Some(is_error) = block.optional("is_error") {
        is_error.boolean()?;
    }
    let Some(content) = block.optional("content") else {
        return Ok(());
    };
    if content.value.is_string() {
        return Ok(());
    }
    content.list()?.iter().try_for_each(|block| check(block, RESULT_BLOCKS))
}

/// An image or a document, of which nothing may have to be fetched from elsewhere.
fn source(block: &Field<'_>, media_types: Option<&[&str]>) -> Rule {
    let source = block.required("source")?;
    match source.tag(SOURCES)? {
        "base64" => {
            let media_type = source.required("media_type")?;
            media_type.one_of(media_types.unwrap_or(&["application/pdf"]))?;
            let data = source.required("data")?;
            match STANDARD.decode(data.string()?) {
                Ok(bytes) if !bytes.is_empty() => Ok(()),
                _ => data.refuse("Input should be valid base64"),
            }
        }
        _ if media_types.is_some() => source.refuse("Input should be a base64 source for an image"),
        "text" => {
            source.required("media_type")?.one_of(&["text/plain"])?;
            source.required("data")?.string().map(drop)
        }
        _ => {
            let content = source.required("content")?;
            if content.value.is_string() { Ok(()) } else { content.list().map(drop) }
        }
    }
}

/// Every block of a body, in the system prompt, in the messages and in the results of tools, but none that is
/// malformed.
pub(super) fn blocks_of<'a>(body: &Field<'a>) -> Vec<Field<'a>> {
    let list = |field: Option<Field<'a>>| field.and_then(|field| field.list().ok()).unwrap_or_default();
    let mut blocks = list(body.optional("system"));
    for message in list(body.optional("messages")) {
        for block in list(message.optional("content")) {
            blocks.extend(list(block.optional("content")));
            blocks.push(block);
        }
    }
    blocks
}

/// Whether the model would weave citations of this document into its answer.
pub(super) fn has_citations_on(block: &Field<'_>) -> bool {
    let enabled = block.optional("citations").and_then(|citations| citations.optional("enabled"));
    enabled.is_some_and(|enabled| enabled.value.as_bool() == Some(true))
}

//! The answers: a message of Claude's shape, which says what it read, and says that it is not Claude.

mod sample;
pub(super) mod tools;

use std::collections::HashSet;

use serde_json::{Value, json};

use super::thought;
use crate::identifiers;

/// The model's name in an answer, which is Anthropic's, not Bedrock's.
pub(super) const MODEL: &str = "claude-sonnet-4-5-20250929";

/// A usual figure for European text; near enough for counts that only have to be plausible.
const CHARACTERS_PER_TOKEN: usize = 4;

/// How much text one delta of a stream carries: two tokens, as the model's own often do.
pub(super) const DELTA_CHARACTERS: usize = 2 * CHARACTERS_PER_TOKEN;

/// How much one delta carries where a test must fill the buffers on the way.
pub(super) const WIDE_DELTA_CHARACTERS: usize = 64 * 1024;

/// How much one delta carries of an answer whose size was asked for: few enough of them for twenty megabytes.
pub(super) const SIZED_DELTA_CHARACTERS: usize = 1024;

/// What the model reads before the first word of a prompt.
const TOKENS_OF_EVERY_PROMPT: usize = 8;

/// Less than this is never written into the prompt cache.
const MIN_CACHED_TOKENS: usize = 1_024;

/// What comes before the use of a tool that the prompt asks for.
const WORDS: &str = "The stand-in needs a tool for this.";

/// An answer and the counts that Bedrock repeats in headers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) message: Value,
    pub(super) input_tokens: usize,
    pub(super) output_tokens: usize,
}

/// What is said, and why it ends there.
struct Speech {
    content: Vec<Value>,
    stop_reason: &'static str,
    stop_sequence: Value,
    characters: usize,
}

/// The text of the last user message; its last block if there are several, for that is where a client puts the prompt.
pub(super) fn last_user_text(body: &Value) -> &str {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let Some(last) = messages.iter().rfind(|message| message["role"] == "user") else {
        return "";
    };
    let content = &last["content"];
    let blocks = content.as_array().map_or(&[][..], Vec::as_slice);
    let text = blocks.iter().rev().find_map(|block| block["text"].as_str());
    content.as_str().or(text).unwrap_or_default()
}

/// Reads the prompt, or what a tool gave, back to its author, in the format that the request wants, or uses a tool if the request
/// insists on one.
pub(super) fn plain(body: &Value, cached: &mut HashSet<String>) -> Answer {
    let prompt = last_user_text(body);
    let forced = matches!(body["tool_choice"]["type"].as_str(), Some("any" | "tool"));
    let speech = if forced {
        use_tools(body, tools::uses(body, prompt, 1), None)
    } else {
        let text = tools::last_result(body).unwrap_or_else(|| prompt.to_owned());
        let read = text.chars().count();
        let echo =
            || format!("This is kokunai's stand-in for Amazon Bedrock, not Claude. It read {read} characters: {text}");
        say(body, tools::structured_output(body, &text).unwrap_or_else(echo))
    };
    finish(body, speech, cached)
}

/// An answer of so many characters, unless `max_tokens` cuts it.
pub(super) fn long(body: &Value, characters: usize, cached: &mut HashSet<String>) -> Answer {
    let text = "国内で問い、国内で答える。".chars().cycle().take(characters).collect();
    finish(body, say(body, text), cached)
}

/// A text of the stand-in's own.
pub(super) fn verbatim(body: &Value, text: &str, cached: &mut HashSet<String>) -> Answer {
    finish(body, say(body, text.to_owned()), cached)
}

/// An answer that the stream cuts into exactly so many deltas of this size, so `max_tokens` must not cut it first.
pub(super) fn in_deltas(body: &Value, deltas: usize, characters: usize, cached: &mut HashSet<String>) -> Answer {
    let length = deltas.saturating_mul(characters);
    let mut text = "streams! ".repeat(length / "streams! ".len() + 1);
    text.truncate(length);
    finish(body, speak(body, text, "end_turn", Value::Null), cached)
}

/// Uses of the request's tools, after a few words.
pub(super) fn with_tools(body: &Value, uses: usize, cached: &mut HashSet<String>) -> Answer {
    let uses = tools::uses(body, last_user_text(body), uses);
    finish(body, use_tools(body, uses, Some(WORDS)), cached)
}

/// One use of a tool as the prompt spells it out, after a few words.
pub(super) fn with_tool(body: &Value, tool: &tools::Use, cached: &mut HashSet<String>) -> Answer {
    finish(body, use_tools(body, vec![tool.block()], Some(WORDS)), cached)
}

/// The model would rather not.
pub(super) fn refusal(body: &Value, cached: &mut HashSet<String>) -> Answer {
    let speech = Speech { content: Vec::new(), stop_reason: "refusal", stop_sequence: Value::Null, characters: 0 };
    finish(body, speech, cached)
}

/// Text, cut where a stop sequence or `max_tokens` would have cut it.
fn say(body: &Value, mut text: String) -> Speech {
    let mut stop_reason = "end_turn";
    let mut stop_sequence = Value::Null;
    let sequences = body["stop_sequences"].as_array().map_or(&[][..], Vec::as_slice);
    let found = sequences.iter().filter_map(|sequence| Some((text.find(sequence.as_str()?)?, sequence)));
    if let Some((at, sequence)) = found.min_by_key(|(at, _)| *at) {
        text.truncate(at);
        (stop_reason, stop_sequence) = ("stop_sequence", sequence.clone());
    }
    let allowed = body["max_tokens"].as_u64().and_then(|tokens| usize::try_from(tokens).ok()).unwrap_or_default();
    if let Some((at, _)) = text.char_indices().nth(allowed.saturating_mul(CHARACTERS_PER_TOKEN)) {
        text.truncate(at);
        (stop_reason, stop_sequence) = ("max_tokens", Value::Null);
    }
    speak(body, text, stop_reason, stop_sequence)
}

/// Text as it stands, behind a thought if the request asks for one.
fn speak(body: &Value, text: String, stop_reason: &'static str, stop_sequence: Value) -> Speech {
    let characters = text.chars().count();
    let text = Value::String(text);
    Speech {
        content: thoughtfully(body, vec![json!({ "type": "text", "text": text })]),
        stop_reason,
        stop_sequence,
        characters,
    }
}

/// Uses of tools behind the words, if there are any, and behind a thought if the request asks for one.
fn use_tools(body: &Value, uses: Vec<Value>, words: Option<&str>) -> Speech {
    let inputs: usize = uses.iter().map(|block| block["input"].to_string().chars().count()).sum();
    let characters = inputs + words.map_or(0, |words| words.chars().count());
    let words = words.map(|words| json!({ "type": "text", "text": words }));
    let content = thoughtfully(body, words.into_iter().chain(uses).collect());
    Speech { content, stop_reason: "tool_use", stop_sequence: Value::Null, characters }
}

/// The content behind a thought about the prompt, if the request asks for one.
fn thoughtfully(body: &Value, mut content: Vec<Value>) -> Vec<Value> {
    if body["thinking"]["type"] == "enabled" {
        content.insert(0, thought::about(last_user_text(body)));
    }
    content
}

fn finish(body: &Value, speech: Speech, cached: &mut HashSet<String>) -> Answer {
    let Speech { content, stop_reason, stop_sequence, characters } = speech;
    let usage = Usage::of(body, cached);
    let output_tokens = characters.div_ceil(CHARACTERS_PER_TOKEN).max(1);
    let message = json!({
        "id": format!("msg_bdrk_{}", identifiers::hex(24)),
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": stop_sequence,
        "usage": {
            "input_tokens": usage.input,
            "cache_creation_input_tokens": usage.cache_write,
            "cache_read_input_tokens": usage.cache_read,
            "output_tokens": output_tokens,
        },
    });
    Answer { message, input_tokens: usage.input, output_tokens }
}

/// How many tokens the model reads of a body, whatever the cache holds.
pub(super) fn input_tokens(body: &Value) -> usize {
    let (input, prefix) = counted(body);
    input + prefix
}

/// The tokens of the messages, and those of the tools and the system prompt, which can be cached.
fn counted(body: &Value) -> (usize, usize) {
    let tokens = |part: &Value| {
        if part.is_null() { 0 } else { part.to_string().chars().count() / CHARACTERS_PER_TOKEN }
    };
    (TOKENS_OF_EVERY_PROMPT + tokens(&body["messages"]), tokens(&body["tools"]) + tokens(&body["system"]))
}

struct Usage {
    input: usize,
    cache_write: usize,
    cache_read: usize,
}

impl Usage {
    /// Counts a body's tokens. With a checkpoint in it, `tools` and `system` are written to the cache the first time,
    /// and read from it when the same ones come again.
    fn of(body: &Value, cached: &mut HashSet<String>) -> Self {
        let (input, prefix) = counted(body);
        let key = format!("{}{}", body["tools"], body["system"]);
        if prefix < MIN_CACHED_TOKENS || !key.contains("\"cache_control\"") {
            return Self { input: input + prefix, cache_write: 0, cache_read: 0 };
        }
        if cached.insert(key) {
            Self { input, cache_write: prefix, cache_read: 0 }
        } else {
            Self { input, cache_write: 0, cache_read: prefix }
        }
    }
}

//! A Messages answer, translated into the completion that says the same.

use crate::residency;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;

/// What a completion says where the model refused: its own words, if it had any, are the content.
pub(super) const REFUSAL: &str = "The model refused to answer.";

/// The fields of a Messages answer that are read.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    content: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    stop_reason: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

/// A block of it. One that cannot be read costs no other: the answer has been paid for.
#[derive(Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
}

/// The tokens of an answer, as a Messages answer and its events count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Usage {
    #[serde(default, deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    output_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    cache_read_input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    cache_creation_input_tokens: Option<u64>,
}

/// A number of tokens, if it is one: a field of a new shape costs no other.
fn count<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    Ok(Value::deserialize(value)?.as_u64())
}

/// The tokens as a completion counts them.
#[derive(Serialize)]
pub(super) struct CompletionUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: u64,
}

#[derive(Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
}

impl Usage {
    /// What `newer` says, and what only `self` does.
    pub(super) fn then(self, newer: Self) -> Self {
        Self {
            input_tokens: newer.input_tokens.or(self.input_tokens),
            output_tokens: newer.output_tokens.or(self.output_tokens),
            cache_read_input_tokens: newer.cache_read_input_tokens.or(self.cache_read_input_tokens),
            cache_creation_input_tokens: newer.cache_creation_input_tokens.or(self.cache_creation_input_tokens),
        }
    }

    /// The same in a completion's words. The tokens of thinking are among those of the answer, and nobody counts them apart:
    /// they are left out where there was any, and zero where there was none.
    pub(super) fn of_completion(self, has_thought: bool) -> CompletionUsage {
        let cached_tokens = self.cache_read_input_tokens.unwrap_or_default();
        let written = self.cache_creation_input_tokens.unwrap_or_default();
        let prompt_tokens = self.input_tokens.unwrap_or_default().saturating_add(cached_tokens).saturating_add(written);
        let completion_tokens = self.output_tokens.unwrap_or_default();
        CompletionUsage {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
            prompt_tokens_details: PromptDetails { cached_tokens },
            completion_tokens_details: (!has_thought).then_some(CompletionDetails { reasoning_tokens: 0 }),
        }
    }
}

/// Why a completion ended.
pub(super) fn finish_reason(stop_reason: Option<&str>) -> &'static str {
    match stop_reason {
        Some("max_tokens" | "model_context_window_exceeded") => "length",
        Some("tool_use") => "tool_calls",
        Some("refusal") => "content_filter",
        // An end, a stop sequence, a pause, and whatever may come.
        Some(_) | None => "stop",
    }
}

/// The ID of a completion, by the ID of the message that it was.
pub(super) fn completion_id(message_id: &str) -> String {
    format!("chatcmpl-{message_id}")
}

/// Translates a Messages answer that came at `created`, in seconds since 1970; `None` if it is not one.
#[must_use]
pub fn completion(body: &str, created: u64) -> Option<String> {
    let message: Message<'_> = serde_json::from_str(body).ok()?;
    let blocks: Vec<Block<'_>> = message.content.iter().filter_map(|it| serde_json::from_str(it.get()).ok()).collect();
    let texts: Vec<&str> =
        blocks.iter().filter(|block| block.kind == "text").filter_map(|block| block.text.as_deref()).collect();
    let calls: Vec<Value> = blocks.iter().filter(|block| block.kind == "tool_use").map(tool_call).collect();
    let has_thought = blocks.iter().any(|block| block.kind.contains("thinking"));
    let stop_reason: Option<Cow<'_, str>> = parsed(message.stop_reason);
    let finish_reason = finish_reason(stop_reason.as_deref());
    let mut said = json!({
        "role": "assistant",
        "content": (!texts.is_empty()).then(|| texts.concat()),
        "refusal": (finish_reason == "content_filter").then_some(REFUSAL),
    });
    if !calls.is_empty() {
        said["tool_calls"] = calls.into();
    }
    let id: Cow<'_, str> = parsed(message.id).unwrap_or_default();
    let usage: Usage = parsed(message.usage).unwrap_or_default();
    let completion = json!({
        "id": completion_id(&id),
        "object": "chat.completion",
        "created": created,
        "model": residency::MODEL_NAME,
        "choices": [{ "index": 0, "message": said, "logprobs": null, "finish_reason": finish_reason }],
        "usage": usage.of_completion(has_thought),
    });
    Some(completion.to_string())
}

fn tool_call(block: &Block<'_>) -> Value {
    let arguments = block.input.map_or("{}", RawValue::get);
    json!({ "id": block.id, "type": "function", "function": { "name": block.name, "arguments": arguments } })
}

/// What a field says, if it can be read: one of a new shape costs itself and nothing else.
pub(super) fn parsed<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(value?.get()).ok()
}

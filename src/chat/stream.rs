//! The events of a streamed Messages answer, translated one by one into the chunks of a completion.

use super::answer::{REFUSAL, Usage, completion_id, finish_reason};
use crate::residency;
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// A comment, which every reader of server-sent events skips: it keeps the stream alive while there is nothing to say.
const COMMENT: &str = ": ping\n\n";

/// What ends a stream that was told to its end.
const DONE: &str = "data: [DONE]\n\n";

/// The chunks of one answer.
#[derive(Debug)]
pub struct Chunks {
    created: u64,
    include_usage: bool,
    id: String,
    usage: Usage,
    /// The calls of tools so far.
    calls: usize,
    /// Whether the call at hand has arguments yet.
    has_arguments: bool,
    has_thought: bool,
    is_calling: bool,
}

/// The fields of an event that are read.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
    #[serde(borrow, default)]
    content_block: Option<Block<'a>>,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    partial_json: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    stop_reason: Option<Cow<'a, str>>,
}

impl Chunks {
    /// Those of an answer that begins at `created`, in seconds since 1970.
    #[must_use]
    pub fn new(created: u64, include_usage: bool) -> Self {
        Self {
            created,
            include_usage,
            id: completion_id(""),
            usage: Usage::default(),
            calls: 0,
            has_arguments: false,
            has_thought: false,
            is_calling: false,
        }
    }

    /// What an event becomes: chunks as they are framed, a comment, or nothing at all. One that cannot be read becomes nothing,
    /// for the answer is being paid for.
    #[must_use]
    pub fn of(&mut self, kind: &str, data: &[u8]) -> String {
        let Ok(event) = serde_json::from_slice::<Event<'_>>(data) else {
            return String::new();
        };
        match kind {
            "message_start" => self.begin(event.message),
            "content_block_start" => event.content_block.map(|block| self.block(&block)).unwrap_or_default(),
            "content_block_delta" => event.delta.map(|delta| self.delta(delta)).unwrap_or_default(),
            "content_block_stop" => self.end_of_block(),
            "message_delta" => self.finish(event.delta.and_then(|it| it.stop_reason).as_deref(), event.usage),
            "message_stop" => self.end(),
            "ping" => COMMENT.to_owned(),
            _ => String::new(),
        }
    }

    /// What keeps the stream alive.
    #[must_use]
    pub fn ping() -> &'static str {
        COMMENT
    }

    fn begin(&mut self, message: Option<Message<'_>>) -> String {
        let message = message.unwrap_or(Message { id: None, usage: None });
        self.id = completion_id(&message.id.unwrap_or_default());
        self.usage = self.usage.then(message.usage.unwrap_or_default());
        self.said(&json!({ "role": "assistant", "content": "" }))
    }

    fn block(&mut self, block: &Block<'_>) -> String {
        match block.kind.as_ref() {
            "text" => self.text(block.text.as_deref().unwrap_or_default()),
            "tool_use" => {
                (self.is_calling, self.has_arguments) = (true, false);
                self.calls += 1;
                let function = json!({ "name": block.name, "arguments": "" });
                self.call(&json!({ "id": block.id, "type": "function", "function": function }))
            }
            kind => {
                self.has_thought |= kind.contains("thinking");
                COMMENT.to_owned()
            }
        }
    }

    fn delta(&mut self, delta: Delta<'_>) -> String {
        match (delta.text, delta.partial_json) {
            (Some(text), _) => self.text(&text),
            (None, Some(part)) if self.is_calling => self.arguments(&part),
            // Thoughts and their signatures are not shown here, but they take their time.
            (None, _) => COMMENT.to_owned(),
        }
    }

    fn text(&self, text: &str) -> String {
        if text.is_empty() { String::new() } else { self.said(&json!({ "content": text })) }
    }

    fn arguments(&mut self, part: &str) -> String {
        if part.is_empty() {
            return String::new();
        }
        self.has_arguments = true;
        self.call(&json!({ "function": { "arguments": part } }))
    }

    /// A call without a word of arguments has none, which is said as an empty object.
    fn end_of_block(&mut self) -> String {
        let is_bare = std::mem::take(&mut self.is_calling) && !self.has_arguments;
        if is_bare { self.arguments("{}") } else { String::new() }
    }

    fn finish(&mut self, stop_reason: Option<&str>, usage: Option<Usage>) -> String {
        self.usage = self.usage.then(usage.unwrap_or_default());
        let reason = finish_reason(stop_reason);
        let delta = if reason == "content_filter" { json!({ "refusal": REFUSAL }) } else { json!({}) };
        self.chunk(&json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": reason }]))
    }

    fn end(&self) -> String {
        let usage = self.usage.of_completion(self.has_thought);
        let told = self.include_usage.then(|| {
            let mut chunk = self.document(&json!([]));
            chunk["usage"] = json!(usage);
            frame(&chunk)
        });
        told.unwrap_or_default() + DONE
    }

    fn call(&self, call: &Value) -> String {
        let mut call = call.clone();
        call["index"] = json!(self.calls.saturating_sub(1));
        self.said(&json!({ "tool_calls": [call] }))
    }

    fn said(&self, delta: &Value) -> String {
        self.chunk(&json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": null }]))
    }

    fn chunk(&self, choices: &Value) -> String {
        frame(&self.document(choices))
    }

    fn document(&self, choices: &Value) -> Value {
        let mut document = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": residency::MODEL_NAME,
            "choices": choices,
        });
        if self.include_usage {
            document["usage"] = Value::Null;
        }
        document
    }
}

fn frame(document: &Value) -> String {
    format!("data: {document}\n\n")
}

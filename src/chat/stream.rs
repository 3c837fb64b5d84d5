//! The events of a streamed Messages answer, translated one by one into the chunks of a completion.

use super::answer::{Block, REFUSAL, Usage, completion_id, finish_reason, parsed};
use crate::residency;
use serde::Deserialize;
use serde_json::value::RawValue;
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
    open: Open,
    has_thought: bool,
    has_finished: bool,
}

/// What is being told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// Nothing, or what has no place here.
    Nothing,
    Text,
    /// A call, and whether it has arguments yet.
    Call {
        has_arguments: bool,
    },
}

/// The fields of an event that are read. One of a new shape costs itself and nothing else: the answer is being paid for.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    content_block: Option<&'a RawValue>,
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

/// A message as it begins.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

/// What the end of a message says of it.
#[derive(Deserialize)]
struct End<'a> {
    #[serde(borrow, default)]
    stop_reason: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    partial_json: Option<Cow<'a, str>>,
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
            open: Open::Nothing,
            has_thought: false,
            has_finished: false,
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
            "message_start" => self.begin(parsed(event.message)),
            "content_block_start" => parsed(event.content_block).map(|block| self.block(&block)).unwrap_or_default(),
            "content_block_delta" => parsed(event.delta).map(|delta| self.delta(delta)).unwrap_or_default(),
            "content_block_stop" => self.end_of_block(),
            "message_delta" => self.finish(parsed(event.delta), event.usage),
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
        self.id = completion_id(&parsed::<Cow<'_, str>>(message.id).unwrap_or_default());
        self.usage = self.usage.then(parsed(message.usage).unwrap_or_default());
        self.said(&json!({ "role": "assistant", "content": "" }))
    }

    fn block(&mut self, block: &Block<'_>) -> String {
        match block.kind.as_ref() {
            "text" => {
                self.open = Open::Text;
                self.text(block.text.as_deref().unwrap_or_default())
            }
            "tool_use" => {
                self.open = Open::Call { has_arguments: false };
                self.calls += 1;
                let function = json!({ "name": block.name, "arguments": "" });
                self.call(&json!({ "id": block.id, "type": "function", "function": function }))
            }
            kind => {
                self.open = Open::Nothing;
                self.has_thought |= kind.contains("thinking");
                COMMENT.to_owned()
            }
        }
    }

    fn delta(&mut self, delta: Delta<'_>) -> String {
        match (self.open, delta.text, delta.partial_json) {
            (Open::Text, Some(text), _) => self.text(&text),
            (Open::Call { .. }, _, Some(part)) => self.arguments(&part),
            // Thoughts and their signatures are not shown here, but they take their time.
            (Open::Text | Open::Call { .. } | Open::Nothing, _, _) => COMMENT.to_owned(),
        }
    }

    fn text(&self, text: &str) -> String {
        if text.is_empty() { String::new() } else { self.said(&json!({ "content": text })) }
    }

    fn arguments(&mut self, part: &str) -> String {
        if part.is_empty() {
            return String::new();
        }
        self.open = Open::Call { has_arguments: true };
        self.call(&json!({ "function": { "arguments": part } }))
    }

    /// A call without a word of arguments has none, which is said as an empty object.
    fn end_of_block(&mut self) -> String {
        let is_bare = self.open == Open::Call { has_arguments: false };
        let rest = if is_bare { self.arguments("{}") } else { String::new() };
        self.open = Open::Nothing;
        rest
    }

    fn finish(&mut self, end: Option<End<'_>>, usage: Option<&RawValue>) -> String {
        self.has_finished = true;
        self.usage = self.usage.then(parsed(usage).unwrap_or_default());
        let stop_reason: Option<Cow<'_, str>> = end.and_then(|end| parsed(end.stop_reason));
        let reason = finish_reason(stop_reason.as_deref());
        let delta = if reason == "content_filter" { json!({ "refusal": REFUSAL }) } else { json!({}) };
        self.chunk(&json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": reason }]))
    }

    /// The end, of which every client is told a reason.
    fn end(&mut self) -> String {
        let reason = if self.has_finished { String::new() } else { self.finish(None, None) };
        let usage = self.usage.of_completion(self.has_thought);
        let told = self.include_usage.then(|| {
            let mut chunk = self.document(&json!([]));
            chunk["usage"] = json!(usage);
            frame(&chunk)
        });
        reason + &told.unwrap_or_default() + DONE
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

//! A whole message, cut into the events in which Anthropic's API would have streamed it, written in the order of its fields.

use std::fmt::Display;

use serde_json::{Value, json};

/// How every delta begins on the wire.
const DELTA: &str = r#"{"type":"content_block_delta","#;

/// Every event of a message in order, as JSON, with so much text in each delta; except the `message_stop` at its end.
pub(super) fn of(message: &Value, delta_characters: usize) -> Vec<String> {
    let mut events = vec![message_start(message)];
    for (index, block) in message["content"].as_array().map_or(&[][..], Vec::as_slice).iter().enumerate() {
        let (start, deltas) = block_parts(block, delta_characters);
        events.push(typed("content_block_start", &[("index", &index), ("content_block", &start)]));
        let delta = |delta| typed("content_block_delta", &[("index", &index), ("delta", &delta)]);
        events.extend(deltas.into_iter().map(delta));
        events.push(typed("content_block_stop", &[("index", &index)]));
    }
    let delta = json!({ "stop_reason": message["stop_reason"], "stop_sequence": message["stop_sequence"] });
    let usage = json!({ "output_tokens": message["usage"]["output_tokens"] });
    events.push(typed("message_delta", &[("delta", &delta), ("usage", &usage)]));
    events
}

/// The event at the end, with Bedrock's own account beside it.
pub(super) fn message_stop(metrics: &Value) -> String {
    typed("message_stop", &[("amazon-bedrock-invocationMetrics", metrics)])
}

/// Whether an event carries a piece of a content block.
pub(super) fn is_delta(event: &str) -> bool {
    event.starts_with(DELTA)
}

/// The message before its first word: it has read everything, and written next to nothing.
fn message_start(message: &Value) -> String {
    let mut start = message.clone();
    start["content"] = json!([]);
    start["stop_reason"] = Value::Null;
    start["stop_sequence"] = Value::Null;
    start["usage"]["output_tokens"] = json!(1);
    typed("message_start", &[("message", &start)])
}

/// A content block as it starts, and the deltas that complete it.
fn block_parts(block: &Value, size: usize) -> (String, Vec<String>) {
    let empty = json!("");
    match block["type"].as_str() {
        Some("thinking") => {
            let start = typed("thinking", &[("thinking", &empty), ("signature", &empty)]);
            let thoughts =
                pieces(&block["thinking"], size).map(|piece| typed("thinking_delta", &[("thinking", &piece)]));
            // A signature comes whole, and after everything that it signs.
            let signature = typed("signature_delta", &[("signature", &block["signature"])]);
            (start, thoughts.chain([signature]).collect())
        }
        Some("tool_use") => {
            let start = typed("tool_use", &[("id", &block["id"]), ("name", &block["name"]), ("input", &"{}")]);
            let input = Value::String(block["input"].to_string());
            // Anthropic's first piece is empty, which a client must not take for the whole input.
            let input = [empty].into_iter().chain(pieces(&input, size));
            (start, input.map(|piece| typed("input_json_delta", &[("partial_json", &piece)])).collect())
        }
        _ => {
            let texts = pieces(&block["text"], size).map(|piece| typed("text_delta", &[("text", &piece)]));
            (typed("text", &[("text", &empty)]), texts.collect())
        }
    }
}

/// A text in pieces of this many characters; they may end anywhere, within a JSON value or an escape too.
fn pieces(text: &Value, size: usize) -> impl Iterator<Item = Value> {
    let mut rest = text.as_str().unwrap_or_default();
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let end = rest.char_indices().nth(size).map_or(rest.len(), |(index, _)| index);
        let (piece, others) = rest.split_at(end);
        pieces.push(Value::from(piece));
        rest = others;
    }
    pieces.into_iter()
}

/// An object of these fields, with its type first as Anthropic has it; serde_json would have sorted them.
fn typed(name: &str, fields: &[(&str, &dyn Display)]) -> String {
    let fields: String = fields.iter().map(|(name, value)| format!(r#","{name}":{value}"#)).collect();
    format!(r#"{{"type":"{name}"{fields}}}"#)
}

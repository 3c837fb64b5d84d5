//! OpenAI's dialect: what it is translated into and from, and what its clients see at the door.

mod answers;
mod door;
mod failures;
mod golden;
mod properties;
mod requests;
mod schemas;

use serde_json::{Value, json};

/// The frames of a stream of chunks: each chunk as the JSON that it is, and every other frame as its text.
fn frames(stream: &str) -> Vec<Value> {
    assert!(stream.ends_with("\n\n"), "every frame is complete: {stream}");
    let frame = |frame: &str| {
        let chunk = frame.strip_prefix("data: ").and_then(|data| serde_json::from_str(data).ok());
        chunk.filter(Value::is_object).unwrap_or_else(|| json!(frame))
    };
    stream.split_terminator("\n\n").map(frame).collect()
}

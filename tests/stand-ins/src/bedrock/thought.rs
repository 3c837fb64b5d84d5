//! Thinking blocks: a thought and its signature, by which the model knows its own thought when it comes back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::aws::hmac;

/// Any constant would do: nobody else can sign, because nobody else tries.
const KEY: &[u8] = b"what a stand-in thinks";

/// A thought about a prompt, which it repeats so that every character of it has to make the way there and back.
pub(super) fn about(prompt: &str) -> Value {
    let thought = format!("A stand-in thinks about this: {prompt}");
    json!({ "type": "thinking", "thinking": thought, "signature": signature(&thought) })
}

/// Whether a thought is still the one that was signed.
pub(super) fn is_genuine(thought: &str, claimed: &str) -> bool {
    signature(thought) == claimed
}

fn signature(thought: &str) -> String {
    STANDARD.encode(hmac(KEY, thought.as_bytes()))
}

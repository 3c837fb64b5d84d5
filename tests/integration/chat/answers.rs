//! Messages answers made up at random, and the same ones as events, cut anywhere.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// An answer, as it comes whole and as it comes in events.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) whole: Value,
    /// The type and the data of each.
    pub(super) events: Vec<(&'static str, Value)>,
}

/// A block, and where its text or its input is cut. A tool that takes nothing may be called without a word.
#[derive(Clone, Debug)]
struct Block {
    value: Value,
    cuts: Vec<Index>,
}

fn input() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from));
    prop::collection::hash_map(".{1,5}", value, 0..4).prop_map(|input| json!(input))
}

fn block() -> impl Strategy<Value = Block> {
    let value = prop_oneof![
        3 => "(?s).{0,40}".prop_map(|text| json!({ "type": "text", "text": text })),
        3 => (input(), "[a-z]{1,8}").prop_map(|(input, id)| json!({ "type": "tool_use", "id": id, "name": "weather", "input": input })),
        1 => ".{1,20}".prop_map(|thought| json!({ "type": "thinking", "thinking": thought, "signature": "c2ln" })),
        1 => Just(json!({ "type": "redacted_thinking", "data": "AAAA" })),
    ];
    (value, prop::collection::vec(any::<Index>(), 0..6)).prop_map(|(value, cuts)| Block { value, cuts })
}

/// An answer in any chunking, with pings and chunks of nothing among them.
pub(super) fn told() -> impl Strategy<Value = Told> {
    let reasons = ["end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "pause_turn", "tired"];
    let cached = prop::option::of((0..5000_u64, 0..5000_u64));
    (prop::collection::vec(block(), 0..5), select(reasons.to_vec()), 1..5000_u64, 1..5000_u64, cached).prop_map(
        |(blocks, reason, read, written, cached)| {
            let mut usage = json!({ "input_tokens": read, "output_tokens": written });
            if let Some((read, written)) = cached {
                usage["cache_read_input_tokens"] = json!(read);
                usage["cache_creation_input_tokens"] = json!(written);
            }
            let content: Vec<_> = blocks.iter().map(|block| block.value.clone()).collect();
            let whole = json!({ "id": "msg_01", "type": "message", "role": "assistant", "content": content, "stop_reason": reason, "usage": usage });
            Told { events: events(&whole, &blocks), whole }
        },
    )
}

fn events(whole: &Value, blocks: &[Block]) -> Vec<(&'static str, Value)> {
    let mut begun = whole.clone();
    (begun["content"], begun["stop_reason"], begun["usage"]["output_tokens"]) = (json!([]), Value::Null, json!(1));
    let mut events = vec![("message_start", json!({ "type": "message_start", "message": begun }))];
    for (index, block) in blocks.iter().enumerate() {
        let (begun, deltas) = block.told();
        events.push(("content_block_start", json!({ "index": index, "content_block": begun })));
        events.push(("ping", json!({ "type": "ping" })));
        events
            .extend(deltas.into_iter().map(|delta| ("content_block_delta", json!({ "index": index, "delta": delta }))));
        events.push(("content_block_stop", json!({ "index": index })));
    }
    let usage = json!({ "output_tokens": whole["usage"]["output_tokens"] });
    events.push(("message_delta", json!({ "delta": { "stop_reason": whole["stop_reason"] }, "usage": usage })));
    events.push(("message_stop", json!({ "type": "message_stop" })));
    events
}

impl Block {
    /// The block as it begins, and its deltas.
    fn told(&self) -> (Value, Vec<Value>) {
        let mut begun = self.value.clone();
        let (field, kind, part) = match self.value["type"].as_str() {
            Some("text") => ("text", "text_delta", "text"),
            Some("tool_use") => ("input", "input_json_delta", "partial_json"),
            Some("thinking") => ("thinking", "thinking_delta", "thinking"),
            _ => return (begun, Vec::new()),
        };
        let value = std::mem::replace(&mut begun[field], if field == "input" { json!({}) } else { json!("") });
        let is_bare = value == json!({}) && self.cuts.is_empty();
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let parts = if is_bare { vec![String::new()] } else { self.cut(&text) };
        (begun, parts.into_iter().map(|text| json!({ "type": kind, part: text })).collect())
    }

    /// The text in its parts, some of which may be empty.
    fn cut(&self, text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        let mut cuts: Vec<usize> = self.cuts.iter().map(|cut| cut.index(characters.len() + 1)).collect();
        cuts.extend([0, characters.len()]);
        cuts.sort_unstable();
        cuts.windows(2).map(|cut| characters[cut[0]..cut[1]].iter().collect()).collect()
    }
}

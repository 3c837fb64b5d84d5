//! Uses of tools, with input that fits their schemas, and answers that fit theirs.

use serde_json::{Value, json};

use super::sample::sample;
use crate::identifiers;

/// A use that the prompt spells out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Use {
    pub(in super::super) name: String,
    pub(in super::super) input: Value,
}

impl Use {
    /// Whether the request lets the model use this very tool.
    pub(in super::super) fn is_offered(&self, body: &Value) -> bool {
        are_offered(body) && offered(body).iter().any(|tool| tool["name"] == self.name)
    }

    pub(super) fn block(&self) -> Value {
        block(&json!(self.name), &self.input)
    }
}

/// Whether a request lets the model use a tool at all.
pub(in super::super) fn are_offered(body: &Value) -> bool {
    !offered(body).is_empty() && body["tool_choice"]["type"] != "none"
}

fn offered(body: &Value) -> &[Value] {
    body["tools"].as_array().map_or(&[], Vec::as_slice)
}

/// So many uses, unless the request wants one at a time: of the tool that `tool_choice` names, or else of each in turn.
pub(super) fn uses(body: &Value, prompt: &str, count: usize) -> Vec<Value> {
    let choice = &body["tool_choice"];
    let tools = offered(body);
    let named = tools.iter().find(|tool| tool["name"] == choice["name"]);
    let tools = named.map_or(tools, std::slice::from_ref);
    let count = if choice["disable_parallel_tool_use"] == true { count.min(1) } else { count };
    let one = |tool: &Value| block(&tool["name"], &sample(&tool["input_schema"], prompt));
    tools.iter().cycle().take(count).map(one).collect()
}

fn block(name: &Value, input: &Value) -> Value {
    let id = format!("toolu_bdrk_{}", identifiers::hex(24));
    json!({ "type": "tool_use", "id": id, "name": name, "input": input })
}

/// What the last message says that a tool gave, if it says so: its words, for the stand-in sees no images.
pub(super) fn last_result(body: &Value) -> Option<String> {
    let blocks = body["messages"].as_array()?.last()?["content"].as_array()?;
    let content = &blocks.iter().rfind(|block| block["type"] == "tool_result")?["content"];
    let texts = content.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(|block| block["text"].as_str());
    Some(content.as_str().map_or_else(|| texts.collect::<Vec<_>>().join("\n"), str::to_owned))
}

/// The smallest answer that fits the request's schema, if it has one.
pub(super) fn structured_output(body: &Value, text: &str) -> Option<String> {
    let format = body["output_config"]["format"].as_object()?;
    Some(sample(&format["schema"], text).to_string())
}

//! A stream put together again, as a client does, to be compared with the whole answer.

use serde_json::{Value, json};

/// Puts a stream together again, as a client does, and without the identifiers that differ from call to call.
pub(super) fn assembled(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut input = String::new();
    for event in events {
        let index = event["index"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or_default();
        let delta = &event["delta"];
        match event["type"].as_str().expect("a type") {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                assert_eq!(message["content"].as_array().map(Vec::len), Some(index));
                message["content"].as_array_mut().expect("content").push(event["content_block"].clone());
                input.clear();
            }
            "content_block_delta" if delta["type"] == "input_json_delta" => {
                input.push_str(delta["partial_json"].as_str().expect("partial JSON"));
                message["content"][index]["input"] = serde_json::from_str(&input).unwrap_or_default();
            }
            "content_block_delta" => {
                let name = delta["type"].as_str().expect("a type").trim_end_matches("_delta");
                let whole = format!(
                    "{}{}",
                    message["content"][index][name].as_str().expect("text"),
                    delta[name].as_str().expect("text")
                );
                message["content"][index][name] = json!(whole);
            }
            "message_delta" => {
                message["stop_reason"] = delta["stop_reason"].clone();
                message["stop_sequence"] = delta["stop_sequence"].clone();
                message["usage"]["output_tokens"] = event["usage"]["output_tokens"].clone();
            }
            "content_block_stop" | "message_stop" => {}
            other => panic!("{other}"),
        }
    }
    anonymous(message)
}

/// A message without the identifiers that differ from call to call.
pub(super) fn anonymous(mut message: Value) -> Value {
    message["id"] = Value::Null;
    for block in message["content"].as_array_mut().expect("content") {
        block.as_object_mut().expect("a block").remove("id");
    }
    message
}

//! What holds for every request, every answer, and every way to cut an answer into events.

use super::answers::{Told, told};
use super::frames;
use super::golden::{asked, terms};
use super::requests::request;
use kokunai::chat::{Chunks, Terms, completion, translate};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// A completion without what its chunks cannot say: that there was no text is an empty one there.
fn whole(completion: &str) -> Value {
    let mut completion: Value = serde_json::from_str(completion).unwrap();
    let message = &mut completion["choices"][0]["message"];
    message["content"] = json!(message["content"].as_str().unwrap_or_default());
    let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
    calls.into_iter().flatten().for_each(read_arguments);
    completion
}

/// Arguments are the same however they are spaced.
fn read_arguments(call: &mut Value) {
    let arguments = &mut call["function"]["arguments"];
    *arguments = serde_json::from_str(arguments.as_str().unwrap()).unwrap();
}

/// Puts the chunks together as OpenAI's SDKs do: texts one behind the other, calls by their index.
fn assembled(stream: &str) -> Value {
    let frames = frames(stream);
    let (done, frames) = frames.split_last().unwrap();
    assert_eq!(done, "data: [DONE]");
    let chunks: Vec<&Value> = frames.iter().filter(|frame| frame.is_object()).collect();
    let (mut content, mut refusal, mut finish_reason) = (String::new(), Value::Null, Value::Null);
    let mut calls: Vec<Value> = Vec::new();
    for choice in chunks.iter().filter_map(|chunk| chunk["choices"].get(0)) {
        let delta = &choice["delta"];
        content += delta["content"].as_str().unwrap_or_default();
        for part in delta["tool_calls"].as_array().into_iter().flatten() {
            add(&mut calls, part);
        }
        if delta["refusal"].is_string() {
            refusal = delta["refusal"].clone();
        }
        if !choice["finish_reason"].is_null() {
            assert!(finish_reason.is_null(), "it ends once");
            finish_reason = choice["finish_reason"].clone();
        }
    }
    calls.iter_mut().for_each(read_arguments);
    let mut message =
        json!({ "role": chunks[0]["choices"][0]["delta"]["role"], "content": content, "refusal": refusal });
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    let last = chunks.last().unwrap();
    json!({
        "id": last["id"],
        "object": "chat.completion",
        "created": last["created"],
        "model": last["model"],
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason }],
        "usage": last["usage"],
    })
}

fn add(calls: &mut Vec<Value>, part: &Value) {
    let index = usize::try_from(part["index"].as_u64().unwrap()).unwrap();
    if index == calls.len() {
        let mut call = part.clone();
        call.as_object_mut().unwrap().remove("index");
        calls.push(call);
        return;
    }
    let arguments = &mut calls[index]["function"]["arguments"];
    *arguments = json!(arguments.as_str().unwrap().to_owned() + part["function"]["arguments"].as_str().unwrap());
}

fn chunks(told: &Told, include_usage: bool) -> String {
    let mut chunks = Chunks::new(7, include_usage);
    told.events.iter().map(|(kind, data)| chunks.of(kind, data.to_string().as_bytes())).collect()
}

/// A document with some bytes of it replaced or taken away.
fn damaged(document: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![select(b"{}[]\",:\\0n".to_vec()).prop_map(Some), any::<u8>().prop_map(Some), Just(None)];
    (document, prop::collection::vec((any::<Index>(), byte), 0..4)).prop_map(|(document, blows)| {
        let mut bytes = document.into_bytes();
        for (place, byte) in blows {
            if bytes.is_empty() {
                break;
            }
            let place = place.index(bytes.len());
            match byte {
                Some(byte) => bytes[place] = byte,
                None => bytes.truncate(place),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn every_valid_request_becomes_one_that_bedrock_takes(
        request in request(), cache in select(vec!["", "cached-5m", "cached-1h"]), default_max_tokens in 1..=64_000_u32,
    ) {
        let asked = asked(&request.to_string(), Terms { default_max_tokens, ..terms(cache) });
        let (body, dropped) = asked.map_err(|error| TestCaseError::fail(format!("{}: {request}", error.message())))?;
        prop_assert_eq!(body["thinking"].is_null() && request["reasoning_effort"].as_str().is_some_and(|it| it != "none"),
            dropped.contains(&"reasoning_effort"), "it thinks, or says that it does not");
    }

    #[test]
    fn chunks_put_together_are_the_completion_of_the_whole(told in told()) {
        let completion = completion(&told.whole.to_string(), 7).unwrap();
        prop_assert_eq!(assembled(&chunks(&told, true)), whole(&completion));
        let bare = chunks(&told, false);
        prop_assert!(frames(&bare).iter().all(|frame| frame.get("usage").is_none()), "nobody asked for it: {}", bare);
    }

    #[test]
    fn no_bytes_make_a_translation_panic(
        request in damaged(request().prop_map(|it| it.to_string())),
        answer in damaged(told().prop_map(|it| it.whole.to_string())),
        noise in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        for bytes in [&request, &noise] {
            let _ = translate(bytes, terms("cached-5m"));
        }
        for bytes in [&answer, &noise] {
            let _ = completion(&String::from_utf8_lossy(bytes), 7);
        }
    }

    #[test]
    fn no_events_make_the_chunks_panic_or_leave_a_frame_open(
        told in told(), order in prop::collection::vec(any::<Index>(), 0..20), noise in damaged(".{0,60}"),
    ) {
        let mut chunks = Chunks::new(7, true);
        for place in order {
            let (kind, data) = &told.events[place.index(told.events.len())];
            for data in [data.to_string().as_bytes(), &noise[..]] {
                let came = chunks.of(kind, data);
                prop_assert!(came.is_empty() || came.ends_with("\n\n"), "{}", came);
            }
        }
    }
}

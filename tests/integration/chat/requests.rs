//! Requests that are valid by OpenAI's own rules and have a counterpart here, made up at random.

use super::schemas::schema;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A pixel and a page, as URLs that carry them.
const IMAGE: &str = "data:image/png;base64,iVBORw0KGgo=";
const FILE: &str = "data:application/pdf;base64,JVBERi0xLjQK";

/// Any text that says something.
fn words() -> impl Strategy<Value = String> {
    "[\\PC\n\"\\\\]{0,20}[a-z東京🗾]"
}

/// A text that may say nothing, as a system prompt or a tool's result may.
fn maybe_words() -> impl Strategy<Value = String> {
    prop_oneof![words(), "[ \n]{0,2}"]
}

/// Content as a string, or as a list of one text part.
fn text_content(text: impl Strategy<Value = String>) -> impl Strategy<Value = Value> {
    (text, any::<bool>()).prop_map(
        |(text, in_parts)| {
            if in_parts { json!([{ "type": "text", "text": text }]) } else { json!(text) }
        },
    )
}

fn user() -> impl Strategy<Value = Value> {
    let part = prop_oneof![
        words().prop_map(|text| json!({ "type": "text", "text": text })),
        select(&["auto", "low", "high"][..])
            .prop_map(|detail| json!({ "type": "image_url", "image_url": { "url": IMAGE, "detail": detail } })),
        words().prop_map(|name| json!({ "type": "file", "file": { "filename": name, "file_data": FILE } })),
    ];
    let parts = prop::collection::vec(part, 1..4).prop_map(Value::Array);
    prop_oneof![text_content(words()), parts].prop_map(|content| json!({ "role": "user", "content": content }))
}

/// What the system says, which may stand anywhere but between a call and its result.
fn system() -> impl Strategy<Value = Value> {
    (select(&["system", "developer"][..]), text_content(maybe_words()))
        .prop_map(|(role, content)| json!({ "role": role, "content": content }))
}

fn assistant() -> impl Strategy<Value = Value> {
    let refusal = prop::option::of(words());
    (text_content(maybe_words()), refusal)
        .prop_map(|(content, refusal)| json!({ "role": "assistant", "content": content, "refusal": refusal }))
}

/// The arguments of a call, as the model may have written them.
fn arguments() -> impl Strategy<Value = String> {
    let object = prop::collection::hash_map("[a-z]{1,5}", words(), 0..3).prop_map(|object| json!(object).to_string());
    prop_oneof![object, Just(String::new())]
}

/// Calls of tools in parallel, each with its result, in any order; the IDs get the number of the exchange later.
fn exchange() -> impl Strategy<Value = Vec<Value>> {
    let calls = prop::collection::vec((arguments(), text_content(maybe_words())), 1..4);
    (prop::option::of(maybe_words()), calls.prop_shuffle()).prop_map(|(said, calls)| {
        let call = |(index, (arguments, _)): (usize, &(String, Value))| {
            json!({ "id": format!("call_{index}"), "type": "function", "function": { "name": "tool_0", "arguments": arguments } })
        };
        let result = |(index, (_, result)): (usize, &(String, Value))| {
            json!({ "role": "tool", "tool_call_id": format!("call_{index}"), "content": result })
        };
        let asked: Vec<_> = calls.iter().enumerate().map(call).collect();
        let asked = json!({ "role": "assistant", "content": said, "tool_calls": asked });
        std::iter::once(asked).chain(calls.iter().enumerate().rev().map(result)).collect()
    })
}

/// A conversation that the user begins. It may end with any side, but not with white space of the assistant's.
fn messages() -> impl Strategy<Value = Vec<Value>> {
    let said = |message: BoxedStrategy<Value>| message.prop_map(|message| vec![message]);
    let turn = prop_oneof![said(user().boxed()), said(system().boxed()), said(assistant().boxed()), exchange(),];
    let beginning = words().prop_map(|text| json!({ "role": "assistant", "content": text }));
    let opening = (prop::option::of(system()), user()).prop_map(|(system, user)| system.into_iter().chain([user]));
    let end = prop_oneof![3 => user().boxed(), 1 => beginning.boxed()].prop_map(|message| vec![message]);
    (opening, prop::collection::vec(turn, 0..5), prop_oneof![2 => end.boxed(), 1 => exchange().boxed()])
        .prop_map(|(opening, turns, end)| opening.chain(turns.into_iter().flatten()).chain(end).collect())
}

fn tools() -> impl Strategy<Value = Vec<Value>> {
    let simple = select(vec![
        Value::Null,
        json!({}),
        json!({ "properties": { "city": { "type": "string" } } }),
        json!({ "type": "object", "properties": { "type": { "enum": ["a", 1] } }, "additionalProperties": false }),
    ]);
    let parameters = prop_oneof![simple, schema()];
    let tool = (prop::option::of(words()), parameters, prop::option::of(any::<bool>()));
    prop::collection::vec(tool, 1..4).prop_map(|tools| {
        let tool = |(index, (description, parameters, strict))| {
            let name = format!("tool_{index}");
            json!({ "type": "function", "function": { "name": name, "description": description, "parameters": parameters, "strict": strict } })
        };
        tools.into_iter().enumerate().map(tool).collect()
    })
}

/// Tools with how to choose among them. Reasoning forbids that one is forced.
fn tool_fields(reasons: bool) -> impl Strategy<Value = Value> {
    let named = json!({ "type": "function", "function": { "name": "tool_0" } });
    let choices = [Value::Null, json!("none"), json!("auto"), json!("required"), named];
    let choices = choices[..if reasons { 3 } else { 5 }].to_vec();
    (tools(), select(choices), prop::option::of(any::<bool>())).prop_map(
        |(tools, choice, parallel)| json!({ "tools": tools, "tool_choice": choice, "parallel_tool_calls": parallel }),
    )
}

/// At most one of both samplings that says something, and none beside reasoning.
fn sampling(reasons: bool) -> impl Strategy<Value = Value> {
    let free = prop_oneof![
        (0.0..=1.0).prop_map(|temperature| json!({ "temperature": temperature })),
        (0.0..=1.0).prop_map(|temperature| json!({ "temperature": temperature, "top_p": 1 })),
        (0.0..=1.0).prop_map(|top_p| json!({ "temperature": 1, "top_p": top_p })),
        Just(json!({})),
    ];
    let at_default = select(vec![json!({ "temperature": 1 }), json!({ "top_p": 1 }), json!({})]);
    if reasons { at_default.boxed() } else { free.boxed() }
}

/// An effort with a limit that has room for it, or without one. What is long comes as a stream.
fn effort() -> impl Strategy<Value = Value> {
    let of = |efforts: &'static [&'static str], most: u32, stream: Value| {
        (select(efforts), prop::option::of(2048..=most)).prop_map(move |(effort, limit)| {
            joined([json!({ "reasoning_effort": effort, "max_completion_tokens": limit }), stream.clone()])
        })
    };
    let streams = json!({ "stream": true, "stream_options": { "include_usage": true } });
    prop_oneof![
        of(&["minimal", "low", "medium", "high", "xhigh"], 64_000, streams),
        of(&["minimal", "low", "medium", "high"], 21_333, json!({})),
    ]
}

fn without_effort() -> impl Strategy<Value = Value> {
    let limit = prop_oneof![
        (1..=64_000_u32).prop_map(|limit| json!({ "max_tokens": limit })),
        (1..=64_000_u32).prop_map(|limit| json!({ "max_completion_tokens": limit, "max_tokens": limit })),
        Just(json!({ "reasoning_effort": "none" })),
    ];
    (limit, prop::option::of(any::<bool>())).prop_map(|(limit, stream)| joined([limit, json!({ "stream": stream })]))
}

fn format() -> impl Strategy<Value = Value> {
    let says = (prop::option::of(any::<bool>()), prop::option::of(maybe_words()));
    let schema = (schema(), says).prop_map(|(schema, (strict, description))| {
        let schema = json!({ "name": "answer", "strict": strict, "description": description, "schema": schema });
        json!({ "type": "json_schema", "json_schema": schema })
    });
    let others = select(vec![Value::Null, json!({ "type": "text" }), json!({ "type": "json_object" })]);
    prop_oneof![schema, others].prop_map(|format| json!({ "response_format": format }))
}

/// Fields that any request may have.
fn common() -> impl Strategy<Value = Value> {
    let stop = prop_oneof![
        prop::option::of(words()).prop_map(|stop| json!(stop)),
        prop::collection::vec(words(), 1..5).prop_map(|stop| json!(stop)),
    ];
    let names = (prop::option::of(words()), prop::option::of(words()), prop::option::of(words()));
    (stop, names, any::<bool>()).prop_map(|(stop, (user, safety_identifier, cache_key), says_defaults)| {
        let defaults = json!({ "n": 1, "logprobs": false, "store": false, "seed": null, "modalities": ["text"] });
        let fields = json!({ "model": "claude-sonnet-4-5", "stop": stop, "user": user });
        let names = json!({ "safety_identifier": safety_identifier, "prompt_cache_key": cache_key });
        joined([fields, names, if says_defaults { defaults } else { json!({}) }])
    })
}

fn joined(objects: impl IntoIterator<Item = Value>) -> Value {
    let fields = objects.into_iter().filter_map(|object| object.as_object().cloned());
    Value::Object(fields.flatten().collect::<Map<_, _>>())
}

/// A whole request.
pub(super) fn request() -> impl Strategy<Value = Value> {
    any::<bool>().prop_flat_map(|reasons| {
        let limits = if reasons { effort().boxed() } else { without_effort().boxed() };
        let messages = messages().prop_map(|messages| json!({ "messages": messages }));
        (common(), messages, tool_fields(reasons), sampling(reasons), limits, format()).prop_map(
            |(common, messages, tools, sampling, limits, format)| {
                joined([common, messages, tools, sampling, limits, format])
            },
        )
    })
}

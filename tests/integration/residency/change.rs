//! Changes of an event in any of its places, the prompt within it included.

use proptest::sample::Index;
use serde_json::{Map, Value, json};

/// A change of an event.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// A field more, or another value of it, in any object: of the event, or of the prompt within it.
    Field(Index, String, Value),
    /// Another text for any that is there.
    Text(Index, String),
    /// A field more in the prompt itself.
    Prompt(Index, String, Value),
    /// A header, or an attribute of a message.
    Header(Index, String, String),
}

/// The fields that hold headers, attributes and parameters.
const HEADERS: [&str; 7] = [
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "pathParameters",
    "stageVariables",
    "attributes",
    "messageAttributes",
];

/// The key under which a body stands that is JSON itself, while an event is changed.
const OPENED: &str = "\u{1}opened";

/// Makes changes one after another.
pub(super) fn changed(event: Value, changes: Vec<Change>) -> Value {
    let mut event = opened(event);
    for change in changes {
        apply(&mut event, change);
    }
    closed(event)
}

fn apply(event: &mut Value, change: Change) {
    let is_prompt = |path: &str, value: &Value| {
        path.ends_with(OPENED)
            || (path.is_empty() && (value.get("prompt").is_some() || value.get("messages").is_some()))
    };
    let is_header =
        |path: &str, value: &Value| value.is_object() && HEADERS.iter().any(|name| path.ends_with(&format!("/{name}")));
    match change {
        Change::Text(at, text) => at_one_of(event, at, &|_, value| value.is_string(), |_, value| *value = json!(text)),
        Change::Field(at, name, new) => {
            at_one_of(event, at, &|_, value| value.is_object(), |_, value| value[name] = new)
        }
        Change::Prompt(at, name, new) => at_one_of(event, at, &is_prompt, |_, value| value[name] = new),
        Change::Header(at, name, text) => at_one_of(event, at, &is_header, |path, value| {
            value[name] = match path.rsplit('/').next() {
                Some("multiValueHeaders") => json!([text]),
                Some("messageAttributes") => json!({ "stringValue": text, "dataType": "String" }),
                _ => json!(text),
            };
        }),
    }
}

/// Changes one of the places that are wanted, if there is any.
fn at_one_of(
    event: &mut Value,
    at: Index,
    wanted: &dyn Fn(&str, &Value) -> bool,
    change: impl FnOnce(&str, &mut Value),
) {
    let mut paths = Vec::new();
    collect(event, String::new(), wanted, &mut paths);
    if !paths.is_empty() {
        let path = at.get(&paths);
        change(path, event.pointer_mut(path).unwrap());
    }
}

fn collect(value: &Value, path: String, wanted: &dyn Fn(&str, &Value) -> bool, paths: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    if let Some(fields) = value.as_object() {
        fields.iter().for_each(|(name, inner)| collect(inner, format!("{path}/{}", escaped(name)), wanted, paths));
    } else if let Some(items) = value.as_array() {
        items.iter().enumerate().for_each(|(index, inner)| collect(inner, format!("{path}/{index}"), wanted, paths));
    }
    if wanted(&path, value) {
        paths.push(path);
    }
}

/// Takes the bodies of an event apart that are objects of JSON.
fn opened(value: Value) -> Value {
    each(value, &|name, inner| {
        let text = inner.as_str().filter(|_| name == "body");
        let body = text.and_then(|text| serde_json::from_str::<Value>(text).ok()).filter(Value::is_object);
        body.map_or_else(|| opened(inner), |body| json!({ OPENED: body }))
    })
}

/// Puts them together again.
fn closed(value: Value) -> Value {
    each(value, &|_, inner| match inner.get(OPENED) {
        Some(body) => Value::String(body.to_string()),
        None => closed(inner),
    })
}

fn each(value: Value, of: &dyn Fn(&str, Value) -> Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().map(|(name, inner)| (name.clone(), of(&name, inner))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(|inner| of("", inner)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[test]
fn a_change_reaches_the_prompt_within_an_event() {
    let event: Value = serde_json::from_str(&crate::stage::event("sqs-one")).unwrap();
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut index = || any::<Index>().new_tree(&mut runner).unwrap().current();
    let changes = vec![
        Change::Prompt(index(), "model".to_owned(), json!("x")),
        Change::Header(index(), "Host".to_owned(), "trap.invalid".to_owned()),
    ];
    let changed = changed(event, changes);
    let body: Value = serde_json::from_str(changed["Records"][0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["model"], "x");
    assert!(changed.to_string().contains(r#""Host":"trap.invalid""#));
}

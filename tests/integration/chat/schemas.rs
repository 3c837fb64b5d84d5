//! Schemas of all the keywords that JSON Schema has, made up at random: none is recursive, open, or refers elsewhere.

#![expect(clippy::needless_pass_by_value, reason = "a strategy reads best with its json! in place")]

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// Names as callers may choose them, some of which are keywords too.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_]{1,6}",
        "[\\PC\"\\\\~/.]{0,4}",
        select(vec!["$ref", "type", "oneOf", "$defs"]).prop_map(str::to_owned)
    ]
}

/// Some of these keywords, in any order.
fn some_of(keywords: Value) -> impl Strategy<Value = Value> {
    let keywords: Vec<(String, Value)> = keywords.as_object().unwrap().clone().into_iter().collect();
    let count = keywords.len();
    subsequence(keywords, 0..=count).prop_shuffle().prop_map(|some| some.into_iter().collect())
}

/// What may stand in any schema: notes, and constraints that Bedrock does not know.
fn anywhere() -> impl Strategy<Value = Value> {
    some_of(json!({
        "$comment": "c", "title": "t", "description": "d\n\"e\"", "default": null, "examples": [1, { "a": [] }],
        "deprecated": true, "readOnly": false, "x-order": 1.50, "not": { "type": "array" }, "if": true, "then": {}, "else": false,
        "nullable": true, "discriminator": { "propertyName": "kind" }, "$anchor": "here", "enum": null,
    }))
}

fn with(schema: Value, more: [&Value; 2]) -> Value {
    let objects = more.into_iter().chain([&schema]).flat_map(|it| it.as_object().unwrap().clone());
    Value::Object(objects.collect::<Map<_, _>>())
}

/// A schema that holds no other.
fn leaf() -> impl Strategy<Value = Value> {
    let types = select(vec![json!("string"), json!(["string", "null"]), json!(["integer", "array", "string"])]);
    let formats = select(vec!["date-time", "uuid", "ipv6", "phone", "regex"]);
    let text = (types, formats).prop_map(|(kind, format)| json!({ "type": kind, "format": format }));
    let plain = select(vec![
        json!({ "type": "string" }),
        json!({ "type": "integer" }),
        json!({ "type": "number" }),
        json!({ "type": ["boolean"] }),
        json!({ "type": "null" }),
        json!({ "enum": ["a", 1, 1.5, true, null] }),
        json!({ "type": "object", "enum": [{ "a": 1 }] }),
        json!({ "const": "a" }),
        json!({ "type": "string", "const": "a" }),
        json!({ "$ref": "#/$defs/a" }),
        json!({ "$ref": "#/definitions/b~1~0c" }),
    ]);
    let constraints = some_of(json!({
        "minLength": 1, "maxLength": 9, "pattern": "^\\d+$", "contentEncoding": "base64", "minimum": -1, "maximum": 1e3,
        "exclusiveMinimum": -1.5, "exclusiveMaximum": 99_999_999_999_999_999_u64, "multipleOf": 0.01,
    }));
    (prop_oneof![text, plain], constraints, anywhere())
        .prop_map(|(schema, constraints, more)| with(schema, [&constraints, &more]))
}

fn list(item: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let constraints = some_of(json!({
        "maxItems": 9, "uniqueItems": true, "contains": { "const": 1 }, "minContains": 1, "prefixItems": [true, {}],
        "unevaluatedItems": false, "type": "array",
    }));
    (item, 0..4, constraints, anywhere()).prop_map(|(item, least, constraints, more)| {
        with(json!({ "items": item, "minItems": least }), [&constraints, &more])
    })
}

fn object(property: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let constraints = some_of(json!({
        "minProperties": 1, "maxProperties": 9, "patternProperties": { "^x": {} }, "propertyNames": { "maxLength": 9 },
        "dependentRequired": { "a": ["b"] }, "dependentSchemas": {}, "unevaluatedProperties": true, "type": "object",
        "additionalProperties": false, "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:a",
    }));
    let properties = prop::collection::vec((name(), property, any::<bool>()), 0..4);
    (properties, constraints, anywhere()).prop_map(|(properties, constraints, more)| {
        let required = properties.iter().filter(|(_, _, is_required)| *is_required).map(|(name, _, _)| json!(name));
        let required: Value = required.collect();
        let properties: Map<_, _> = properties.into_iter().map(|(name, schema, _)| (name, schema)).collect();
        with(json!({ "properties": properties, "required": required }), [&constraints, &more])
    })
}

/// A choice. Only objects are joined, because Bedrock joins no references.
fn choice(branch: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let branches = prop::collection::vec(branch.clone(), 1..4);
    let one = (select(vec!["anyOf", "oneOf"]), branches).prop_map(|(keyword, branches)| json!({ keyword: branches }));
    let joined = prop::collection::vec(object(branch.clone()), 1..3).prop_map(|branches| json!({ "allOf": branches }));
    let alone = branch.prop_map(|branch| json!({ "allOf": [branch], "oneOf": [{ "type": "null" }] }));
    (prop_oneof![2 => one, 1 => joined, 1 => alone], anywhere())
        .prop_map(|(choice, more)| with(choice, [&more, &json!({})]))
}

/// A whole schema: an object's, with the definitions that others in it refer to.
pub(super) fn schema() -> impl Strategy<Value = Value> {
    let inner =
        leaf().prop_recursive(3, 12, 3, |inner| prop_oneof![list(inner.clone()), object(inner.clone()), choice(inner)]);
    let closed = object(Just(json!({ "type": ["number", "null"] })));
    (object(inner), object(Just(json!({ "$ref": "#/$defs/a" }))), closed).prop_map(|(schema, one, other)| {
        let definitions = json!({ "definitions": { "b/~c": one }, "$defs": { "a": other, "unused": { "const": {} } } });
        with(schema, [&definitions, &json!({})])
    })
}

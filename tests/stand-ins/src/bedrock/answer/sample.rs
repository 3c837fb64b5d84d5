//! The smallest value that a schema allows.

use serde_json::{Map, Value, json};

use super::super::rules::resolve;

/// What strings of a format look like.
const FORMATS: &[(&str, &str)] = &[
    ("date-time", "2026-11-23T09:00:00Z"),
    ("time", "09:00:00Z"),
    ("date", "2026-11-23"),
    ("duration", "PT1H"),
    ("email", "kokunai@example.com"),
    ("hostname", "example.com"),
    ("uri", "https://example.com/"),
    ("ipv4", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("uuid", "123e4567-e89b-42d3-a456-426614174000"),
];

/// The smallest value that fits a schema, with the prompt wherever there is room for words.
pub(super) fn sample(schema: &Value, prompt: &str) -> Value {
    Sampler { root: schema, prompt }.fit(schema)
}

struct Sampler<'a> {
    root: &'a Value,
    prompt: &'a str,
}

impl Sampler<'_> {
    fn fit(&self, schema: &Value) -> Value {
        if let Some(only) = schema.get("const").or_else(|| schema["enum"].get(0)) {
            return only.clone();
        }
        if let Some(definition) = schema["$ref"].as_str().and_then(|reference| resolve(self.root, reference)) {
            return self.fit(definition);
        }
        let all = schema["allOf"].as_array().map_or(&[][..], Vec::as_slice);
        let branches: Vec<&Value> = schema["anyOf"].get(0).into_iter().chain(all).collect();
        let own = (schema.get("type").is_some() || branches.is_empty()).then(|| self.typed(schema));
        let parts = own.into_iter().chain(branches.into_iter().map(|branch| self.fit(branch)));
        parts.reduce(merged).unwrap_or_default()
    }

    fn typed(&self, schema: &Value) -> Value {
        let kind = schema["type"].get(0).unwrap_or(&schema["type"]);
        match kind.as_str().unwrap_or("object") {
            "string" => {
                let format = FORMATS.iter().find(|(format, _)| schema["format"] == *format);
                json!(format.map_or(self.prompt, |(_, example)| example))
            }
            "number" | "integer" => json!(1),
            "boolean" => json!(true),
            "array" if schema["minItems"] == 1 => json!([self.fit(&schema["items"])]),
            "array" => json!([]),
            "null" => Value::Null,
            _ => {
                let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
                let names = required.iter().filter_map(Value::as_str);
                let fields = names.map(|name| (name.to_owned(), self.fit(&schema["properties"][name])));
                Value::Object(fields.collect::<Map<_, _>>())
            }
        }
    }
}

/// What fits two schemas at once: objects have the fields of both, and of other values the later one is the narrower.
fn merged(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            Value::Object(one)
        }
        (_, other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_supported_schema_has_a_sample() {
        let object = |name: &str| json!({ "type": "object", "properties": { name: { "type": "integer" } }, "required": [name], "additionalProperties": false });
        for (schema, expected) in [
            (json!({ "type": "string" }), json!("東京")),
            (json!({ "type": ["null", "string"] }), json!(null)),
            (json!({ "type": ["string", "null"], "format": "date" }), json!("2026-11-23")),
            (json!({ "const": null, "type": "null" }), json!(null)),
            (json!({ "type": "string", "enum": ["b", "a"] }), json!("b")),
            (json!({ "type": "array", "items": { "type": "string" } }), json!([])),
            (json!({ "type": "array", "items": { "type": "boolean" }, "minItems": 1 }), json!([true])),
            (json!({ "type": "array", "minItems": 1 }), json!([{}])),
            (json!({ "anyOf": [object("a"), { "type": "null" }] }), json!({ "a": 1 })),
            (json!({ "allOf": [object("a"), object("b")] }), json!({ "a": 1, "b": 1 })),
            (json!({ "type": "string", "anyOf": [{ "enum": ["x"] }] }), json!("x")),
            (
                json!({ "type": "object", "properties": { "a": { "type": "null" }, "b": { "$ref": "#/$defs/b" } },
                    "required": ["b"], "$defs": { "b": { "$ref": "#/definitions/c~1d" } }, "definitions": { "c/d": object("e") } }),
                json!({ "b": { "e": 1 } }),
            ),
        ] {
            assert_eq!(sample(&schema, "東京"), expected, "{schema}");
        }
    }
}

//! What becomes of single keywords, in the order in which they stand, and what is refused; whole models are golden files.

use super::*;
use serde_json::{Value, json};

const PATH: &str = "tools.0.function.parameters";

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

fn translated(text: &str) -> (String, bool) {
    let schema =
        Schema::translate(&raw(text), PATH, None).unwrap_or_else(|error| panic!("{}: {text}", error.message()));
    (schema.text.get().to_owned(), schema.is_loosened)
}

#[track_caller]
fn refused(text: &str, path: &str) {
    let error = Schema::translate(&raw(text), PATH, None).expect_err(text);
    assert_eq!(error.field(), Some(format!("{PATH}{path}").as_str()), "{text}: {}", error.message());
    assert_eq!(error.logged_field(), Some(PATH), "the rest is the caller's: {text}");
}

#[test]
fn properties_stay_in_the_order_in_which_the_model_is_to_write_them() {
    let text = r##"{"type":"object","properties":{"z":{"type":"string"},"a":{"$ref":"#/$defs/b"},"m":{"const":1.0}},"additionalProperties":false,"$defs":{"b":{"enum":["\u00e9",null]}}}"##;
    assert_eq!(translated(text), (text.to_owned(), false));
}

#[test]
fn constraints_become_words_and_say_so() {
    for (text, becomes) in [
        (
            r#"{"type":"integer","minimum":0,"maximum":150}"#,
            json!({ "type": "integer", "description": r#"{"minimum":0,"maximum":150}"# }),
        ),
        (
            r#"{"description":"A.","type":"string","pattern":"^\\d$"}"#,
            json!({ "type": "string", "description": "A.\n\n{\"pattern\":\"^\\\\d$\"}" }),
        ),
        (
            r#"{"type":"array","items":{"type":"null"},"minItems":2,"x":{"y":[]}}"#,
            json!({ "type": "array", "items": { "type": "null" }, "description": r#"{"minItems":2,"x":{"y":[]}}"# }),
        ),
        (
            r#"{"type":["string","null"],"format":"phone","enum":[{}]}"#,
            json!({ "type": ["string", "null"], "description": r#"{"format":"phone","enum":[{}]}"# }),
        ),
        (
            r#"{"type":"string","items":{"type":1},"required":[]}"#,
            json!({ "type": "string", "description": r#"{"items":{"type":1},"required":[]}"# }),
        ),
        (
            r#"{"type":"array","prefixItems":[ {"const": "\\\" \u3042 "},  1 ]}"#,
            json!({ "type": "array", "description": r#"{"prefixItems":[{"const":"\\\" \u3042 "},1]}"# }),
        ),
        (r#"{"oneOf":[{"type":"null"}]}"#, json!({ "anyOf": [{ "type": "null" }] })),
        (
            r#"{"anyOf":[{"type":"null"}],"oneOf":[1]}"#,
            json!({ "anyOf": [{ "type": "null" }], "description": r#"{"oneOf":[1]}"# }),
        ),
    ] {
        let (came, is_loosened) = translated(text);
        assert_eq!(came.parse::<Value>().unwrap(), becomes, "{text}");
        assert!(is_loosened, "{text}");
    }
}

#[test]
fn what_means_the_same_is_not_said() {
    let reference = r##"{"$defs":{"a/~":{"type":"null"}},"description":"A.","$ref":"#/$defs/a~1~0"}"##;
    for (text, becomes) in [
        (r#"{"properties":{}}"#, r#"{"type":"object","properties":{},"additionalProperties":false}"#),
        (r#"{"items":{"const":null},"minItems":1}"#, r#"{"type":"array","items":{"const":null},"minItems":1}"#),
        (
            r#"{"$schema":"s","$id":"i","$comment":"c","type":"string","format":"uuid","title":null}"#,
            r#"{"type":"string","format":"uuid"}"#,
        ),
        (r#"{"allOf":[{"type":"null"}]}"#, r#"{"anyOf":[{"type":"null"}]}"#),
        (reference, r##"{"$defs":{"a/~":{"type":"null"}},"anyOf":[{"$ref":"#/$defs/a~1~0"}],"description":"A."}"##),
    ] {
        assert_eq!(translated(text), (becomes.to_owned(), false));
    }
}

#[test]
fn a_description_comes_before_the_schemas_own() {
    let described = |text, description: &str| {
        let schema = Schema::translate(&raw(text), PATH, Some(description.into())).unwrap();
        serde_json::from_str::<Value>(schema.text.get()).unwrap()["description"].clone()
    };
    assert_eq!(described(r#"{"type":"null","description":"B."}"#, "A."), "A.\n\nB.");
    assert_eq!(described(r#"{"type":"null"}"#, " "), Value::Null);
}

#[test]
fn what_bedrock_cannot_be_asked_for_is_refused_by_its_path() {
    for (text, path) in [
        ("[]", ""),
        ("{}", ""),
        (r#"{"type":"object","properties":{"a":{"title":"A"}}}"#, ".properties.a"),
        (r#"{"type":"object","properties":{"a":true}}"#, ".properties.a"),
        (r#"{"type":"object","properties":{"a":{"type":"null"},"a":{"type":"null"}}}"#, ".properties.a"),
        (r#"{"type":"null","type":"string"}"#, ".type"),
        (r#"{"type":"date"}"#, ".type"),
        (r#"{"type":[ ]}"#, ".type"),
        (r#"{"type":"null","description":1}"#, ".description"),
        (r#"{"type":"array","items":[{"type":"null"}]}"#, ".items"),
        (r#"{"anyOf":[]}"#, ".anyOf"),
        (r#"{"anyOf":[{"type":"null"},{"additionalProperties":true}]}"#, ".anyOf.1.additionalProperties"),
        (r#"{"additionalProperties":{"type":"null"}}"#, ".additionalProperties"),
        (r#"{"$ref":"https://example.com/schema.json"}"#, ".$ref"),
        (r##"{"properties":{"a":{"type":"null"},"b":{"$ref":"#/properties/a"}}}"##, ".properties.b.$ref"),
        (r##"{"properties":{"a":{"$ref":"#"}}}"##, ".properties.a.$ref"),
        (r##"{"$ref":"#/$defs/b","$defs":{"a":{"type":"null"}}}"##, ".$ref"),
        (r##"{"allOf":[{"type":"null"},{"$ref":"#/$defs/a"}],"$defs":{"a":{"type":"null"}}}"##, ".allOf"),
        (r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"items":{"$ref":"#/$defs/a"}}}}"##, ".$defs.a"),
    ] {
        refused(text, path);
    }
}

#[test]
fn long_chains_of_definitions_are_followed_and_circles_in_them_found() {
    let chain = |last: usize| {
        let one = |index: usize| format!(r##""{index}":{{"$ref":"#/$defs/{}"}}"##, (index + 1).min(last));
        let links: Vec<_> = (0..last).map(one).collect();
        format!(r##"{{"type":"null","$defs":{{{},"{last}":{{"type":"null"}}}}}}"##, links.join(","))
    };
    let text = chain(100_000);
    assert_eq!(translated(&text), (text.clone(), false));
    refused(&text.replace(r#""100000":{"type":"null"}"#, r##""100000":{"$ref":"#/$defs/99999"}"##), ".$defs.99999");
}

#[test]
fn no_depth_of_a_schema_is_a_danger_to_the_stack() {
    let nested = |depth: usize| {
        let (open, close) = (r#"{"items":"#.repeat(depth), "}".repeat(depth));
        format!(r#"{open}{{"type":"null"}}{close}"#)
    };
    translated(&nested(MAX_DEPTH));
    for depth in [MAX_DEPTH + 1, 100_000] {
        refused(&nested(depth), &".items".repeat(MAX_DEPTH + 1));
    }
}

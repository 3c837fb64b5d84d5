//! Each keyword that Bedrock takes, and each that it refuses, in its words where they are known.

#![expect(clippy::needless_pass_by_value, reason = "a rule reads best with its json! in place")]

use serde_json::json;

use super::*;

const CLOSED: &str = "additionalProperties";

#[track_caller]
fn accepted(schema: Value) {
    assert_eq!(check(&schema), Ok(()), "{schema}");
}

#[track_caller]
fn refused(schema: Value, message: &str) {
    let refusal = check(&schema).expect_err("a refusal");
    assert!(refusal.starts_with(message), "{schema}\nwas refused with: {refusal}\ninstead of: {message}");
}

#[test]
fn what_the_guide_lists_is_accepted() {
    accepted(json!({
        "type": "object",
        "title": "t",
        "description": "d",
        "properties": {
            "nullable": { "type": ["string", "null"], "default": null, "format": "email" },
            "level": { "enum": ["low", 1, 1.5, true, null] },
            "kind": { "const": "a" },
            "either": { "anyOf": [{ "$ref": "#/$defs/a" }, { "$ref": "#/definitions/b~1c" }, { "type": "null" }] },
            "both": { "allOf": [{ "type": "object", CLOSED: false }, { "type": "object", CLOSED: false }] },
            "list": { "type": "array", "items": { "type": "number" }, "minItems": 1 },
            "type": { "type": "boolean" },
        },
        "required": ["level"],
        CLOSED: false,
        "$defs": { "a": { "type": "integer" }, "unused": { "$ref": "#/$defs/a" } },
        "definitions": { "b/c": { "type": "array", "minItems": 0 } },
    }));
}

#[test]
fn constraints_are_refused_by_their_names() {
    for (schema, message) in [
        (json!({ "type": "array", "maxItems": 3 }), "For 'array' type, property 'maxItems' is not supported"),
        (
            json!({ "type": "integer", "minimum": 1, "maximum": 3 }),
            "For 'integer' type, properties maximum, minimum are not supported",
        ),
        (json!({ "type": ["string", "null"], "pattern": "^a" }), "For 'string' type, property 'pattern'"),
        (json!({ "type": "string", "items": {} }), "For 'string' type, property 'items'"),
        (json!({ "const": 1, "$comment": "c" }), "property '$comment' is not supported"),
        (json!({ "type": "array", "minItems": 2 }), "For 'array' type, 'minItems' values other than 0 or 1"),
        (json!({ "type": "string", "format": "phone" }), "For 'string' type, 'format' value \"phone\""),
        (json!({ "enum": [{}] }), "'enum' must have values"),
        (json!({ "enum": [] }), "'enum' must have values"),
        (json!({ "type": "null", "description": 1 }), "Annotations must be strings"),
    ] {
        refused(schema, message);
    }
}

#[test]
fn what_has_no_shape_is_refused() {
    for schema in [json!({}), json!({ "title": "Any" })] {
        refused(schema, "Schema must have a 'type'");
    }
    for schema in [json!(true), json!({ "type": "array", "items": [] }), json!({ "anyOf": [true] })] {
        refused(schema, "Schema must be an object");
    }
    for kind in [json!("date"), json!([]), json!(["string", 1])] {
        refused(json!({ "type": kind }), "Schema type");
    }
    refused(json!({ "oneOf": [{ "type": "null" }] }), "Schema type 'oneOf' is not supported");
    refused(json!({ "anyOf": [] }), "'anyOf' must be a non-empty list");
}

#[test]
fn every_object_is_closed_wherever_it_stands() {
    let open = json!({ "type": ["object", "null"] });
    for schema in [
        open.clone(),
        json!({ "type": "array", "items": open }),
        json!({ "type": "object", CLOSED: false, "properties": { "a": open } }),
        json!({ "anyOf": [open] }),
        json!({ "allOf": [open] }),
        json!({ "type": "null", "$defs": { "unused": open } }),
    ] {
        refused(schema, "For 'object' type, 'additionalProperties' must be explicitly set to false");
    }
    refused(json!({ "type": "object", CLOSED: true }), "For 'object' type, 'additionalProperties: true' is not");
    refused(json!({ "type": "object", CLOSED: {} }), "For 'object' type, 'additionalProperties: object' is not");
}

#[test]
fn references_lead_to_definitions_and_never_back() {
    let with = |schema: Value| json!({ "anyOf": [schema], "$defs": { "a": { "type": "null" } } });
    for reference in ["#", "#/$defs/b", "#/anyOf/0", "#/$defs/a/type", "https://example.com/a", "other.json#/$defs/a"] {
        refused(with(json!({ "$ref": reference })), "Reference");
    }
    refused(with(json!({ "$ref": "#/$defs/a", "title": "t" })), "'$ref' must stand alone");
    refused(with(json!({ "allOf": [{ "$ref": "#/$defs/a" }] })), "'allOf' with '$ref' is not supported");
    refused(with(json!({ "type": "null", "$defs": {} })), "For 'null' type, property '$defs'");
    let list = json!({ "type": "array", "items": { "$ref": "#/$defs/b" } });
    let circle = json!({ "type": "null", "$defs": { "a": list, "b": { "anyOf": [{ "$ref": "#/$defs/a" }] } } });
    refused(circle, "Recursive schemas are not supported");
}

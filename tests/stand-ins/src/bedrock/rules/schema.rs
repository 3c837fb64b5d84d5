//! The part of JSON Schema that Bedrock holds the model to, for structured output and for strict tools alike.
//!
//! Where a refusal of Bedrock's is known, it is in its words. What its guide lists neither as supported nor as refused is
//! refused too, so that nobody comes to rely on it here.

use serde_json::{Map, Value};

use super::field::Rule;

/// What a schema may say of any type.
const COMMON: &[&str] = &["type", "title", "description", "default", "enum", "const", "anyOf", "allOf"];

/// What it may say of one type only.
const OF_TYPES: &[(&str, &[&str])] = &[
    ("object", &["properties", "required", "additionalProperties"]),
    ("array", &["items", "minItems"]),
    ("string", &["format"]),
    ("integer", &[]),
    ("number", &[]),
    ("boolean", &[]),
    ("null", &[]),
];

/// Where definitions stand, at the root of a schema only.
const DEFINITIONS: &[&str] = &["$defs", "definitions"];

const FORMATS: &[&str] = &["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

/// Holds a schema against every rule; the error is what Bedrock says behind the schema's path.
pub(super) fn check(root: &Value) -> Rule {
    let mut schema = root.clone();
    let definitions = DEFINITIONS.iter().filter_map(|keyword| schema.as_object_mut()?.remove(*keyword));
    let definitions: Vec<Value> = definitions.collect();
    let references = References { root, followed: Vec::new() };
    references.check(&schema)?;
    for definitions in &definitions {
        let definitions = definitions.as_object().ok_or("Schema definitions must be an object")?;
        definitions.values().try_for_each(|definition| references.check(definition))?;
    }
    Ok(())
}

/// A walk through a schema, with the references that led to where it is.
struct References<'a> {
    root: &'a Value,
    followed: Vec<&'a str>,
}

impl<'a> References<'a> {
    fn check(&self, schema: &Value) -> Rule {
        let Some(keywords) = schema.as_object() else {
            return Err("Schema must be an object".to_owned());
        };
        if let Some(reference) = keywords.get("$ref") {
            let alone = keywords.len() == 1;
            return if alone {
                self.follow(reference)
            } else {
                Err("'$ref' must stand alone in its schema".to_owned())
            };
        }
        if keywords.contains_key("oneOf") {
            return Err("Schema type 'oneOf' is not supported".to_owned());
        }
        let types = types(keywords)?;
        supported(keywords, &types)?;
        values(keywords)?;
        if types.contains(&"object") {
            closed(keywords)?;
        }
        self.inner(keywords)
    }

    /// The schemas inside a schema.
    fn inner(&self, keywords: &Map<String, Value>) -> Rule {
        for name in ["anyOf", "allOf"] {
            let Some(branches) = keywords.get(name) else { continue };
            let branches = branches.as_array().filter(|branches| !branches.is_empty());
            let branches = branches.ok_or_else(|| format!("'{name}' must be a non-empty list"))?;
            if name == "allOf" && branches.iter().any(|branch| branch.get("$ref").is_some()) {
                return Err("'allOf' with '$ref' is not supported".to_owned());
            }
            branches.iter().try_for_each(|branch| self.check(branch))?;
        }
        if let Some(properties) = keywords.get("properties") {
            let properties = properties.as_object().ok_or("'properties' must be an object")?;
            properties.values().try_for_each(|property| self.check(property))?;
        }
        keywords.get("items").map_or(Ok(()), |items| self.check(items))
    }

    fn follow(&self, reference: &Value) -> Rule {
        let resolved = reference.as_str().and_then(|reference| Some((reference, resolve(self.root, reference)?)));
        let Some((reference, definition)) = resolved else {
            return Err(format!("Reference {reference} is not supported: it must lead to a definition of this schema"));
        };
        if self.followed.contains(&reference) {
            return Err(format!("Recursive schemas are not supported: '{reference}' refers to itself"));
        }
        let followed = self.followed.iter().copied().chain([reference]).collect();
        References { root: self.root, followed }.check(definition)
    }
}

/// The definition that a reference leads to.
pub(in super::super) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let is_definition = |keyword: &&str| {
        let name = reference.strip_prefix("#/")?.strip_prefix(*keyword)?.strip_prefix('/')?;
        (!name.contains('/')).then_some(())
    };
    DEFINITIONS.iter().find_map(is_definition)?;
    root.pointer(reference.strip_prefix('#')?)
}

/// The types that a schema names; it may have none if it is a list of values or a choice.
fn types(keywords: &Map<String, Value>) -> Rule<Vec<&str>> {
    let types: Vec<&Value> = match keywords.get("type") {
        Some(Value::Array(types)) => types.iter().collect(),
        Some(one) => vec![one],
        None if ["enum", "const", "anyOf", "allOf"].iter().any(|name| keywords.contains_key(*name)) => {
            return Ok(Vec::new());
        }
        None => return Err("Schema must have a 'type', 'enum', 'const', 'anyOf', 'allOf' or '$ref'".to_owned()),
    };
    let known = |value: &&Value| OF_TYPES.iter().find(|(known, _)| *value == known).map(|(known, _)| *known);
    let found: Vec<&str> = types.iter().filter_map(known).collect();
    let are_known = !types.is_empty() && found.len() == types.len();
    are_known.then_some(found).ok_or_else(|| format!("Schema type {types:?} is not supported"))
}

/// Whether each keyword is one of those that Bedrock knows of these types.
fn supported(keywords: &Map<String, Value>, types: &[&str]) -> Rule {
    let of_types = OF_TYPES.iter().filter(|(name, _)| types.contains(name)).flat_map(|(_, keywords)| *keywords);
    let known: Vec<&str> = COMMON.iter().chain(of_types).copied().collect();
    let strangers: Vec<&str> = keywords.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
    let kind = types.first().map_or_else(String::new, |kind| format!("For '{kind}' type, "));
    match &strangers[..] {
        [] => Ok(()),
        [one] => Err(format!("{kind}property '{one}' is not supported")),
        several => Err(format!("{kind}properties {} are not supported", several.join(", "))),
    }
}

/// Whether the values of keywords are among those that Bedrock knows.
fn values(keywords: &Map<String, Value>) -> Rule {
    if let Some(values) = keywords.get("enum") {
        let values = values.as_array().ok_or("'enum' must be a list")?;
        if values.is_empty() || values.iter().any(|value| value.is_object() || value.is_array()) {
            return Err("'enum' must have values, and only strings, numbers, booleans or null".to_owned());
        }
    }
    if let Some(least) = keywords.get("minItems").filter(|least| !matches!(least.as_u64(), Some(0 | 1))) {
        return Err(format!("For 'array' type, 'minItems' values other than 0 or 1 are not supported (got: {least})"));
    }
    if let Some(format) = keywords.get("format").filter(|format| !FORMATS.iter().any(|known| *format == known)) {
        return Err(format!("For 'string' type, 'format' value {format} is not supported"));
    }
    let texts = ["title", "description"].iter().filter_map(|name| keywords.get(*name));
    if texts.into_iter().all(Value::is_string) { Ok(()) } else { Err("Annotations must be strings".to_owned()) }
}

/// An object says that it has no other properties than those that it names.
fn closed(keywords: &Map<String, Value>) -> Rule {
    let value = match keywords.get("additionalProperties") {
        Some(Value::Bool(false)) => return Ok(()),
        Some(Value::Bool(true)) => "true",
        Some(_) => "object",
        None => {
            return Err("For 'object' type, 'additionalProperties' must be explicitly set to false".to_owned());
        }
    };
    Err(format!(
        "For 'object' type, 'additionalProperties: {value}' is not supported. Please set 'additionalProperties' to false"
    ))
}

#[cfg(test)]
mod tests;

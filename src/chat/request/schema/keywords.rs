//! The keywords of JSON Schema that Bedrock takes as they are, and for which types.

use super::place::Place;
use crate::error::Error;
use crate::json::Members;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// Every type that there is.
const TYPES: [&str; 7] = ["object", "array", "string", "integer", "number", "boolean", "null"];

/// The formats of strings that the model is held to.
const FORMATS: [&str; 10] =
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

/// A keyword with its value, as the text that came.
pub(super) type Keyword<'a> = (String, &'a RawValue);

/// The members of an object in their order. None may occur twice: two parsers may disagree about which one counts.
pub(super) fn members<'a>(value: &'a RawValue, place: &Place<'_>) -> Result<Vec<Keyword<'a>>, Error> {
    let members = Some(value.get()).filter(|text| text.starts_with('{')).map(serde_json::from_str);
    let Some(Ok(Members(members))) = members else {
        return Err(place.refuse("must be an object"));
    };
    let mut names = HashSet::with_capacity(members.len());
    match members.iter().find(|(name, _)| !names.insert(name.as_str())) {
        Some((name, _)) => Err(place.at(name.as_str()).refuse("occurs twice")),
        None => Ok(members),
    }
}

/// The keywords of a schema. Those that are `null` are as good as absent, but for the two of which it may be the value.
pub(super) fn keywords<'a>(schema: &'a RawValue, place: &Place<'_>) -> Result<Vec<Keyword<'a>>, Error> {
    let mut keywords = members(schema, place)?;
    keywords.retain(|(name, value)| value.get() != "null" || matches!(name.as_str(), "const" | "default"));
    Ok(keywords)
}

/// The types that a schema allows, as far as other keywords depend on them.
pub(super) struct Types {
    pub(super) has_object: bool,
    pub(super) has_array: bool,
    has_string: bool,
    /// The type that a schema does not say, but means.
    pub(super) implied: Option<&'static str>,
}

impl Types {
    /// Reads `type`. Without it, what only objects or lists have tells them.
    pub(super) fn read(keywords: &[Keyword<'_>], place: &Place<'_>) -> Result<Self, Error> {
        let value = |wanted: &str| keywords.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.get());
        let implied = match value("type") {
            Some(_) => None,
            None if value("properties").or(value("additionalProperties")).is_some() => Some("object"),
            None => value("items").map(|_| "array"),
        };
        let names = match value("type") {
            Some(text) if text.starts_with('"') => serde_json::from_str(text).map(|name: String| vec![name]),
            Some(text) => serde_json::from_str(text),
            None => Ok(implied.map(str::to_owned).into_iter().collect()),
        };
        let is_said = |names: &Vec<String>| value("type").is_none() || !names.is_empty();
        let known =
            names.ok().filter(|names| is_said(names) && names.iter().all(|name| TYPES.contains(&name.as_str())));
        let rule = || format!("must be {}, or a list of these", TYPES.join(", "));
        let names: Vec<String> = known.ok_or_else(|| place.at("type").refuse(rule()))?;
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        Ok(Self { has_object: has("object"), has_array: has("array"), has_string: has("string"), implied })
    }

    /// Whether Bedrock takes a keyword as it is; those that hold other schemas are not asked for here.
    pub(super) fn take(&self, name: &str, value: &str) -> bool {
        match name {
            "type" | "title" | "default" | "const" => true,
            "enum" => serde_json::from_str(value).is_ok_and(|values: Vec<&RawValue>| values.iter().all(is_primitive)),
            "required" => self.has_object,
            "minItems" => self.has_array && matches!(value, "0" | "1"),
            "format" => self.has_string && serde_json::from_str(value).is_ok_and(|format: String| is_known(&format)),
            _ => false,
        }
    }
}

fn is_primitive(value: &&RawValue) -> bool {
    !value.get().starts_with(['{', '['])
}

fn is_known(format: &str) -> bool {
    FORMATS.contains(&format)
}

//! A schema while it is written: what Bedrock takes of it, and what it is told in words.

use super::keywords::Types;
use super::place::Place;
use crate::error::Error;
use crate::json;
use std::borrow::Cow;

/// The keywords without one of which a schema would allow anything, and Bedrock nothing.
const CONTENT: [&str; 6] = ["type", "enum", "const", "$ref", "anyOf", "allOf"];

/// A schema that Bedrock takes.
pub(super) struct Written {
    pub(super) text: String,
    /// Whether it refers to a definition, by itself or beside other keywords.
    pub(super) refers: bool,
}

/// What is known of a schema so far.
#[derive(Default)]
pub(super) struct Draft<'a> {
    members: Vec<(&'a str, Cow<'a, str>)>,
    description: Vec<Cow<'a, str>>,
    words: Vec<(&'a str, Cow<'a, str>)>,
    has_choice: bool,
    refers: bool,
}

impl<'a> Draft<'a> {
    /// Keeps a keyword with this value.
    pub(super) fn keep(&mut self, name: &'a str, value: impl Into<Cow<'a, str>>) {
        self.members.push((name, value.into()));
    }

    /// Adds a paragraph to the description.
    pub(super) fn describe(&mut self, text: Cow<'a, str>) {
        if !text.trim().is_empty() {
            self.description.push(text);
        }
    }

    /// Tells the model a keyword that Bedrock would refuse.
    pub(super) fn tell(&mut self, name: &'a str, value: &'a str) {
        self.words.push((name, compact(value).into()));
    }

    /// Whether there is a choice already: Bedrock takes one at a place, and no `allOf` that would join two.
    pub(super) fn has_choice(&self) -> bool {
        self.has_choice
    }

    /// Keeps a choice among schemas.
    pub(super) fn choose(&mut self, branches: &[Written]) {
        self.has_choice = true;
        self.refers |= matches!(branches, [only] if only.refers);
        self.keep("anyOf", list(branches));
    }

    /// Keeps a reference.
    pub(super) fn refer(&mut self, reference: &'a str) {
        self.has_choice = true;
        self.refers = true;
        self.keep("$ref", reference);
    }

    /// Whether anything had to be said in words.
    pub(super) fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// The schema.
    pub(super) fn finish(mut self, types: &Types, place: &Place<'_>) -> Result<Written, Error> {
        if let Some(implied) = types.implied {
            self.members.insert(0, ("type", format!("\"{implied}\"").into()));
        }
        if !self.members.iter().any(|(name, _)| CONTENT.contains(name)) {
            return Err(place.refuse("must say its type: a schema that allows anything has no counterpart here"));
        }
        if types.has_object && !self.members.iter().any(|(name, _)| *name == "additionalProperties") {
            self.keep("additionalProperties", "false");
        }
        if self.has_words() {
            self.description.push(json::object(&self.words).into());
        }
        if !self.description.is_empty() {
            let description = serde_json::Value::from(self.description.join("\n\n"));
            self.keep("description", description.to_string());
        }
        self.set_reference_apart();
        Ok(Written { text: json::object(&self.members), refers: self.refers })
    }

    /// Bedrock is not known to take a reference beside other keywords; as a choice of one it means the same.
    fn set_reference_apart(&mut self) {
        let is_apart = |name: &str| matches!(name, "$ref" | "$defs" | "definitions");
        if self.members.iter().all(|(name, _)| is_apart(name)) {
            return;
        }
        for (name, value) in self.members.iter_mut().filter(|(name, _)| *name == "$ref") {
            *value = format!(r#"[{{"$ref":{value}}}]"#).into();
            *name = "anyOf";
        }
    }
}

/// A document without the white space between its parts, which would stand in the middle of a description.
fn compact(json: &str) -> String {
    let (mut in_string, mut is_escaped) = (false, false);
    let mut is_kept = |character: char| {
        in_string ^= character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        in_string || !matches!(character, ' ' | '\t' | '\n' | '\r')
    };
    json.chars().filter(|character| is_kept(*character)).collect()
}

/// Schemas as a list.
pub(super) fn list(schemas: &[Written]) -> String {
    json::list(schemas.iter().map(|schema| schema.text.as_str()))
}

//! A caller's schema, in the part of JSON Schema that Bedrock holds the model to.
//!
//! Bedrock refuses constraints that it cannot hold the model to. They go to the description of the same place, where the model
//! reads them, as Anthropic's own SDKs have it.

mod definitions;
mod draft;
mod keywords;
mod place;

use crate::error::Error;
use crate::json;
use definitions::Definitions;
use draft::{Draft, Written};
use keywords::{Types, keywords, members};
use place::Place;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The most steps from a schema to the innermost one in it. OpenAI's ten levels take 40 where each is also a choice; and each
/// step reads the text in it once more, and takes its part of the stack. `serde_json` bounds no depth of a raw value.
const MAX_DEPTH: usize = 64;

const NO_DEFINITION: &str = "must lead to a definition of this schema, as #/$defs/NAME or #/definitions/NAME";

/// A schema that Bedrock takes.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) text: Box<RawValue>,
    /// Whether the model is only told some of it, and not held to it.
    pub(super) is_loosened: bool,
}

impl Schema {
    /// Translates the schema at `path`, with a description that comes before its own.
    ///
    /// # Errors
    /// [`crate::error::Kind::InvalidRequest`], naming the place; the log has `path` only, for the rest is the caller's words.
    pub(super) fn translate(schema: &RawValue, path: &str, description: Option<Cow<'_, str>>) -> Result<Self, Error> {
        let mut translation = Translation::default();
        let translated = translation.whole(schema, &Place::root(path), description);
        let text = translated.map_err(|error| error.logged_as(path.to_owned()))?;
        let text = RawValue::from_string(text).map_err(|_| Error::internal())?;
        Ok(Self { text, is_loosened: translation.is_loosened })
    }
}

#[derive(Default)]
struct Translation {
    definitions: Definitions,
    is_loosened: bool,
}

impl Translation {
    fn whole(
        &mut self,
        schema: &RawValue,
        root: &Place<'_>,
        description: Option<Cow<'_, str>>,
    ) -> Result<String, Error> {
        for (keyword, value) in keywords(schema, root)?.iter().filter(|(name, _)| holds_definitions(name)) {
            for (name, _) in members(value, &root.at(keyword.as_str()))? {
                self.definitions.add(keyword, &name);
            }
        }
        let written = self.schema(schema, root, description)?;
        match self.definitions.circle() {
            Some((keyword, name)) => {
                let rule = "must not lead back to itself: a recursive schema has no counterpart here";
                Err(root.at(keyword.as_str()).at(name.as_str()).refuse(rule))
            }
            None => Ok(written.text),
        }
    }

    fn schema(
        &mut self,
        schema: &RawValue,
        place: &Place<'_>,
        description: Option<Cow<'_, str>>,
    ) -> Result<Written, Error> {
        if place.depth() > MAX_DEPTH {
            return Err(place.refuse("is nested too deeply"));
        }
        let keywords = keywords(schema, place)?;
        let types = Types::read(&keywords, place)?;
        let mut draft = Draft::default();
        description.into_iter().for_each(|text| draft.describe(text));
        for (name, value) in &keywords {
            self.keyword(&mut draft, &types, (name, value), place)?;
        }
        self.is_loosened |= draft.has_words();
        draft.finish(&types, place)
    }

    fn keyword<'a>(
        &mut self,
        draft: &mut Draft<'a>,
        types: &Types,
        (name, value): (&'a str, &'a RawValue),
        place: &Place<'_>,
    ) -> Result<(), Error> {
        let here = place.at(name);
        match name {
            // What only a reader of schemas wants to know.
            "$schema" | "$id" | "$comment" => {}
            "description" => draft.describe(text(value, &here)?.into()),
            _ if types.take(name, value.get()) => draft.keep(name, value.get()),
            "additionalProperties" if types.has_object => match value.get() {
                "false" => draft.keep(name, "false"),
                _ => return Err(here.refuse("must be false: the model is held to the properties that are named")),
            },
            "items" if types.has_array => draft.keep(name, self.schema(value, &here, None)?.text),
            "properties" if types.has_object => draft.keep(name, self.named(name, value, &here)?),
            _ if holds_definitions(name) && place.is_root() => draft.keep(name, self.named(name, value, &here)?),
            "allOf" => self.all(draft, value, &here)?,
            "anyOf" | "oneOf" if !draft.has_choice() => {
                self.is_loosened |= name == "oneOf";
                draft.choose(&self.branches(value, &here)?);
            }
            "$ref" if !draft.has_choice() => {
                let leads_on = self.definitions.refer(&text(value, &here)?);
                leads_on.then_some(()).ok_or_else(|| here.refuse(NO_DEFINITION))?;
                draft.refer(value.get());
            }
            _ => draft.tell(name, value.get()),
        }
        Ok(())
    }

    /// Schemas that must hold all at once. One alone is no other than a choice of one, which unlike this may be a reference.
    fn all<'a>(&mut self, draft: &mut Draft<'a>, value: &'a RawValue, place: &Place<'_>) -> Result<(), Error> {
        let branches = self.branches(value, place)?;
        if branches.len() == 1 && !draft.has_choice() {
            draft.choose(&branches);
            return Ok(());
        }
        if branches.iter().any(|branch| branch.refers) {
            return Err(place.refuse("must not have a $ref beside others; write out what it refers to"));
        }
        draft.keep("allOf", draft::list(&branches));
        Ok(())
    }

    fn branches(&mut self, value: &RawValue, place: &Place<'_>) -> Result<Vec<Written>, Error> {
        let schemas: Option<Vec<&RawValue>> = serde_json::from_str(value.get()).ok();
        let schemas = schemas.filter(|schemas| !schemas.is_empty());
        let schemas = schemas.ok_or_else(|| place.refuse("must be a list of schemas"))?;
        let numbered = schemas.into_iter().enumerate();
        numbered.map(|(index, schema)| self.schema(schema, &place.at(index.to_string()), None)).collect()
    }

    /// Schemas by name, in the order in which the model is to write what they describe.
    fn named(&mut self, keyword: &str, value: &RawValue, place: &Place<'_>) -> Result<String, Error> {
        let schemas = members(value, place)?;
        let mut translated = Vec::with_capacity(schemas.len());
        for (name, schema) in &schemas {
            if holds_definitions(keyword) {
                self.definitions.enter(keyword, name);
            }
            let schema = self.schema(schema, &place.at(name.as_str()), None)?;
            translated.push((name.as_str(), Cow::from(schema.text)));
        }
        if holds_definitions(keyword) {
            self.definitions.leave();
        }
        Ok(json::object(&translated))
    }
}

fn holds_definitions(keyword: &str) -> bool {
    matches!(keyword, "$defs" | "definitions")
}

fn text(value: &RawValue, place: &Place<'_>) -> Result<String, Error> {
    serde_json::from_str(value.get()).map_err(|_| place.refuse("must be a string"))
}

#[cfg(test)]
mod tests;

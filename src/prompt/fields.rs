//! The top-level fields of a prompt event, in their order, with values as the text that came.

use crate::error::Error;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::fmt;

/// Anthropic documents some twenty fields. The limit keeps the search for repeated names short, whatever a caller sends.
const MAX_FIELDS: usize = 256;

/// The fields of one JSON object. No name occurs twice: two parsers may disagree about which one counts.
pub(super) struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// Reads the fields of the object that `text` must be.
    pub(super) fn parse(text: &'a str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| match error.classify() {
            // An object that is refused is refused by the visitor itself, for a name that is repeated or one too many.
            Category::Data if text.trim_start().starts_with('{') => Error::invalid("body", error),
            Category::Data => Error::invalid("body", "must be a JSON object"),
            Category::Eof if text.trim_start().is_empty() => Error::invalid("body", "is empty"),
            Category::Io | Category::Syntax | Category::Eof => Error::invalid("body", format!("is not JSON: {error}")),
        })
    }

    /// The fields that say something: JSON's `null` stands for a field that was left out.
    pub(super) fn present(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().filter(|(_, value)| value.get() != "null").map(|(name, value)| (name.as_str(), *value))
    }

    /// The text of a field, if it is present.
    pub(super) fn value(&self, name: &str) -> Option<&'a RawValue> {
        self.present().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// A field of type `T`, if it is present; `rule` ends the sentence "NAME: must be …".
    pub(super) fn typed<T: Deserialize<'a>>(&self, name: &str, rule: &str) -> Result<Option<T>, Error> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        serde_json::from_str(value.get()).map(Some).map_err(|_| Error::invalid(name, format!("must be {rule}")))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor).map(Fields)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields: Self::Value = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.len() == MAX_FIELDS {
                return Err(M::Error::custom(format_args!("has more than {MAX_FIELDS} fields")));
            }
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(M::Error::custom(format_args!("the field {name:?} occurs twice")));
            }
            fields.push((name, map.next_value()?));
        }
        Ok(fields)
    }
}

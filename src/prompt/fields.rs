//! The top-level fields of a prompt event, in their order, with values as the text that came.

use crate::error::Error;
use crate::json::Members;
use serde::de::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

/// Anthropic documents some twenty fields. The limit keeps the search for repeated names short, whatever a caller sends.
const MAX_FIELDS: usize = 256;

/// The fields of one JSON object. No name occurs twice: two parsers may disagree about which one counts.
pub(crate) struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// Reads the fields of the object that `text` must be.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let Members(fields) = serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Data => Error::invalid("body", "must be a JSON object"),
            Category::Eof if text.trim_start().is_empty() => Error::invalid("body", "is empty"),
            Category::Io | Category::Syntax | Category::Eof => Error::invalid("body", format!("is not JSON: {error}")),
        })?;
        if fields.len() > MAX_FIELDS {
            return Err(Error::invalid("body", format!("has more than {MAX_FIELDS} fields")));
        }
        for (index, (name, _)) in fields.iter().enumerate() {
            if fields.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(Error::invalid("body", format!("the field {name:?} occurs twice")));
            }
        }
        Ok(Self(fields))
    }

    /// The fields that say something: JSON's `null` stands for a field that was left out.
    pub(crate) fn present(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().filter(|(_, value)| value.get() != "null").map(|(name, value)| (name.as_str(), *value))
    }

    /// The text of a field, if it is present.
    pub(crate) fn value(&self, name: &str) -> Option<&'a RawValue> {
        self.present().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// A field of type `T`, if it is present; `rule` ends the sentence "NAME: must be …".
    pub(crate) fn typed<T: Deserialize<'a>>(&self, name: &str, rule: &str) -> Result<Option<T>, Error> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        serde_json::from_str(value.get()).map(Some).map_err(|_| Error::invalid(name, format!("must be {rule}")))
    }
}

//! The fields of a request, read as DynamoDB reads them; a field that the stand-in does not know is refused.

use serde_json::Value;

use super::item::{self, Item};
use super::refusal::Refusal;

/// The body of a request, every field of which the operation knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(&'a Value);

impl<'a> Fields<'a> {
    pub(super) fn read(request: &'a Value, known: &[&str]) -> Result<Self, Refusal> {
        let fields = request.as_object().ok_or_else(|| Refusal::serialization("Expected a JSON object"))?;
        match fields.keys().find(|field| !known.contains(&field.as_str())) {
            Some(field) => Err(Refusal::not_in_the_stand_in(&format!("the field {field} here"))),
            None => Ok(Self(request)),
        }
    }

    /// The whole request, for the expressions in it.
    pub(super) fn all(self) -> &'a Value {
        self.0
    }

    /// The name or ARN of the table.
    pub(super) fn table(self) -> Result<&'a str, Refusal> {
        let constraint = "Member must not be null";
        self.text("TableName")?.ok_or_else(|| constraint_failed("null", "tableName", constraint))
    }

    /// An item or a key, which must be there.
    pub(super) fn item(self, field: &str) -> Result<Item, Refusal> {
        match &self.0[field] {
            Value::Null => Err(constraint_failed("null", &field.to_lowercase(), "Member must not be null")),
            item => item::read(item),
        }
    }

    /// A switch, off if it is not there.
    pub(super) fn flag(self, field: &str) -> Result<bool, Refusal> {
        match &self.0[field] {
            Value::Null => Ok(false),
            Value::Bool(on) => Ok(*on),
            _ => Err(Refusal::serialization(format!("{field} is not a boolean"))),
        }
    }

    /// One of the words that a field takes; the first of them if it is not there.
    pub(super) fn choice(self, field: &str, words: &[&'static str]) -> Result<&'static str, Refusal> {
        let Some(chosen) = self.text(field)? else {
            return Ok(words.first().copied().unwrap_or_default());
        };
        let mut name = field.to_owned();
        name[..1].make_ascii_lowercase();
        let found = words.iter().copied().find(|word| *word == chosen);
        found.ok_or_else(|| {
            let constraint = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            constraint_failed(&format!("'{chosen}'"), &name, &constraint)
        })
    }

    fn text(self, field: &str) -> Result<Option<&'a str>, Refusal> {
        match &self.0[field] {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(Refusal::serialization(format!("{field} is not a string"))),
        }
    }
}

fn constraint_failed(value: &str, field: &str, constraint: &str) -> Refusal {
    Refusal::validation(format!(
        "1 validation error detected: Value {value} at '{field}' failed to satisfy constraint: {constraint}"
    ))
}

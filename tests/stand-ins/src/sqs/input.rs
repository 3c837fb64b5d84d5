//! The members of a call, or of one entry of a batch, each read as the type that the protocol gives it.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A JSON object of the protocol, in which null stands for a member that is not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Input<'a> {
    /// A value as an object of the protocol.
    pub(super) fn of(value: &'a Value) -> Result<Self, Refusal> {
        value.as_object().map(Self).ok_or_else(|| Refusal::malformed("Expected an object."))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        self.read(name, "a string", Value::as_str)
    }

    /// A text that must be there; an empty one is as good as none.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| Refusal::missing(name))
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.read(name, "an integer", Value::as_i64)
    }

    /// The integer of a range; the reason is what SQS says about one that is outside.
    pub(super) fn within(&self, name: &str, least: i64, most: i64, reason: &str) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.integer(name)? else { return Ok(None) };
        let inside = u64::try_from(value).ok().filter(|_| (least..=most).contains(&value));
        inside.map(Some).ok_or_else(|| Refusal::value(name, value, reason))
    }

    /// The members of an object, or nothing if there is none.
    pub(super) fn object(&self, name: &str) -> Result<Vec<(&'a String, Input<'a>)>, Refusal> {
        let Some(object) = self.read(name, "an object", Value::as_object)? else { return Ok(Vec::new()) };
        object.iter().map(|(name, value)| Ok((name, Input::of(value)?))).collect()
    }

    pub(super) fn list(&self, name: &str) -> Result<Vec<&'a Value>, Refusal> {
        Ok(self.read(name, "a list", Value::as_array)?.into_iter().flatten().collect())
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<&'a str>, Refusal> {
        let text = |value: &'a Value| value.as_str().ok_or_else(|| Refusal::malformed(format!("{name} lists texts.")));
        self.list(name)?.into_iter().map(text).collect()
    }

    fn read<T>(&self, name: &str, kind: &str, read: fn(&'a Value) -> Option<T>) -> Result<Option<T>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| Refusal::malformed(format!("{name} is not {kind}."))),
        }
    }
}

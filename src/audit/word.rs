//! Values that should be texts, and members by name: what is wrong with one of them costs no other.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A value that should be a text, and may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// It is not there, or null.
    #[default]
    Absent,
    /// A text.
    Text(Cow<'a, str>),
    /// Something else.
    Odd,
}

/// The one member of an object with this name; odd if there are several.
pub(super) fn word<'a>(object: Option<&'a RawValue>, name: &str) -> Word<'a> {
    match object.map(|object| members(object, name)).unwrap_or_default()[..] {
        [] => Word::Absent,
        [only] => Word::of(only),
        [..] => Word::Odd,
    }
}

/// All members of an object with this name, whichever of its letters are capitals; none if it is no object.
pub(super) fn members<'a>(object: &'a RawValue, name: &str) -> Vec<&'a RawValue> {
    serde_json::Deserializer::from_str(object.get()).deserialize_map(Named(name)).unwrap_or_default()
}

/// What a text says, if it says that.
pub(super) fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}

struct Named<'n>(&'n str);

impl<'de> Visitor<'de> for Named<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = Vec::new();
        while let Some(name) = map.next_key::<Word<'de>>()? {
            if name.text().is_some_and(|name| name.eq_ignore_ascii_case(self.0)) {
                found.push(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

impl<'a> Word<'a> {
    /// The value as it stands in a document.
    pub(super) fn of(value: &'a RawValue) -> Self {
        parsed(value.get()).unwrap_or(Self::Odd)
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Odd => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Odd => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Word<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Word::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Word::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Word::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Word::Odd)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Word::Odd)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Word::Odd)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Word::Odd)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Word::Odd)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Word::Odd)
    }
}

//! The objects within a request, read by the rules of its top level: `null` says nothing, and a field is known or refused.

use crate::error::Error;
use crate::json::{self, Members};
use serde::de::value::{Error as Reason, MapDeserializer};
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;

/// The longest name of a field that is told back: a caller knows its own field by less.
const LONGEST_NAME: usize = 100;

/// Reads the object at `path`.
///
/// # Errors
/// Where it is none, has a field that `T` does not, has one twice, or one of another type.
pub(super) fn read<'a, T: Deserialize<'a>>(value: &'a RawValue, path: &str) -> Result<T, Error> {
    let Members(mut members) = json::object_at(value, path)?;
    members.retain(|(_, value)| value.get() != "null");
    let known = fields_of::<T>();
    for (index, (name, _)) in members.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            return Err(unknown(Some(path), name));
        }
        if members.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(Error::invalid(path, format!("the field {name} occurs twice")));
        }
    }
    T::deserialize(MapDeserializer::new(members.into_iter())).map_err(|error: serde_json::Error| {
        // Where serde_json says where it was, it speaks of a part that the caller does not see as such.
        let reason = error.to_string();
        Error::invalid(path, reason.split(" at line ").next().unwrap_or_default())
    })
}

/// The refusal of a field that nothing here knows; its name is the caller's, and so is not logged.
pub(super) fn unknown(path: Option<&str>, name: &str) -> Error {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let name = path.map_or(name.clone(), |path| format!("{path}.{name}"));
    Error::invalid(&name, "is not known here; leave it out").logged_as("unknown")
}

/// The names of the fields that a derived `T` reads.
fn fields_of<'a, T: Deserialize<'a>>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It reads nothing, and says so in any case.
    let _ = T::deserialize(Asking(&mut fields));
    fields
}

/// What a derived type tells its fields to, before it reads any.
struct Asking<'f>(&'f mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asking<'_> {
    type Error = Reason;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Reason> {
        *self.0 = fields;
        Err(Reason::custom("the fields were asked for, and not their values"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Reason> {
        Err(Reason::custom("it has no fields"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

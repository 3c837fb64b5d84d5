//! The value of an attribute: one of DynamoDB's ten types, read from JSON, weighed and compared as DynamoDB does.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::item::{self, Item};
use super::number::Number;
use super::refusal::Refusal;

/// What a list or a map weighs before anything is in it.
const CONTAINER: usize = 3;

/// A value that an attribute can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attribute {
    S(String),
    N(Number),
    B(Vec<u8>),
    Bool(bool),
    Null,
    M(Item),
    L(Vec<Attribute>),
    Ss(BTreeSet<String>),
    Ns(BTreeSet<Number>),
    Bs(BTreeSet<Vec<u8>>),
}

impl Attribute {
    /// Reads `{"S": "…"}` and its like.
    pub(super) fn read(json: &Value) -> Result<Self, Refusal> {
        let object = json.as_object().ok_or_else(|| wrong_shape(json))?;
        let mut types = object.iter();
        match (types.next(), types.next()) {
            (Some((name, value)), None) => Self::of_type(name, value),
            (None, _) => Err(nothing()),
            _ => Err(Refusal::validation(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported \
                 datatypes",
            )),
        }
    }

    fn of_type(name: &str, value: &Value) -> Result<Self, Refusal> {
        match name {
            "S" => text(value).map(Self::S),
            "N" => number(value).map(Self::N),
            "B" => blob(value).map(Self::B),
            "BOOL" => value.as_bool().map(Self::Bool).ok_or_else(|| wrong_shape(value)),
            "NULL" if value == true => Ok(Self::Null),
            "NULL" => Err(invalid("Null attribute value types must have the value of true")),
            "M" => item::read(value).map(Self::M),
            "L" => list(value)?.iter().map(Self::read).collect::<Result<_, _>>().map(Self::L),
            "SS" => set(value, "string", text).map(Self::Ss),
            "NS" => set(value, "number", number).map(Self::Ns),
            "BS" => set(value, "binary", blob).map(Self::Bs),
            _ => Err(nothing()),
        }
    }

    /// The value as it is sent.
    pub(super) fn to_json(&self) -> Value {
        let encoded = |bytes: &Vec<u8>| BASE64_STANDARD.encode(bytes);
        let value = match self {
            Self::S(text) => json!(text),
            Self::N(number) => json!(number.to_string()),
            Self::B(bytes) => json!(encoded(bytes)),
            Self::Bool(value) => json!(value),
            Self::Null => json!(true),
            Self::M(entries) => item::to_json(entries),
            Self::L(values) => values.iter().map(Self::to_json).collect(),
            Self::Ss(texts) => json!(texts),
            Self::Ns(numbers) => numbers.iter().map(Number::to_string).collect(),
            Self::Bs(blobs) => blobs.iter().map(encoded).collect(),
        };
        json!({ self.type_name(): value })
    }

    /// The name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::B(_) => "B",
            Self::Bool(_) => "BOOL",
            Self::Null => "NULL",
            Self::M(_) => "M",
            Self::L(_) => "L",
            Self::Ss(_) => "SS",
            Self::Ns(_) => "NS",
            Self::Bs(_) => "BS",
        }
    }

    /// How many bytes it counts for against the limit of an item.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::M(entries) => CONTAINER + entries.len() + item::size(entries),
            Self::L(values) => CONTAINER + values.len() + values.iter().map(Self::size).sum::<usize>(),
            Self::Ss(texts) => texts.iter().map(String::len).sum(),
            Self::Ns(numbers) => numbers.iter().map(Number::size).sum(),
            Self::Bs(blobs) => blobs.iter().map(Vec::len).sum(),
        }
    }

    /// Which of two is less; none of them, unless both are strings, both are numbers or both are binary.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::S(left), Self::S(right)) => Some(left.cmp(right)),
            (Self::N(left), Self::N(right)) => Some(left.cmp(right)),
            (Self::B(left), Self::B(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// Whether values of its type have an order.
    pub(super) fn is_ordered(&self) -> bool {
        self.compare(self).is_some()
    }
}

fn text(value: &Value) -> Result<String, Refusal> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong_shape(value))
}

fn number(value: &Value) -> Result<Number, Refusal> {
    Number::parse(value.as_str().ok_or_else(|| wrong_shape(value))?).map_err(Refusal::validation)
}

fn blob(value: &Value) -> Result<Vec<u8>, Refusal> {
    let text = value.as_str().ok_or_else(|| wrong_shape(value))?;
    BASE64_STANDARD.decode(text).map_err(|_| wrong_shape(value))
}

fn list(value: &Value) -> Result<&Vec<Value>, Refusal> {
    value.as_array().ok_or_else(|| wrong_shape(value))
}

fn set<T: Ord>(value: &Value, kind: &str, read: impl Fn(&Value) -> Result<T, Refusal>) -> Result<BTreeSet<T>, Refusal> {
    let values = list(value)?;
    let set = values.iter().map(read).collect::<Result<BTreeSet<T>, _>>()?;
    if values.is_empty() {
        return Err(invalid(&format!("An {kind} set  may not be empty")));
    }
    if set.len() < values.len() {
        return Err(invalid(&format!("Input collection {value} contains duplicates.")));
    }
    Ok(set)
}

fn invalid(problem: &str) -> Refusal {
    Refusal::validation(format!("One or more parameter values were invalid: {problem}"))
}

fn nothing() -> Refusal {
    Refusal::validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

fn wrong_shape(value: &Value) -> Refusal {
    let mut shown = value.to_string();
    if let Some((at, _)) = shown.char_indices().nth(40) {
        shown.truncate(at);
    }
    Refusal::serialization(format!("Unexpected value type in payload: {shown}"))
}

//! One value in a request body together with its path, so that every refusal can name the field it is about.

use std::fmt::{self, Display};
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// The outcome of one rule: nothing, or the sentence that Bedrock refuses with.
pub(super) type Rule<T = ()> = Result<T, String>;

/// A value and where it stands, written as Anthropic writes it: `messages.0.content.1.source`.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    path: String,
    pub(super) value: &'a Value,
}

impl Display for Field<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.path)
    }
}

impl<'a> Field<'a> {
    /// The whole body, whose fields have no path before their name.
    pub(super) fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value }
    }

    /// A refusal that names this field.
    pub(super) fn refuse<T>(&self, problem: impl Display) -> Rule<T> {
        Err(format!("{self}: {problem}"))
    }

    /// The path of something inside, for messages about what is absent or should be.
    pub(super) fn path_of(&self, inside: impl Display) -> String {
        if self.path.is_empty() { inside.to_string() } else { format!("{}.{inside}", self.path) }
    }

    pub(super) fn optional(&self, name: &str) -> Option<Field<'a>> {
        let value = self.value.get(name)?;
        Some(Field { path: self.path_of(name), value })
    }

    pub(super) fn required(&self, name: &str) -> Rule<Field<'a>> {
        self.optional(name).ok_or_else(|| format!("{}: Field required", self.path_of(name)))
    }

    pub(super) fn object(&self) -> Rule<&'a Map<String, Value>> {
        self.value.as_object().map_or_else(|| self.refuse("Input should be an object"), Ok)
    }

    pub(super) fn string(&self) -> Rule<&'a str> {
        self.value.as_str().map_or_else(|| self.refuse("Input should be a valid string"), Ok)
    }

    pub(super) fn boolean(&self) -> Rule<bool> {
        self.value.as_bool().map_or_else(|| self.refuse("Input should be a valid boolean"), Ok)
    }

    /// The elements, each with its own path.
    pub(super) fn list(&self) -> Rule<Vec<Field<'a>>> {
        let Some(values) = self.value.as_array() else {
            return self.refuse("Input should be a valid list");
        };
        Ok(values.iter().enumerate().map(|(index, value)| Field { path: self.path_of(index), value }).collect())
    }

    pub(super) fn number_within(&self, range: RangeInclusive<f64>) -> Rule<f64> {
        match self.value.as_f64() {
            None => self.refuse("Input should be a valid number"),
            Some(number) if number < *range.start() => {
                self.refuse(format_args!("Input should be greater than or equal to {}", range.start()))
            }
            Some(number) if number > *range.end() => {
                self.refuse(format_args!("Input should be less than or equal to {}", range.end()))
            }
            Some(number) => Ok(number),
        }
    }

    pub(super) fn integer_from(&self, least: i64) -> Rule<i64> {
        match self.value.as_i64() {
            None => self.refuse("Input should be a valid integer"),
            Some(number) if number < least => {
                self.refuse(format_args!("Input should be greater than or equal to {least}"))
            }
            Some(number) => Ok(number),
        }
    }

    /// The string, if it is one of a few.
    pub(super) fn one_of(&self, allowed: &[&str]) -> Rule<&'a str> {
        let text = self.string()?;
        if allowed.contains(&text) {
            Ok(text)
        } else {
            self.refuse(format_args!("Input should be {}", either(allowed)))
        }
    }

    /// The `type` of a tagged value, if it is one of those that exist.
    pub(super) fn tag(&self, known: &[&str]) -> Rule<&'a str> {
        self.object()?;
        let tag = self.required("type")?.string()?;
        if known.contains(&tag) {
            return Ok(tag);
        }
        self.refuse(format_args!(
            "Input tag '{tag}' found using 'type' does not match any of the expected tags: {}",
            known.iter().map(|tag| format!("'{tag}'")).collect::<Vec<_>>().join(", ")
        ))
    }

    /// Refuses the first field that is not in the list. `variant` is the tag that Anthropic puts into the path of a
    /// tagged value, as in `system.1.cache_control.ephemeral.scope`.
    pub(super) fn only(&self, known: &[&str], variant: Option<&str>) -> Rule {
        match self.object()?.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(extra) => {
                let name = variant.map_or_else(|| extra.clone(), |variant| format!("{variant}.{extra}"));
                Err(format!("{}: Extra inputs are not permitted", self.path_of(name)))
            }
        }
    }
}

/// `'a', 'b' or 'c'`, as Anthropic lists the values that it accepts.
fn either(allowed: &[&str]) -> String {
    match allowed {
        [] => String::new(),
        [only] => format!("'{only}'"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|value| format!("'{value}'")).collect();
            format!("{} or '{last}'", first.join(", "))
        }
    }
}

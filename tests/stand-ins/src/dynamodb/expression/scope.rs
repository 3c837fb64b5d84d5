//! The names and values that a request defines for its expressions; each must be used, and none may be missing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::attribute::Attribute;
use super::super::item::{self, Item};
use super::super::refusal::Refusal;

const NAMES: &str = "ExpressionAttributeNames";
const VALUES: &str = "ExpressionAttributeValues";

/// What placeholders stand for.
#[derive(Debug, Default)]
pub(super) struct Scope {
    names: BTreeMap<String, String>,
    values: Item,
    used: BTreeSet<String>,
}

impl Scope {
    pub(super) fn read(request: &Value) -> Result<Self, Refusal> {
        let mut scope = Self::default();
        if let Some(names) = definitions(request, NAMES, '#')? {
            scope.names = serde_json::from_value(names.clone())
                .map_err(|_| Refusal::serialization(format!("{NAMES} is not a map of strings")))?;
        }
        if let Some(values) = definitions(request, VALUES, ':')? {
            scope.values = item::read(values)?;
        }
        Ok(scope)
    }

    /// The name that a placeholder stands for.
    pub(super) fn name(&mut self, placeholder: &str) -> Option<String> {
        self.used.insert(placeholder.to_owned());
        self.names.get(placeholder).cloned()
    }

    /// The value that a placeholder stands for.
    pub(super) fn value(&mut self, placeholder: &str) -> Option<Attribute> {
        self.used.insert(placeholder.to_owned());
        self.values.get(placeholder).cloned()
    }

    /// DynamoDB takes no definition that no expression uses.
    pub(super) fn is_used_up(&self, by_expressions: bool) -> Result<(), Refusal> {
        self.are_used(NAMES, self.names.keys(), by_expressions)?;
        self.are_used(VALUES, self.values.keys(), by_expressions)
    }

    fn are_used<'a>(
        &self,
        field: &str,
        placeholders: impl Iterator<Item = &'a String>,
        by_expressions: bool,
    ) -> Result<(), Refusal> {
        let unused: Vec<&str> =
            placeholders.filter(|placeholder| !self.used.contains(*placeholder)).map(String::as_str).collect();
        if unused.is_empty() {
            return Ok(());
        }
        if !by_expressions {
            return Err(Refusal::validation(format!("{field} can only be specified when using expressions")));
        }
        let unused = unused.join(", ");
        Err(Refusal::validation(format!("Value provided in {field} unused in expressions: keys: {{{unused}}}")))
    }
}

/// The map that a request defines placeholders of one sort in.
fn definitions<'a>(request: &'a Value, field: &str, sign: char) -> Result<Option<&'a Value>, Refusal> {
    let defined = &request[field];
    if defined.is_null() {
        return Ok(None);
    }
    let map = defined.as_object().ok_or_else(|| Refusal::serialization(format!("{field} is not a map")))?;
    if map.is_empty() {
        return Err(Refusal::validation(format!("{field} must not be empty")));
    }
    let is_placeholder = |key: &str| {
        key.strip_prefix(sign).is_some_and(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    match map.keys().find(|key| !is_placeholder(key)) {
        None => Ok(Some(defined)),
        Some(key) => Err(Refusal::validation(format!("{field} contains invalid key: Syntax error; key: \"{key}\""))),
    }
}

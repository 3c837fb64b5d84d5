//! JSON as text: a field taken out of a document, while everything else stays the very bytes that came.

use crate::error::Error;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The document `text` without what `path` leads to; `None` if it is not there.
///
/// A path names fields from the outside in, with dots between them: `tools.*.strict` is a field of every item of a
/// list, and `content.*:image` are the items of a list whose `type` is `image`. A field whose list or object loses its
/// last part goes too, because an empty one need not be valid where none is. Only what holds the field is written again, and
/// there only the white space between its parts is lost.
#[must_use]
pub(crate) fn without(text: &str, path: &str) -> Option<String> {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    match (step.strip_prefix('*'), rest) {
        (Some(""), Some(rest)) => without_in_each(text, rest),
        (Some(kind), None) => without_items(text, kind.strip_prefix(':')?),
        (Some(_), Some(_)) => None,
        (None, rest) => without_member(text, step, rest),
    }
}

fn without_in_each(text: &str, rest: &str) -> Option<String> {
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let changed: Vec<_> = items.iter().map(|item| without(item.get(), rest)).collect();
    let texts = items.iter().zip(&changed).map(|(item, changed)| changed.as_deref().unwrap_or(item.get()));
    changed.iter().any(Option::is_some).then(|| list(texts))
}

fn without_items(text: &str, kind: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow, rename = "type")]
        kind: Cow<'a, str>,
    }
    let is_kind = |item: &&RawValue| serde_json::from_str(item.get()).is_ok_and(|item: Typed<'_>| item.kind == kind);
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let kept: Vec<_> = items.iter().filter(|item| !is_kind(item)).map(|item| item.get()).collect();
    (kept.len() < items.len()).then(|| list(kept.into_iter()))
}

fn without_member(text: &str, name: &str, rest: Option<&str>) -> Option<String> {
    let Members(members) = serde_json::from_str(text).ok()?;
    let mut found = false;
    let mut kept = Vec::with_capacity(members.len());
    for (member, value) in members {
        let named = member == name;
        let changed = rest.filter(|_| named).and_then(|rest| without(value.get(), rest));
        let goes = named && (rest.is_none() || matches!(changed.as_deref(), Some("[]" | "{}")));
        found |= goes || changed.is_some();
        if !goes {
            kept.push((member, changed.map_or(Cow::Borrowed(value.get()), Cow::Owned)));
        }
    }
    found.then(|| object(&kept))
}

/// A list of these items.
pub(crate) fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// An object of these members.
pub(crate) fn object(members: &[(impl AsRef<str>, Cow<'_, str>)]) -> String {
    let texts = members.iter().map(|(name, value)| format!("{}:{value}", serde_json::Value::from(name.as_ref())));
    format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
}

/// Reads an object field by field; `path` names it in the error. A field that occurs twice is an error too.
pub(crate) fn object_at<'a, T: Deserialize<'a>>(value: &'a RawValue, path: &str) -> Result<T, Error> {
    // A derived type would take a list for an object, field by position: nobody means that.
    if !value.get().starts_with('{') {
        return Err(Error::invalid(path, "must be an object"));
    }
    serde_json::from_str(value.get()).map_err(|error| {
        // serde_json ends with a position in the value, which would mislead: the caller sees the whole request.
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        Error::invalid(path, reason)
    })
}

/// The members of an object in their order, with values as the text that came. A name may occur twice.
pub(crate) struct Members<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Members)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn a_field_is_taken_out_and_the_rest_stays_as_it_came() {
        let text = r#"{"b": 1.0, "x": [1,2], "a":"\u00e9","a\"b":{"x":1}}"#;
        assert_eq!(without(text, "x").unwrap(), r#"{"b":1.0,"a":"\u00e9","a\"b":{"x":1}}"#);
        assert_eq!(without(text, "a\"b.x").unwrap(), r#"{"b":1.0,"x":[1,2],"a":"\u00e9"}"#);
    }

    #[test]
    fn a_path_leads_through_the_items_of_a_list() {
        let text = r#"[{"c":{"s":1,"t":2}},{"c":null},"text",{"c":{"s":{"s":3}}}]"#;
        assert_eq!(without(text, "*.c.s").unwrap(), r#"[{"c":{"t":2}},{"c":null},"text",{}]"#);
    }

    #[test]
    fn items_of_a_type_are_taken_out_of_their_list() {
        let text = r#"{"c":[{"type":"a"},{"type":"b","x":1},"text",{"type":"a"}]}"#;
        assert_eq!(without(text, "c.*:a").unwrap(), r#"{"c":[{"type":"b","x":1},"text"]}"#);
        assert_eq!(without(r#"{"a":1,"c":[{"type":"a"}]}"#, "c.*:a").unwrap(), r#"{"a":1}"#, "no list is left empty");
    }

    #[test]
    fn what_is_not_there_changes_nothing() {
        for (text, path) in [
            ("{}", "x"),
            ("[]", "*.x"),
            ("7", "x"),
            ("[1]", "x"),
            ("{", "x"),
            ("{\"x\":1}", ""),
            ("[1]", "*:x"),
            ("[1]", "*"),
        ] {
            assert_eq!(without(text, path), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_rest_means_what_it_meant(keys in prop::collection::vec("[a-dx\"\\\\é]{1,2}", 0..6), number: i64) {
            let mut object: serde_json::Map<String, Value> =
                keys.into_iter().map(|key| (key, json!([number, "text"]))).collect();
            object.insert("x".to_owned(), json!({ "y": number }));
            let text = Value::Object(object.clone()).to_string();
            object.remove("x");
            let rest: Value = serde_json::from_str(&without(&text, "x").unwrap()).unwrap();
            prop_assert_eq!(rest, Value::Object(object));
        }
    }
}

//! An item: attributes by name, and what they weigh together.

use std::collections::BTreeMap;

use serde_json::Value;

use super::attribute::Attribute;
use super::refusal::Refusal;

/// The largest item that DynamoDB keeps: 400 KB of names and values.
pub(super) const MAX_SIZE: usize = 409_600;

/// Attributes by name.
pub(super) type Item = BTreeMap<String, Attribute>;

/// Reads an item, or any other map of attributes.
pub(super) fn read(json: &Value) -> Result<Item, Refusal> {
    let object = json.as_object().ok_or_else(|| Refusal::serialization("Expected a map of attribute values"))?;
    object.iter().map(|(name, value)| Ok((name.clone(), Attribute::read(value)?))).collect()
}

/// The item as it is sent.
pub(super) fn to_json(item: &Item) -> Value {
    item.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
}

/// The bytes of all names, which are UTF-8, and of all values.
pub(super) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_comes_back_as_it_was_sent() {
        let sent = json!({
            "s": { "S": "" },
            "n": { "N": "-1.5" },
            "b": { "B": "a29rdW5haQ==" },
            "bool": { "BOOL": false },
            "null": { "NULL": true },
            "m": { "M": { "l": { "L": [{ "S": "a" }, { "N": "1" }] } } },
            "ss": { "SS": ["a", "b"] },
            "ns": { "NS": ["1", "20"] },
            "bs": { "BS": ["YQ=="] },
        });
        assert_eq!(to_json(&read(&sent).expect("an item")), sent);
    }

    #[test]
    fn an_item_weighs_its_names_and_values() {
        let weight = |json: Value| size(&read(&json).expect("an item"));
        assert_eq!(weight(json!({ "id": { "S": "国内" } })), 2 + 6);
        assert_eq!(weight(json!({ "at": { "N": "1760000001" } })), 2 + 6);
        assert_eq!(weight(json!({ "b": { "B": "a29rdW5haQ==" }, "t": { "BOOL": true } })), 1 + 7 + 1 + 1);
        assert_eq!(weight(json!({ "m": { "M": { "l": { "L": [{ "S": "ab" }] } } } })), 1 + 3 + 1 + 1 + 3 + 1 + 2);
        assert_eq!(weight(json!({ "ss": { "SS": ["a", "bc"] } })), 2 + 3);
    }

    #[test]
    fn what_is_no_attribute_value_is_refused() {
        let problem = |value: Value| read(&json!({ "a": value })).expect_err("a refusal").message;
        let cases = [
            (json!({}), "is empty"),
            (json!({ "X": "a" }), "is empty"),
            (json!({ "S": "a", "N": "1" }), "more than one datatypes"),
            (json!({ "NULL": false }), "value of true"),
            (json!({ "SS": [] }), "may not be empty"),
            (json!({ "NS": ["1", "1.0"] }), "contains duplicates"),
            (json!({ "N": "one" }), "numeric value"),
            (json!({ "S": 1 }), "Unexpected value type"),
            (json!({ "B": "%" }), "Unexpected value type"),
            (json!("a"), "Unexpected value type"),
        ];
        for (value, words) in cases {
            let problem = problem(value);
            assert!(problem.contains(words), "{problem}");
        }
    }
}

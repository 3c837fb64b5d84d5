//! Tables with a partition key, in memory: what is in them, and what was before the last write.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::attribute::Attribute;
use super::item::{self, Item};
use super::refusal::Refusal;

/// The longest partition key.
const MAX_KEY: usize = 2_048;

/// What stands before a table's name in its ARN.
pub(super) const ARN: &str = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/";

/// When every table was created, in seconds since 1970; no test can depend on it.
const CREATED: u64 = 1_760_000_000;

/// All tables, by name.
#[derive(Debug, Default)]
pub(super) struct Tables(BTreeMap<String, Table>);

/// A table whose partition key is a string.
#[derive(Debug)]
pub(super) struct Table {
    partition_key: String,
    rows: BTreeMap<String, Row>,
}

/// An item, and what was in its place before it was last written or deleted.
#[derive(Debug, Default)]
struct Row {
    now: Option<Item>,
    before: Option<Item>,
}

impl Tables {
    /// An empty table, in the place of one of that name.
    pub(super) fn create(&mut self, name: &str, partition_key: &str) {
        let table = Table { partition_key: partition_key.to_owned(), rows: BTreeMap::new() };
        self.0.insert(name.to_owned(), table);
    }

    /// The table of a name or an ARN.
    pub(super) fn table(&mut self, name: &str) -> Option<&mut Table> {
        self.0.get_mut(name.strip_prefix(ARN).unwrap_or(name))
    }
}

impl Table {
    /// All items in the order of their keys.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.rows.values().filter_map(|row| row.now.as_ref())
    }

    /// The item that is there now.
    pub(super) fn item(&self, key: &str) -> Option<&Item> {
        self.rows.get(key)?.now.as_ref()
    }

    /// What a read sees that did not ask for consistency: at worst the item as it was before its last write, so always that.
    pub(super) fn stale_item(&self, key: &str) -> Option<&Item> {
        self.rows.get(key)?.before.as_ref()
    }

    /// Replaces an item, or deletes it.
    pub(super) fn write(&mut self, key: String, item: Option<Item>) {
        let row = self.rows.entry(key).or_default();
        row.before = row.now.take();
        row.now = item;
    }

    pub(super) fn partition_key(&self) -> &str {
        &self.partition_key
    }

    /// The partition key's value in an item that is to be written.
    pub(super) fn key_of_item(&self, item: &Item) -> Result<String, Refusal> {
        let name = &self.partition_key;
        let invalid =
            |problem: String| Refusal::validation(format!("One or more parameter values were invalid: {problem}"));
        match item.get(name) {
            Some(Attribute::S(key)) => self.sound(key),
            Some(other) => {
                Err(invalid(format!("Type mismatch for key {name} expected: S actual: {}", other.type_name())))
            }
            None => Err(invalid(format!("Missing the key {name} in the item"))),
        }
    }

    /// The partition key's value in a key, which has nothing else in it.
    pub(super) fn key(&self, key: &Item) -> Result<String, Refusal> {
        match key.get(&self.partition_key) {
            Some(Attribute::S(value)) if key.len() == 1 => self.sound(value),
            _ => Err(Refusal::validation("The provided key element does not match the schema")),
        }
    }

    fn sound(&self, key: &str) -> Result<String, Refusal> {
        let problem = match key.len() {
            0 => format!(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
                 empty string value. Key: {}",
                self.partition_key
            ),
            1..=MAX_KEY => return Ok(key.to_owned()),
            _ => format!(
                "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of\
                 {MAX_KEY} bytes"
            ),
        };
        Err(Refusal::validation(problem))
    }

    /// What DescribeTable tells of it.
    pub(super) fn description(&self, name: &str) -> Value {
        let name = name.strip_prefix(ARN).unwrap_or(name);
        json!({
            "TableName": name,
            "TableArn": format!("{ARN}{name}"),
            "TableStatus": "ACTIVE",
            "CreationDateTime": CREATED,
            "AttributeDefinitions": [{ "AttributeName": self.partition_key, "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": self.partition_key, "KeyType": "HASH" }],
            "BillingModeSummary": { "BillingMode": "PAY_PER_REQUEST" },
            "ItemCount": self.items().count(),
            "TableSizeBytes": self.items().map(item::size).sum::<usize>(),
        })
    }
}

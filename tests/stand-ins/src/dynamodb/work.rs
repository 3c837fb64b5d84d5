//! What the operations do: each reads its fields, checks everything, and then changes the table or leaves it alone.

use serde_json::{Value, json};

use super::expression::{Expressions, Update};
use super::item::{self, Item};
use super::operation::Operation;
use super::refusal::Refusal;
use super::request::Fields;
use super::table::{Table, Tables};

/// The fields of every write, beside its item or key.
const WRITE: [&str; 6] = [
    "TableName",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValues",
    "ReturnValuesOnConditionCheckFailure",
];

/// What a write that replaces or deletes can give back, the default first.
const OLD: &[&str] = &["NONE", "ALL_OLD"];

/// What an update can give back.
const OLD_AND_NEW: &[&str] = &["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"];

/// Does what a request asks for, and gives the body of the answer.
pub(super) fn perform(operation: Operation, tables: &mut Tables, request: &Value) -> Result<Value, Refusal> {
    match operation {
        Operation::PutItem => put(tables, request),
        Operation::GetItem => get(tables, request),
        Operation::UpdateItem => update(tables, request),
        Operation::DeleteItem => delete(tables, request),
        Operation::DescribeTable => describe(tables, request),
    }
}

fn put(tables: &mut Tables, request: &Value) -> Result<Value, Refusal> {
    let write = Write::read(request, &["Item"], OLD)?;
    let item = write.fields.item("Item")?;
    let table = table(tables, write.fields)?;
    let key = table.key_of_item(&item)?;
    fits(&item, "Item size has exceeded the maximum allowed size")?;
    let old = write.admitted(table, &key)?;
    table.write(key, Some(item));
    Ok(write.answer(&old, &Item::new()))
}

fn update(tables: &mut Tables, request: &Value) -> Result<Value, Refusal> {
    let write = Write::read(request, &["Key", "UpdateExpression"], OLD_AND_NEW)?;
    let key_item = write.fields.item("Key")?;
    let table = table(tables, write.fields)?;
    let key = table.key(&key_item)?;
    let change = write.expressions.update.as_ref();
    if change.is_some_and(|change| change.names().any(|name| name == table.partition_key())) {
        return Err(Refusal::validation(format!(
            "One or more parameter values were invalid: Cannot update attribute {}. This attribute is part of the key",
            table.partition_key()
        )));
    }
    let old = write.admitted(table, &key)?;
    let base = if old.is_empty() { key_item } else { old.clone() };
    let new = change.map_or_else(|| Ok(base.clone()), |change| change.applied(&base))?;
    fits(&new, "Item size to update has exceeded the maximum allowed size")?;
    if !old.is_empty() || change.is_none_or(Update::writes) {
        table.write(key, Some(new.clone()));
    }
    Ok(write.answer(&old, &new))
}

fn delete(tables: &mut Tables, request: &Value) -> Result<Value, Refusal> {
    let write = Write::read(request, &["Key"], OLD)?;
    let key = write.fields.item("Key")?;
    let table = table(tables, write.fields)?;
    let key = table.key(&key)?;
    let old = write.admitted(table, &key)?;
    table.write(key, None);
    Ok(write.answer(&old, &Item::new()))
}

fn get(tables: &mut Tables, request: &Value) -> Result<Value, Refusal> {
    let known = ["TableName", "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"];
    let fields = Fields::read(request, &known)?;
    let expressions = Expressions::read(request)?;
    let consistent = fields.flag("ConsistentRead")?;
    let key = fields.item("Key")?;
    let table = table(tables, fields)?;
    let key = table.key(&key)?;
    let Some(item) = (if consistent { table.item(&key) } else { table.stale_item(&key) }) else {
        return Ok(json!({}));
    };
    let wanted = |name: &String| expressions.projection.as_ref().is_none_or(|projection| projection.contains(name));
    Ok(json!({ "Item": item::to_json(&only(item, wanted)) }))
}

fn describe(tables: &mut Tables, request: &Value) -> Result<Value, Refusal> {
    let name = Fields::read(request, &["TableName"])?.table()?;
    let missing = || Refusal::no_such_table(format!("Requested resource not found: Table: {name} not found"));
    Ok(json!({ "Table": tables.table(name).ok_or_else(missing)?.description(name) }))
}

fn table<'a>(tables: &'a mut Tables, fields: Fields<'_>) -> Result<&'a mut Table, Refusal> {
    tables.table(fields.table()?).ok_or_else(|| Refusal::no_such_table("Requested resource not found"))
}

fn fits(item: &Item, problem: &str) -> Result<(), Refusal> {
    if item::size(item) <= item::MAX_SIZE { Ok(()) } else { Err(Refusal::validation(problem)) }
}

fn only(item: &Item, wanted: impl Fn(&String) -> bool) -> Item {
    item.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A write, read as far as all writes are alike.
struct Write<'a> {
    fields: Fields<'a>,
    expressions: Expressions,
    returns: &'static str,
    shows_what_stood_in_the_way: bool,
}

impl<'a> Write<'a> {
    fn read(request: &'a Value, own: &[&'static str], returns: &[&'static str]) -> Result<Self, Refusal> {
        let fields = Fields::read(request, &[&WRITE, own].concat())?;
        let shows = fields.choice("ReturnValuesOnConditionCheckFailure", OLD)? == "ALL_OLD";
        let returns = fields.choice("ReturnValues", returns)?;
        let expressions = Expressions::read(fields.all())?;
        Ok(Self { fields, expressions, returns, shows_what_stood_in_the_way: shows })
    }

    /// The item that is there, empty if there is none; unless the condition does not hold for it.
    fn admitted(&self, table: &Table, key: &str) -> Result<Item, Refusal> {
        let found = table.item(key);
        let item = found.cloned().unwrap_or_default();
        if self.expressions.condition.as_ref().is_none_or(|condition| condition.holds(&item)) {
            return Ok(item);
        }
        Err(Refusal::condition_failed(found.filter(|_| self.shows_what_stood_in_the_way)))
    }

    /// The attributes that were asked for, if there are any.
    fn answer(&self, old: &Item, new: &Item) -> Value {
        let touched = |name: &String| {
            self.expressions.update.as_ref().is_some_and(|update| update.names().any(|touched| touched == name))
        };
        let attributes = match self.returns {
            "ALL_OLD" => old.clone(),
            "ALL_NEW" => new.clone(),
            "UPDATED_OLD" => only(old, touched),
            "UPDATED_NEW" => only(new, touched),
            _ => Item::new(),
        };
        if attributes.is_empty() { json!({}) } else { json!({ "Attributes": item::to_json(&attributes) }) }
    }
}

//! What all batches have in common: up to ten entries with IDs of their own, each of which succeeds or fails alone.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::input::Input;
use super::refusal::Refusal;

/// The most entries of a batch.
const MAX_ENTRIES: usize = 10;

/// Does one thing for every entry of a batch of this operation, and says which succeeded.
pub(super) fn each(
    input: &Input<'_>,
    operation: &str,
    mut one: impl FnMut(&Input<'_>) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let entries = input.list("Entries")?.into_iter().map(Input::of).collect::<Result<Vec<_>, _>>()?;
    let ids = ids(&entries, operation)?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (entry, id) in entries.iter().zip(ids) {
        match one(entry) {
            Ok(mut answer) => {
                answer["Id"] = json!(id);
                successful.push(answer);
            }
            Err(refusal) => failed.push(refusal.entry(id)),
        }
    }
    let mut answer = json!({ "Successful": successful });
    if !failed.is_empty() {
        answer["Failed"] = json!(failed);
    }
    Ok(answer)
}

/// The IDs of the entries, if there are as many as there may be, and all are valid and different.
fn ids<'a>(entries: &[Input<'a>], operation: &str) -> Result<Vec<&'a str>, Refusal> {
    if entries.is_empty() {
        let message = format!("There should be at least one {operation}BatchRequestEntry in the request.");
        return Err(Refusal::batch("EmptyBatchRequest", message));
    }
    if entries.len() > MAX_ENTRIES {
        let sent = entries.len();
        let message = format!("Maximum number of entries per request are {MAX_ENTRIES}. You have sent {sent}.");
        return Err(Refusal::batch("TooManyEntriesInBatchRequest", message));
    }
    let mut ids = Vec::new();
    let mut seen = HashSet::new();
    for entry in entries {
        let id = entry.text("Id")?.unwrap_or_default();
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=80).contains(&id.len()) || !id.bytes().all(known) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can \
                           be at most 80 letters long.";
            return Err(Refusal::batch("InvalidBatchEntryId", message));
        }
        if !seen.insert(id) {
            return Err(Refusal::batch("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
        ids.push(id);
    }
    Ok(ids)
}

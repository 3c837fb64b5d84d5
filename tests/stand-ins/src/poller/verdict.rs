//! What Lambda makes of the function's response: which messages of the batch are done.

use std::collections::HashSet;

use serde_json::Value;

use super::event::Batch;
use crate::runtime_api::Outcome;

/// The handles of the messages that are done. A batch that the function failed at, or answered with what cannot be
/// understood, has none.
pub(super) fn done<'a>(outcome: &Outcome, batch: &'a Batch, partial: bool) -> Vec<&'a str> {
    let ids: HashSet<&str> = batch.handles().map(|(id, _)| id).collect();
    let failed = match outcome {
        Outcome::Answered(answered) if answered.stream_error.is_some() => None,
        Outcome::Answered(answered) if partial => failures(&answered.body, &ids),
        Outcome::Answered(_) => Some(HashSet::new()),
        Outcome::Failed(_) | Outcome::TooLarge { .. } | Outcome::TimedOut => None,
    };
    let Some(failed) = failed else { return Vec::new() };
    batch.handles().filter(|(id, _)| !failed.contains(*id)).map(|(_, handle)| handle).collect()
}

/// The messages that a response says have failed; nothing if it says so in a way that makes Lambda fail the whole batch.
fn failures(response: &[u8], ids: &HashSet<&str>) -> Option<HashSet<String>> {
    let failures = match serde_json::from_slice(response).ok()? {
        Value::Null => return Some(HashSet::new()),
        Value::Object(mut response) => response.remove("batchItemFailures").unwrap_or_default(),
        _ => return None,
    };
    let failures = match failures {
        Value::Null => return Some(HashSet::new()),
        Value::Array(failures) => failures,
        _ => return None,
    };
    let id = |failure: Value| {
        let id = failure.get("itemIdentifier")?.as_str()?;
        ids.contains(id).then(|| id.to_owned())
    };
    failures.into_iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(response: &str, failed: Option<&[&str]>) {
        let ids = HashSet::from(["a", "b"]);
        let expected = failed.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(failures(response.as_bytes(), &ids), expected, "{response}");
    }

    #[test]
    fn nothing_said_means_that_all_succeeded() {
        for response in ["null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#] {
            says(response, Some(&[]));
        }
    }

    #[test]
    fn what_is_listed_has_failed() {
        says(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, Some(&["b"]));
        says(r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}"#, Some(&["b"]));
    }

    #[test]
    fn what_cannot_be_understood_fails_the_batch() {
        for response in [
            "",
            "done",
            "\"done\"",
            "[]",
            r#"{"batchItemFailures":{}}"#,
            r#"{"batchItemFailures":["a"]}"#,
            r#"{"batchItemFailures":[{}]}"#,
            r#"{"batchItemFailures":[{"foo":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":1}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"unknown"}]}"#,
        ] {
            says(response, None);
        }
    }
}

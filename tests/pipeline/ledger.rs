//! What became of each message, counted by its ID.

use crate::command;
use std::collections::{HashMap, HashSet};

/// One message's fate so far.
#[derive(Debug, Default)]
struct Entry {
    number: usize,
    succeeded: usize,
    failed: usize,
    /// Dead letters that the function sent, with the reason.
    buried: usize,
    /// Dead letters that SQS moved there.
    redriven: usize,
}

impl Entry {
    /// A succeeded result, or a failed one with its dead letter, or a dead letter by redrive.
    fn is_settled(&self) -> bool {
        self.succeeded > 0 || (self.failed > 0 && self.buried > 0) || self.redriven > 0
    }
}

/// All messages.
#[derive(Debug, Default)]
pub(crate) struct Ledger(HashMap<String, Entry>);

impl Ledger {
    pub(crate) fn sent(&mut self, id: String, number: usize) {
        self.0.entry(id).or_default().number = number;
    }

    pub(crate) fn result(&mut self, id: &str, status: &str) {
        let entry = self.entry(id);
        match status {
            "succeeded" => entry.succeeded += 1,
            _ => entry.failed += 1,
        }
    }

    pub(crate) fn buried(&mut self, id: &str) {
        self.entry(id).buried += 1;
    }

    pub(crate) fn redriven(&mut self, id: &str) {
        self.entry(id).redriven += 1;
    }

    fn entry(&mut self, id: &str) -> &mut Entry {
        self.0.get_mut(id).unwrap_or_else(|| panic!("{id} was never sent"))
    }

    pub(crate) fn settled(&self) -> usize {
        self.0.values().filter(|entry| entry.is_settled()).count()
    }

    fn count(&self, is: impl Fn(&Entry) -> bool) -> usize {
        self.0.values().filter(|entry| is(entry)).count()
    }

    pub(crate) fn report(&self, sent: usize) -> String {
        let open: Vec<_> =
            self.0.values().filter(|entry| !entry.is_settled()).map(|entry| entry.number).take(20).collect();
        format!(
            "{sent} sent: {} with a succeeded result, {} with a failed result and a dead letter, {} dead letters by redrive; \
             {} have more than one result; open: {open:?}",
            self.count(|entry| entry.succeeded > 0),
            self.count(|entry| entry.failed > 0 && entry.buried > 0),
            self.count(|entry| entry.redriven > 0),
            self.count(|entry| entry.succeeded + entry.failed > 1),
        )
    }

    /// Nothing is lost, and nothing came or was paid for twice that was not in hand at a kill. `paid` are the answers that
    /// Bedrock gave, by the number in the prompt.
    pub(crate) fn check(&self, paid: &HashMap<usize, usize>, at_risk: &HashSet<String>) {
        for (id, entry) in &self.0 {
            let expected = match command(entry.number) {
                "stand-in: validation" => entry.failed > 0,
                "stand-in: panic" | "stand-in: stall" => entry.redriven > 0,
                _ => entry.succeeded > 0,
            };
            assert!(expected, "{id} ({}) ended in another way: {entry:?}", command(entry.number));
            let (results, letters) = (entry.succeeded + entry.failed, entry.buried + entry.redriven);
            assert!(entry.is_settled(), "{id} is lost: {entry:?}");
            let paid = paid.get(&entry.number).copied().unwrap_or_default();
            assert!(
                at_risk.contains(id) || (results <= 1 && letters <= 1 && paid <= 1),
                "{id} was in no killed process, but came or was paid for more than once: {entry:?}, paid {paid}"
            );
            assert!(entry.succeeded == 0 || paid > 0, "{id} has an answer that nobody paid for: {entry:?}");
        }
    }
}

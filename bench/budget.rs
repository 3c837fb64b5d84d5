//! How many instructions may be taken: a file with the counts of a build that was looked at, and the tools that they were counted with.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::process::Command;

/// Where it is, from the root.
pub(crate) const FILE: &str = "bench/instructions/budget.json";

/// By how much a count may be above its budget: the same build wavers by a hundredth of this.
const MARGIN: f64 = 0.02;

/// The same where another compiler, C library or valgrind counts, which make more of a difference than most changes do. A needless
/// parse of each body is still above it.
const ELSEWHERE: f64 = 0.10;

/// The counts, each by its name, and what they were counted with.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Budget {
    tools: String,
    counts: BTreeMap<String, u64>,
}

impl Budget {
    /// What was counted just now, as a budget.
    pub(crate) fn of(counts: &[(&str, u64)]) -> Self {
        let counts = counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Self { tools: tools(), counts }
    }

    pub(crate) fn read() -> Self {
        serde_json::from_slice(&std::fs::read(FILE).expect("a budget")).expect("a budget in JSON")
    }

    pub(crate) fn write(&self) {
        let text = serde_json::to_string_pretty(self).expect("JSON") + "\n";
        std::fs::write(FILE, text).expect("a file that can be written");
    }

    /// By how much a count of today may be above this.
    pub(crate) fn margin(&self) -> f64 {
        if self.tools == tools() { MARGIN } else { ELSEWHERE }
    }

    /// What may be taken for this.
    pub(crate) fn allowed(&self, name: &str) -> u64 {
        *self.counts.get(name).unwrap_or_else(|| panic!("{FILE} has no budget for the {name}: write it anew"))
    }
}

/// The versions of what has a say in the counts, and the processor's kind.
fn tools() -> String {
    let version = |tool: &str| {
        let output = Command::new(tool).arg("--version").output().unwrap_or_else(|error| panic!("{tool}: {error}"));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let library = version("ldd").lines().next().unwrap_or_default().to_owned();
    format!("{}, {}, {library}, {}", version("rustc"), version("valgrind"), std::env::consts::ARCH)
}

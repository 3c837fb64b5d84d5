//! The report for machines: one JSON document.

use super::Findings;
use super::day::{Counts, Day};
use super::ledger::Records;
use super::options::{OFFSET, Options};
use super::violation::Violation;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    zone: String,
    days: Vec<DatedCounts>,
    totals: Counts,
    violations: &'a [Violation],
    violations_left_out: u64,
    records: Records,
    sources: Sources<'a>,
    seconds: f64,
    records_per_second: u64,
}

#[derive(Serialize)]
struct DatedCounts {
    day: Option<String>,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize)]
struct Sources<'a> {
    read: u64,
    skipped: u64,
    unreadable: Vec<Unreadable<'a>>,
}

#[derive(Serialize)]
struct Unreadable<'a> {
    name: &'a str,
    fault: &'a str,
}

/// The document, as `--help` describes it.
pub(super) fn of(findings: &Findings, options: &Options) -> String {
    let (ledger, sources) = (&findings.ledger, &findings.sources);
    let counts = |day: &Day| day.counts(!options.roles.is_empty());
    let (totals, violations) = (ledger.totals(), ledger.violations.all());
    let days = ledger.days.iter().filter(|(_, day)| **day != Day::default());
    let unreadable = sources.unreadable.iter().map(|(name, fault)| Unreadable { name, fault });
    let document = Document {
        zone: options.zone.format(OFFSET).unwrap_or_default(),
        days: days.map(|(day, it)| DatedCounts { day: day.map(|day| day.to_string()), counts: counts(it) }).collect(),
        totals: counts(&totals),
        violations,
        violations_left_out: totals.violations.saturating_sub(violations.len() as u64),
        records: ledger.records,
        sources: Sources { read: sources.read, skipped: sources.skipped, unreadable: unreadable.collect() },
        seconds: findings.elapsed.as_secs_f64(),
        records_per_second: findings.pace(),
    };
    // Nothing in it can fail to be written: there is no map, and no number that JSON does not know.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

//! The report for people: a table of the days, the violations, and what it rests on.

use super::day::Day;
use super::options::{JAPAN, OFFSET, Options, Source};
use super::violation::{Violation, or_dash};
use super::{Findings, Sources};
use comfy_table::{CellAlignment, LineStyle, Row, Table, presets};
use indicatif::HumanCount;

/// How many violations are shown.
const SHOWN: usize = 20;

/// The report, as `--help` describes it.
pub(super) fn of(findings: &Findings, options: &Options) -> String {
    let has_roles = !options.roles.is_empty();
    let parts = [
        title(options),
        days(findings, has_roles),
        violations(findings),
        records(findings),
        sources(&findings.sources, options),
        awaited(findings),
        if has_roles { String::new() } else { NO_ROLES.to_owned() },
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

const NO_ROLES: &str =
    "unknown roles: name those that may ask with --role NAME-OR-ARN, and the column counts the calls of all others";

fn title(options: &Options) -> String {
    let place = if options.zone == JAPAN { "in Japan " } else { "" };
    let offset = options.zone.format(OFFSET).unwrap_or_default();
    format!("Calls of models on Amazon Bedrock by day {place}(UTC{offset}), as CloudTrail recorded them\n")
}

fn days(findings: &Findings, has_roles: bool) -> String {
    let days = findings.ledger.days.iter().filter(|(_, day)| **day != Day::default());
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())).set_header([
        "day",
        "calls",
        "Tokyo",
        "Osaka",
        "unverified",
        "violations",
        "denied",
        "unknown roles",
    ]);
    for (date, day) in days {
        table.add_row(row(date.map_or("no time".to_owned(), |date| date.to_string()), day, has_roles));
    }
    table.add_row(row("total".to_owned(), &findings.ledger.totals(), has_roles));
    table.column_iter_mut().skip(1).for_each(|column| {
        column.set_cell_alignment(CellAlignment::Right);
    });
    format!("{}\n", table.trim_fmt())
}

fn row(name: String, day: &Day, has_roles: bool) -> Row {
    let counts = [day.calls(), day.tokyo, day.osaka, day.unverified(), day.violations, day.denied].map(count);
    let unknown = if has_roles { count(day.unknown_roles) } else { or_dash(None).into_owned() };
    [name].into_iter().chain(counts).chain([unknown]).collect::<Vec<_>>().into()
}

fn violations(findings: &Findings) -> String {
    let total = findings.ledger.totals().violations;
    let Some(more) = total.checked_sub(1).map(|_| total.saturating_sub(SHOWN as u64)) else {
        return String::new();
    };
    let lines = findings.ledger.violations.all().iter().take(SHOWN).map(line);
    let more = (more > 0).then(|| format!("  … and {} more", count(more)));
    let head =
        "violations (time, event, operation, model, called Region, Region of inference, principal, reason):".to_owned();
    [head].into_iter().chain(lines).chain(more).map(|line| line + "\n").collect()
}

fn line(violation: &Violation) -> String {
    let Violation { time, event_id, operation, model, region, source_region, principal, reason, .. } = violation;
    let told = [time, event_id, operation, model, source_region, region, principal].map(|it| it.as_deref());
    let told = told.into_iter().chain([*reason]);
    format!("  {}", told.map(or_dash).collect::<Vec<_>>().join("  "))
}

fn records(findings: &Findings) -> String {
    let records = findings.ledger.records;
    format!(
        "records: {} read in {:.1} s ({} a second), of them {} repeated, {} malformed, {} of other services, {} of other operations",
        count(records.read),
        findings.elapsed.as_secs_f64(),
        count(findings.pace()),
        count(records.repeated),
        count(records.malformed),
        count(records.another_service),
        count(records.another_operation),
    )
}

fn sources(sources: &Sources, options: &Options) -> String {
    let what = match options.source {
        Source::Files(_) => "files",
        Source::Lookup { .. } => "pages of CloudTrail's answer",
    };
    let Sources { read, skipped, unreadable } = sources;
    let lost = unreadable.iter().map(|(name, fault)| format!("\n  {name}: {fault}"));
    let lost: String = lost.collect();
    format!(
        "{what}: {} read, {} skipped, {} not read to the end{lost}",
        count(*read),
        count(*skipped),
        unreadable.len()
    )
}

fn awaited(findings: &Findings) -> String {
    match findings.ledger.totals().awaited {
        0 => String::new(),
        awaited => {
            format!("unverified: {} of them are streamed calls whose service event is not there", count(awaited))
        }
    }
}

fn count(number: u64) -> String {
    HumanCount(number).to_string()
}

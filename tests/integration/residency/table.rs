//! The tables of `environment.md`: what the artifact could read from outside, and what the suite does with each of it.

use super::reads::Names;
use std::collections::BTreeSet;

/// The page that people read, and the data of the tests.
const PAGE: &str = include_str!("environment.md");

/// When the function reads something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    Always,
    WithoutKeys,
    Never,
}

/// A variable or a key.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    /// The crates that read it.
    pub(super) read_in: BTreeSet<String>,
    pub(super) read: Read,
    /// What the traps set it to, with `{url}` and `{folder}` as they stand on the page; `None` if they leave it alone.
    pub(super) bait: Option<&'static str>,
}

/// The variables that the crates' sources read.
pub(super) fn variables() -> Vec<Row> {
    rows("Variables")
}

/// The keys of config files that the crates' sources read.
pub(super) fn keys() -> Vec<Row> {
    rows("Keys of config files")
}

/// The names of services, with the crates that spell them.
pub(super) fn services() -> Names {
    cells("Services").into_iter().map(|[name, read_in]| (unquoted(name).to_owned(), crates(read_in))).collect()
}

/// The reads whose name no source says.
pub(super) fn unnamed() -> BTreeSet<String> {
    cells("Reads without a name").into_iter().map(|[read, _]| unquoted(read).to_owned()).collect()
}

/// The variables that the standard library and the C library read, with what the traps set them to.
pub(super) fn below() -> Vec<(&'static str, Option<&'static str>)> {
    cells("Below the crates").into_iter().map(|[name, _, bait, _]| (unquoted(name), bait_of(bait))).collect()
}

fn rows(heading: &str) -> Vec<Row> {
    let row = |[name, read_in, read, bait, why]: [&'static str; 5]| {
        assert!(!why.is_empty(), "{name}: why?");
        let read = match read {
            "always" => Read::Always,
            "without keys" => Read::WithoutKeys,
            "never" => Read::Never,
            other => panic!("{name}: {other:?}"),
        };
        Row { name: unquoted(name), read_in: crates(read_in), read, bait: bait_of(bait) }
    };
    cells(heading).into_iter().map(row).collect()
}

/// The cells of the table below a heading.
fn cells<const COLUMNS: usize>(heading: &str) -> Vec<[&'static str; COLUMNS]> {
    let section = PAGE.split("\n## ").find_map(|section| section.strip_prefix(heading)?.strip_prefix('\n'));
    let lines =
        section.unwrap_or_else(|| panic!("no section {heading:?}")).lines().filter(|line| line.starts_with('|'));
    let cells = |line: &'static str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("{COLUMNS} columns are wanted in {heading:?}: {cells:?}"))
    };
    let rows: Vec<_> = lines.skip(2).map(cells).collect();
    assert!(!rows.is_empty(), "{heading:?} is empty");
    rows
}

fn crates(cell: &str) -> BTreeSet<String> {
    cell.split(", ").map(str::to_owned).collect()
}

fn bait_of(cell: &'static str) -> Option<&'static str> {
    (cell != "—").then(|| unquoted(cell))
}

fn unquoted(cell: &'static str) -> &'static str {
    let inside = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
    inside.unwrap_or_else(|| panic!("{cell} stands without backticks"))
}

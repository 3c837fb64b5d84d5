//! Whole folders, as CloudTrail fills them: the counts, the progress bar, and the memory.

use super::trail::{self, Expected, ROLES, Records, Row};
use super::{Folder, Report, report};
use crate::stage::{example, root};
use serde::Deserialize;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Any number will do, as long as it stays the same.
const SEED: u64 = 20_261_123;

/// More than a pipe holds: when it is written, its reader has begun to read. Between documents, white space says nothing.
const MORE_THAN_A_PIPE_HOLDS: usize = 1 << 20;

/// How much more memory ten times as many records may take. All their IDs would take more.
const ALLOWED_KIB: u64 = 3 << 10;

fn arguments(folder: &Folder) -> Vec<&str> {
    vec!["--role", ROLES[0], "--role", ROLES[1], folder.path()]
}

/// Asserts that a document says what the trail was made of.
fn says(report: &Report, expected: &Expected) {
    let document = report.document();
    let days = document["days"].as_array().unwrap().iter();
    let days = days.map(|day| (day["day"].as_str().unwrap().to_owned(), Row::deserialize(day).unwrap())).collect();
    let records = Records::deserialize(&document["records"]).unwrap();
    let found = Expected { days, records, files: document["sources"]["read"].as_u64().unwrap() };
    assert_eq!(found, *expected);
}

#[tokio::test]
async fn a_folder_of_thousands_of_records_leads_to_the_report_that_it_was_made_for() {
    let folder = Folder::new();
    let expected = trail::write(folder.as_ref(), 5_000, SEED);
    let mix = expected.days.values();
    assert!(mix.clone().count() > 2 && mix.clone().any(|day| day.awaited > 0 && day.violations > 0 && day.denied > 0));
    let document = report(&[&arguments(&folder)[..], &["--json"]].concat()).await;
    assert_eq!(document.status, 1, "{}", document.stderr);
    says(&document, &expected);
    let table = report(&arguments(&folder)).await.stdout;
    for (day, row) in &expected.days {
        let cells = [row.calls, row.tokyo, row.osaka, row.unverified, row.violations, row.denied];
        let cells = cells.into_iter().chain(row.unknown_roles).map(with_commas);
        let cells: Vec<_> = [day.clone()].into_iter().chain(cells).collect();
        assert!(table.lines().any(|line| line.split_whitespace().eq(&cells)), "{cells:?}: {table}");
    }
    assert!(table.contains("records: 5,000 read in "), "{table}");
}

fn with_commas(count: u64) -> String {
    if count < 1_000 { count.to_string() } else { format!("{},{:03}", count / 1_000, count % 1_000) }
}

#[tokio::test]
async fn the_progress_bar_is_shown_where_it_is_wanted_and_never_in_the_report() {
    let folder = Folder::new();
    trail::write(folder.as_ref(), 2_000, SEED);
    let quiet = report(&[&arguments(&folder)[..], &["--json"]].concat()).await;
    assert!(quiet.stderr.is_empty(), "standard error is no terminal: {}", quiet.stderr);
    let shown = report(&[&arguments(&folder)[..], &["--json", "--progress"]].concat()).await;
    assert!(shown.stderr.contains(" records") && shown.stderr.contains(" of "), "{:?}", shown.stderr);
    assert_eq!(shown.document()["days"], quiet.document()["days"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "takes a minute: .ci/run runs it by name"]
async fn a_hundred_thousand_records_take_no_more_memory_than_ten_thousand() {
    let (few, _) = peak(10_000).await;
    let (many, table) = peak(100_000).await;
    println!("{table}\npeak memory: {few} KiB of 10,000 records, {many} KiB of 100,000");
    assert!(many < few + ALLOWED_KIB, "{few} KiB of 10,000 records, {many} KiB of 100,000");
}

/// The peak of the memory of a report on so many records, and the report, whose counts are asserted.
#[cfg(target_os = "linux")]
async fn peak(records: usize) -> (u64, String) {
    let (folder, beside) = (Folder::new(), Folder::new());
    let bar = beside.put("bar", "");
    let expected = trail::write(folder.as_ref(), records, SEED);
    says(&report(&[&arguments(&folder)[..], &["--json"]].concat()).await, &expected);
    let mut process = Command::new(example("local"))
        .arg("audit")
        .args(arguments(&folder))
        .args(["-", "--progress"])
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&bar).unwrap())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    // Standard input comes last, so all files have been read when it is.
    input.write_all(&[b' '; MORE_THAN_A_PIPE_HOLDS]).await.unwrap();
    let peak = stand_ins::usage::peak_memory(process.id().unwrap()).unwrap() >> 10;
    input.write_all(b"{\"Records\":[]}").await.unwrap();
    drop(input);
    let output = process.wait_with_output().await.unwrap();
    assert!(std::fs::read_to_string(bar).unwrap().contains(" records"), "the bar was shown");
    (peak, String::from_utf8(output.stdout).unwrap())
}

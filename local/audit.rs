//! `cargo local audit`: where the account's calls of models ran, by day, from CloudTrail's records of them.
//!
//! ```text
//! options ─┬─ inputs ── records ─┬─ ledger (kokunai::audit::judge, window, day) ─┬─ table
//!          └─ lookup ────────────┘                                               └─ document
//! ```

mod call;
mod day;
mod document;
mod inputs;
mod ledger;
mod lookup;
mod options;
mod pace;
mod progress;
mod ration;
mod records;
mod roles;
mod table;
mod violation;
mod window;

use crate::output::{complain, say};
use inputs::Found;
use ledger::Ledger;
use options::{Options, Source};
use progress::Progress;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The status of whoever was asked wrongly, or could not read everything.
const UNREADABLE: u8 = 2;

/// Records between two looks at the progress bar: showing them must not cost more than reading them.
const STEP: u64 = 256;

/// What an audit has found.
struct Findings {
    ledger: Ledger,
    sources: Sources,
    elapsed: Duration,
}

/// What it was found in.
#[derive(Default)]
struct Sources {
    /// Files, or pages of CloudTrail's answer, that were read to their end.
    read: u64,
    /// Files that hold no records of calls, or are hidden.
    skipped: u64,
    /// What could not be read to its end, and why.
    unreadable: Vec<(String, String)>,
}

/// Runs the command with what follows its name on the command line.
pub(crate) async fn run(arguments: Vec<OsString>) -> ExitCode {
    match Options::parse(arguments) {
        Ok(Some(options)) => {
            let findings = find(&options).await;
            if findings.is_empty() {
                complain("no call of a model was found: were these all the records, of the right account and Region?");
            }
            say(&if options.json { document::of(&findings, &options) } else { table::of(&findings, &options) });
            findings.status()
        }
        Ok(None) => {
            say(options::HELP);
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("{error}\n\n{}", options::HELP));
            ExitCode::from(UNREADABLE)
        }
    }
}

async fn find(options: &Options) -> Findings {
    let begun = Instant::now();
    let mut ledger = Ledger::new(options.zone, options.roles.clone());
    let sources = match &options.source {
        Source::Files(paths) => read(paths, options.progress, &mut ledger),
        Source::Lookup { days } => look_up(*days, options.progress, &mut ledger).await,
    };
    Findings { ledger, sources, elapsed: begun.elapsed() }
}

/// Reads every file. What is wrong with one costs no other, and nothing that was read of it before.
fn read(paths: &[PathBuf], is_shown: bool, ledger: &mut Ledger) -> Sources {
    let (mut sources, progress) = (Sources::default(), Progress::of_bytes(is_shown, || inputs::size(paths)));
    for found in inputs::files(paths) {
        let (name, outcome) = match found {
            Found::Skipped => {
                sources.skipped += 1;
                continue;
            }
            Found::Lost { name, fault } => (name, Err(fault)),
            Found::Input(input) => {
                let mut take = |record: &str, time: Option<&str>| {
                    ledger.take(record, time);
                    if ledger.records.read.is_multiple_of(STEP) {
                        progress.show(ledger.records.read);
                    }
                };
                let outcome = input.open(&progress).and_then(|bytes| records::read(bytes, &mut take));
                (input.name(), outcome)
            }
        };
        sources.add(name, outcome, &progress);
    }
    sources
}

async fn look_up(days: u16, is_shown: bool, ledger: &mut Ledger) -> Sources {
    let (mut sources, progress) = (Sources::default(), Progress::of_records(is_shown));
    let outcome = lookup::lookup(days, |page| {
        sources.read += 1;
        page.iter().for_each(|record| ledger.take(record, None));
        progress.show(ledger.records.read);
    });
    if let Err(fault) = outcome.await {
        sources.lose("CloudTrail".to_owned(), fault, &progress);
    }
    sources
}

impl Sources {
    fn add(&mut self, name: String, outcome: Result<(), String>, progress: &Progress) {
        match outcome {
            Ok(()) => self.read += 1,
            Err(fault) => self.lose(name, fault, progress),
        }
    }

    /// Says it at once, for a report may take minutes, and keeps it for the report.
    fn lose(&mut self, name: String, fault: String, progress: &Progress) {
        progress.aside(|| complain(&format!("{name}: {fault}")));
        self.unreadable.push((name, fault));
    }
}

impl Findings {
    /// A violation is never hidden behind a file that could not be read. What cannot be judged, and what is not there, is nothing
    /// to be sure of.
    fn status(&self) -> ExitCode {
        let records = self.ledger.records;
        if self.ledger.totals().violations > 0 {
            ExitCode::FAILURE
        } else if !self.sources.unreadable.is_empty() || records.malformed > 0 || records.read == 0 {
            ExitCode::from(UNREADABLE)
        } else {
            ExitCode::SUCCESS
        }
    }

    /// Whether there was no call at all, which may mean that the wrong records were read.
    fn is_empty(&self) -> bool {
        let totals = self.ledger.totals();
        totals.calls() + totals.denied == 0 && self.sources.unreadable.is_empty()
    }

    /// How many records were read a second.
    fn pace(&self) -> u64 {
        let nanoseconds = self.elapsed.as_nanos().max(1);
        u64::try_from(u128::from(self.ledger.records.read) * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX)
    }
}

//! How many instructions the function takes for its start and for warm prompts, as callgrind counts them, beside a budget.
//!
//! `bench/instructions/run` builds what is counted and runs this; with `--write` the counts become the budget. A count is the same on
//! a busy machine, so a change that costs something is seen without a clock.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a benchmark prints, and ends where it cannot go on"
)]

mod budget;
mod counted;

use budget::Budget;
use counted::{Counted, Workload};
use std::path::Path;
use std::process::ExitCode;

/// How many warm prompts one figure is the mean of.
const PROMPTS: u32 = 20;

/// The text of the large prompt: long enough that reading it once more than needed does not hide in the margin.
const LARGE: usize = 256 * 1024;

fn main() -> ExitCode {
    let writes = std::env::args().any(|argument| argument == "--write");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let counts = runtime.block_on(counts());
    if writes {
        Budget::of(&counts).write();
    }
    let budget = Budget::read();
    println!("| instructions | counted | budget | ratio |\n| --- | --- | --- | --- |");
    let mut highest: f64 = 0.0;
    for (name, count) in &counts {
        let allowed = budget.allowed(name);
        let ratio = ratio(*count, allowed);
        println!("| {name} | {count} | {allowed} | {ratio:.3} |");
        highest = highest.max(ratio);
    }
    let margin = budget.margin();
    if highest <= 1.0 + margin {
        return ExitCode::SUCCESS;
    }
    println!(
        "\nOver the budget by more than {:.0} %: {}. Mend it, or say in the commit what it is worth.",
        margin * 100.0,
        budget::FILE
    );
    ExitCode::FAILURE
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn ratio(count: u64, allowed: u64) -> f64 {
    count as f64 / allowed as f64
}

/// What is counted, each by its name in the budget.
async fn counts() -> Vec<(&'static str, u64)> {
    let production = Counted::new(Path::new("target/release/kokunai"));
    let twin = Counted::new(Path::new("target/release/examples/twin"));
    let small = "日本の首都はどこですか。".to_owned();
    // Text with what JSON has to escape, as code and quotations have.
    let line = "She said: \"東京です。\"\n";
    let large = line.repeat(LARGE / line.len());
    vec![
        ("start", production.until_ready().await),
        ("warm prompt", twin.each(Workload::Whole(small), PROMPTS).await),
        ("warm prompt of 256 KB", twin.each(Workload::Whole(large), PROMPTS).await),
        ("warm stream", twin.each(Workload::Stream("stand-in: pace 15".to_owned()), PROMPTS).await),
    ]
}

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

mod counted;

use counted::{Counted, Workload};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Where the budget is, from the root.
const BUDGET: &str = "bench/instructions/budget.json";

/// By how much a count may be above its budget. The same build wavers by a hundredth of this; another machine may have another C library.
const MARGIN: f64 = 0.02;

/// How many warm prompts one figure is the mean of.
const PROMPTS: u32 = 20;

/// The text of the large prompt: long enough that reading it once more than needed does not hide in the margin.
const LARGE: usize = 256 * 1024;

fn main() -> ExitCode {
    let writes = std::env::args().any(|argument| argument == "--write");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let counts = runtime.block_on(counts());
    if writes {
        let budget = Value::from_iter(counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))));
        let text = serde_json::to_string_pretty(&budget).expect("JSON") + "\n";
        std::fs::write(BUDGET, text).expect("a file that can be written");
    }
    let budget: Map<String, Value> =
        serde_json::from_slice(&std::fs::read(BUDGET).expect("a budget")).expect("a budget in JSON");
    println!("| instructions | counted | budget | ratio |\n| --- | --- | --- | --- |");
    let mut is_kept = budget.len() == counts.len();
    for (name, count) in &counts {
        let allowed = budget.get(*name).and_then(Value::as_u64).unwrap_or_default();
        let ratio = ratio(*count, allowed);
        println!("| {name} | {count} | {allowed} | {ratio:.3} |");
        is_kept &= ratio <= 1.0 + MARGIN;
    }
    if is_kept {
        return ExitCode::SUCCESS;
    }
    println!(
        "\nOver the budget by more than {:.0} %: {BUDGET}. Mend it, or say in the commit what it is worth.",
        MARGIN * 100.0
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

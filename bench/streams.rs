//! What the relay costs: a stream read through the function, beside the same stream read with the bare SDK.
//!
//! `cargo bench-streams` runs both against one stand-in for Bedrock, in turns, and prints the medians and their ratio.
//! The function is a process of its own, as in Lambda: this program started again, in its release build.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark prints, and ends where it cannot go on")]

mod direct;
mod relayed;

use stand_ins::bedrock::Bedrock;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Rounds of each kind; the median of fewer is unsteady on a busy machine.
const ROUNDS: usize = 21;

/// A stream at about the pace of a model: what the first byte takes, while nothing else presses.
const PACED: &str = "stand-in: pace 10";

/// A long answer as fast as the stand-in can send it: how many chunks go through in a second.
const FLOOD: &str = "stand-in: chunks 2000";
const FLOOD_DELTAS: usize = 2000;

/// One stream, as its reader saw it.
pub(crate) struct Reading {
    /// When the reader had the first bytes of an event, and when the last.
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    /// How many text deltas there were.
    pub(crate) deltas: usize,
}

fn main() -> ExitCode {
    if let Some(address) = relayed::role() {
        // One thread, as the production binary has.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        return runtime.block_on(relayed::run(address));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(compare());
    ExitCode::SUCCESS
}

async fn compare() {
    let bedrock = Bedrock::start().await.expect("a free port");
    let direct = direct::Client::new(bedrock.address());
    let relayed = relayed::Client::start(bedrock.address()).await;
    // The first prompts open the connections, and are not counted.
    direct.read(PACED).await;
    relayed.read(PACED).await;
    let (mut direct_figures, mut relayed_figures) = (Figures::default(), Figures::default());
    for _ in 0..ROUNDS {
        direct_figures.add_first_byte(&bedrock, &direct.read(PACED).await);
        relayed_figures.add_first_byte(&bedrock, &relayed.read(PACED).await);
        direct_figures.add_rate(&direct.read(FLOOD).await);
        relayed_figures.add_rate(&relayed.read(FLOOD).await);
    }
    print(&mut direct_figures, &mut relayed_figures);
}

#[derive(Default)]
struct Figures {
    /// From the stand-in's first chunk to the reader's first byte.
    first_byte: Vec<Duration>,
    /// From the first byte of a flood to its last.
    flood: Vec<Duration>,
}

impl Figures {
    fn add_first_byte(&mut self, bedrock: &Bedrock, reading: &Reading) {
        let sent = bedrock.calls().pop().and_then(|call| call.first_chunk_at).expect("a stream that was sent");
        self.first_byte.push(reading.first.saturating_duration_since(sent));
    }

    fn add_rate(&mut self, reading: &Reading) {
        assert_eq!(reading.deltas, FLOOD_DELTAS, "the whole stream was read");
        self.flood.push(reading.last - reading.first);
    }
}

fn median(durations: &mut [Duration]) -> f64 {
    durations.sort();
    durations[durations.len() / 2].as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "two thousand chunks are far below 2^52")]
fn print(direct: &mut Figures, relayed: &mut Figures) {
    let first = (median(&mut direct.first_byte) * 1e3, median(&mut relayed.first_byte) * 1e3);
    let rate = |flood: &mut [Duration]| FLOOD_DELTAS as f64 / median(flood);
    let rates = (rate(&mut direct.flood), rate(&mut relayed.flood));
    println!("Medians of {ROUNDS} rounds, taken in turns on one machine.\n");
    println!("| | bare SDK | through the function | ratio |");
    println!("| --- | --- | --- | --- |");
    println!(
        "| the stand-in's first chunk to the first byte, ms | {:.2} | {:.2} | {:.1} |",
        first.0,
        first.1,
        first.1 / first.0
    );
    println!("| chunks per second | {:.0} | {:.0} | {:.2} |", rates.0, rates.1, rates.1 / rates.0);
}

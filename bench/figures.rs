//! What is measured of two sides, its medians, and their table with the ratios.

use stand_ins::bedrock::Bedrock;
use std::time::{Duration, Instant};

/// Rounds of each kind; the median of fewer is unsteady on a busy machine.
pub(crate) const ROUNDS: usize = 21;

/// A stream at about the pace of a model: what the first byte takes, while nothing else presses.
pub(crate) const PACED: &str = "stand-in: pace 10";

/// A long answer as fast as the stand-in can send it: how many chunks go through in a second.
pub(crate) const FLOOD: &str = "stand-in: chunks 2000";
const FLOOD_DELTAS: usize = 2000;

/// One stream, as its reader saw it.
pub(crate) struct Reading {
    /// When the reader had the first bytes of an event, and when the last.
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    /// How many text deltas there were.
    pub(crate) deltas: usize,
}

#[derive(Default)]
pub(crate) struct Figures {
    /// From the stand-in's first chunk to the reader's first byte.
    first_byte: Vec<Duration>,
    /// From the first byte of a flood to its last.
    flood: Vec<Duration>,
}

impl Figures {
    pub(crate) fn add_first_byte(&mut self, bedrock: &Bedrock, reading: &Reading) {
        let sent = bedrock.calls().pop().and_then(|call| call.first_chunk_at).expect("a stream that was sent");
        self.first_byte.push(reading.first.saturating_duration_since(sent));
    }

    pub(crate) fn add_rate(&mut self, reading: &Reading) {
        assert_eq!(reading.deltas, FLOOD_DELTAS, "the whole stream was read");
        self.flood.push(reading.last - reading.first);
    }

    /// The rows of the table, beside another side's figures.
    pub(crate) fn beside(&mut self, other: &mut Self) -> [String; 2] {
        let first = [milliseconds(&mut self.first_byte), milliseconds(&mut other.first_byte)];
        [
            row("the stand-in's first chunk to the first byte, ms", 2, first),
            row("chunks per second", 0, [self.rate(), other.rate()]),
        ]
    }

    #[expect(clippy::cast_precision_loss, reason = "two thousand chunks are far below 2^52")]
    fn rate(&mut self) -> f64 {
        FLOOD_DELTAS as f64 / median(&mut self.flood)
    }
}

fn median(durations: &mut [Duration]) -> f64 {
    durations.sort();
    durations[durations.len() / 2].as_secs_f64()
}

/// The median in milliseconds.
pub(crate) fn milliseconds(durations: &mut [Duration]) -> f64 {
    median(durations) * 1e3
}

/// One figure of both sides, with so many decimals, and their ratio.
pub(crate) fn row(what: &str, decimals: usize, [one, other]: [f64; 2]) -> String {
    format!("| {what} | {one:.decimals$} | {other:.decimals$} | {:.2} |", other / one)
}

/// The rows in Markdown, under the names of both sides.
pub(crate) fn table([one, other]: [&str; 2], rows: &[String]) -> String {
    let head = format!("| | {one} | {other} | ratio |\n| --- | --- | --- | --- |");
    format!("Medians of {ROUNDS} rounds, taken in turns on one machine.\n\n{head}\n{}", rows.join("\n"))
}

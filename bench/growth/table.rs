//! The tables of what was measured, in Markdown.

use crate::asked::{Series, Unit};
use crate::figures::ROUNDS;
use crate::point::Point;
use crate::verdict::{Growth, Verdict, megabytes};

/// What holds for all of them.
pub(crate) fn introduction() -> String {
    format!("Medians of {ROUNDS} rounds, each size in a fresh process of the function.")
}

/// The points of one series.
pub(crate) fn of(series: &Series, points: &[Point]) -> String {
    let head = format!(
        "| {} | time, ms | processor, ms | processor per {}, µs | peak memory, MB | above idle, MB |\n\
         | --- | --- | --- | --- | --- | --- |",
        series.name,
        series.unit.name(),
    );
    let rows = points.iter().map(|point| {
        let each = point.processor.as_secs_f64() * 1e6 / f64::from(point.size) * series.unit.size();
        format!(
            "\n| {} | {:.2} | {:.2} | {each:.2} | {:.1} | {:.1} |",
            series.unit.quantity(f64::from(point.size)),
            point.time.as_secs_f64() * 1e3,
            point.processor.as_secs_f64() * 1e3,
            megabytes(point.peak),
            megabytes(point.above_idle),
        )
    });
    head + &rows.collect::<String>()
}

/// What all series show.
pub(crate) fn verdicts(verdicts: &[Verdict]) -> String {
    let head = "| | exponent of time | of processor time | of memory | |\n| --- | --- | --- | --- | --- |";
    let rows = verdicts.iter().map(|it| {
        let memory = match it.memory {
            Growth::Power(exponent) => format!("{exponent:.2}"),
            Growth::Constant(bytes) => format!("constant (+{:.1} MB)", megabytes(bytes)),
            Growth::Creeping(bytes) => format!("grows (+{:.1} MB)", megabytes(bytes)),
        };
        let verdict = if it.is_good() { "linear" } else { "**worse than linear**" };
        format!("\n| {} | {:.2} | {:.2} | {memory} | {verdict} |", it.name, it.time, it.processor)
    });
    head.to_owned() + &rows.collect::<String>()
}

impl Unit {
    /// What a time is reckoned to.
    fn name(self) -> &'static str {
        match self {
            Self::Bytes => "KB",
            Self::Chunks => "chunk",
            Self::Prompts => "prompt",
        }
    }

    /// How many of what is counted that is.
    fn size(self) -> f64 {
        match self {
            Self::Bytes => 1e3,
            Self::Chunks | Self::Prompts => 1.0,
        }
    }

    /// A size as a reader wants it. A kilobyte is a thousand bytes.
    pub(crate) fn quantity(self, size: f64) -> String {
        match self {
            Self::Bytes if size >= 1e6 => format!("{} MB", size / 1e6),
            Self::Bytes => format!("{} KB", size / 1e3),
            Self::Chunks | Self::Prompts => format!("{size}"),
        }
    }
}

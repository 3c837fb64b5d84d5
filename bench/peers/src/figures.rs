//! What is measured, sample by sample, and the rows that are made of it.

use std::collections::BTreeMap;
use std::time::Duration;

/// One kind of sample. Times are in milliseconds, sizes in megabytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Start,
    FirstPrompt,
    WarmPrompt,
    FirstByte,
    Chunks,
    Throughput,
    Processor,
    Memory,
    Artifact,
}

pub(crate) struct Row {
    pub(crate) title: &'static str,
    pub(crate) kind: Kind,
    /// Which of the samples in their order: 0.5 is the median.
    pub(crate) quantile: f64,
    pub(crate) decimals: usize,
}

const fn median(title: &'static str, kind: Kind, decimals: usize) -> Row {
    Row { title, kind, quantile: 0.5, decimals }
}

pub(crate) const ROWS: [Row; 10] = [
    median("start: exec to first poll, ms", Kind::Start, 2),
    median("first prompt, TLS connection included, ms", Kind::FirstPrompt, 2),
    median("warm prompt, p50, ms", Kind::WarmPrompt, 3),
    Row { title: "warm prompt, p99, ms", kind: Kind::WarmPrompt, quantile: 0.99, decimals: 3 },
    median("first byte of a stream, ms", Kind::FirstByte, 3),
    median("chunks of a stream per second", Kind::Chunks, 0),
    median("prompts per second, 16 callers at once", Kind::Throughput, 0),
    median("processor time per warm prompt, ms", Kind::Processor, 3),
    median("peak memory, MB", Kind::Memory, 1),
    median("artifact, zipped, MB", Kind::Artifact, 2),
];

#[derive(Default)]
pub(crate) struct Figures(BTreeMap<Kind, Vec<f64>>);

impl Figures {
    pub(crate) fn add(&mut self, kind: Kind, value: f64) {
        self.0.entry(kind).or_default().push(value);
    }

    pub(crate) fn add_time(&mut self, kind: Kind, time: Duration) {
        self.add(kind, time.as_secs_f64() * 1e3);
    }

    /// The figure of a row; nothing if there are no samples.
    pub(crate) fn of(&self, row: &Row) -> Option<f64> {
        let mut samples = self.0.get(&row.kind)?.clone();
        samples.sort_by(f64::total_cmp);
        let last = samples.len().checked_sub(1)?;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index of a few thousand samples"
        )]
        let index = (last as f64 * row.quantile).round() as usize;
        samples.get(index).copied()
    }
}

//! What the points of a series show: whether time and memory grow in proportion to size, or faster.

use crate::asked::{Memory, Series};
use crate::point::Point;

/// The largest exponent that is still in proportion: measurements are never exact.
const LINEAR: f64 = 1.15;

/// The same of what the clock shows: the stand-ins and whatever else runs on the machine are in it, and disturb a long round
/// more than a short one.
const LINEAR_BY_THE_CLOCK: f64 = 1.3;

/// So much more of memory is none: allocators take it in larger pieces than they are asked for.
const LITTLE: u64 = 1_000_000;

/// From here on a stream has filled every buffer on its way, so that its memory must stay.
const LARGE: u32 = 1_000_000;

/// What those buffers hold at most, all together.
const BUFFERS: u64 = 2_000_000;

/// What the points of one series show.
pub(crate) struct Verdict {
    pub(crate) name: &'static str,
    /// Size to which power the time is, and what the function has of the processor, in the upper half of the range.
    pub(crate) time: f64,
    pub(crate) processor: f64,
    pub(crate) memory: Growth,
}

/// How memory grows.
#[derive(Debug, PartialEq)]
pub(crate) enum Growth {
    /// It is size to this power.
    Power(f64),
    /// So many bytes from a large size to the largest.
    Constant(u64),
    /// The same where it should not.
    Creeping(u64),
}

impl Verdict {
    pub(crate) fn of(series: &Series, points: &[Point]) -> Self {
        let of = |figure: fn(&Point) -> f64| {
            exponent(&points.iter().map(|it| (it.size.into(), figure(it))).collect::<Vec<_>>())
        };
        Self {
            name: series.name,
            time: of(|point| point.best.as_secs_f64()),
            processor: of(|point| point.processor.as_secs_f64()),
            memory: match series.memory {
                Memory::InProportion => Growth::Power(of(|point| megabytes(point.above_idle))),
                Memory::NotAtAll => constant(points),
            },
        }
    }

    /// Whether nothing grows faster than it may.
    pub(crate) fn is_good(&self) -> bool {
        let memory = match self.memory {
            Growth::Power(exponent) => exponent <= LINEAR,
            Growth::Constant(_) => true,
            Growth::Creeping(_) => false,
        };
        self.time <= LINEAR_BY_THE_CLOCK && self.processor <= LINEAR && memory
    }
}

/// A megabyte is a million bytes, as everywhere in these figures. What is next to nothing counts as a little, so that it has a logarithm.
#[expect(clippy::cast_precision_loss, reason = "no process has 2^52 bytes")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes.max(1) as f64 / 1e6
}

/// What a stream has more at the largest size than at the first large one. Where all are small, they may fill the buffers.
fn constant(points: &[Point]) -> Growth {
    let large = points.iter().find(|point| point.size >= LARGE);
    let allowed = if large.is_some() { LITTLE } else { BUFFERS };
    let ends = large.or(points.first()).zip(points.last());
    let grown = ends.map_or(0, |(first, last)| last.peak.saturating_sub(first.peak));
    if grown <= allowed { Growth::Constant(grown) } else { Growth::Creeping(grown) }
}

/// The slope of a straight line through the points of the upper half of the range, both axes logarithmic.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let logarithms = points.iter().map(|(size, figure)| (size.ln(), figure.ln())).collect::<Vec<_>>();
    let sizes = logarithms.iter().map(|(size, _)| *size);
    let middle = (sizes.clone().fold(f64::INFINITY, f64::min) + sizes.fold(f64::NEG_INFINITY, f64::max)) / 2.0;
    // A size in the very middle counts.
    let upper: Vec<_> = logarithms.into_iter().filter(|(size, _)| *size >= middle - 1e-9).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| {
        upper.iter().map(of).sum::<f64>() / f64::from(u32::try_from(upper.len()).unwrap_or(1))
    };
    let (size, figure) = (mean(|it| it.0), mean(|it| it.1));
    let slope = upper.iter().map(|it| (it.0 - size) * (it.1 - figure)).sum::<f64>();
    slope / upper.iter().map(|it| (it.0 - size).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asked::CHARTS;
    use std::time::Duration;

    /// Points whose time and memory are a power of their size, beside what each process takes.
    fn verdict(chart: usize, series: usize, power: f64) -> Verdict {
        let series = &CHARTS[chart].series[series];
        let point = |size: &u32| {
            let grown = f64::from(*size).powf(power);
            let time = Duration::from_secs_f64(1e-4 + grown * 1e-8);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size of memory")]
            let above_idle = (grown * 3.0) as u64;
            Point { size: *size, time, best: time, processor: time, peak: 12_000_000 + above_idle, above_idle }
        };
        Verdict::of(series, &series.sizes.iter().map(point).collect::<Vec<_>>())
    }

    #[test]
    fn what_grows_in_proportion_is_good() {
        let verdict = verdict(0, 0, 1.0);
        assert!((0.9..1.05).contains(&verdict.time), "{}", verdict.time);
        assert!(verdict.is_good());
    }

    #[test]
    fn what_grows_faster_is_not() {
        let verdict = verdict(0, 0, 1.3);
        assert!((1.2..1.31).contains(&verdict.processor), "{}", verdict.processor);
        assert!(!verdict.is_good());
    }

    #[test]
    fn the_memory_of_a_stream_may_not_grow_in_proportion_either() {
        assert!(matches!(verdict(0, 1, 1.0).memory, Growth::Creeping(57_000_000)));
        assert!(!verdict(0, 1, 1.0).is_good());
        assert!(verdict(0, 1, 0.0).is_good());
        assert!(verdict(2, 0, 1.0).is_good(), "two thousand chunks are little");
    }

    #[test]
    fn the_smaller_half_is_not_looked_at() {
        let points = [(1.0, 500.0), (10.0, 2.0), (100.0, 100.0), (1_000.0, 1_000.0), (10_000.0, 10_000.0)];
        assert!((exponent(&points) - 1.0).abs() < 1e-9);
    }
}

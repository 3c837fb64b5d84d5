//! How time and memory of the function grow with what it is asked and with what it answers.
//!
//! `cargo bench-growth` measures each point in a fresh process of the function, prints tables in Markdown and what they show,
//! draws `docs/performance/growth-*.svg`, and fails where anything grows faster than in proportion. It reads the process's
//! memory and processor time from `/proc`, so it runs on Linux. Names of series as arguments leave the others out, and then
//! nothing is drawn.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where it cannot go on"
)]

#[path = "growth/asked.rs"]
mod asked;
#[path = "growth/drawing.rs"]
mod drawing;
#[expect(dead_code, reason = "nothing is compared with another side")]
mod figures;
#[path = "growth/point.rs"]
mod point;
#[expect(dead_code, reason = "the answers are read here")]
mod relayed;
#[path = "growth/table.rs"]
mod table;
#[path = "growth/verdict.rs"]
mod verdict;

use asked::{CHARTS, Chart, Series};
use point::Point;
use std::process::ExitCode;
use verdict::Verdict;

/// A series, and what was measured of it.
type Measured<'a> = (&'a Series, Vec<Point>);

fn main() -> ExitCode {
    if let Some(address) = relayed::role() {
        return relayed::run(address);
    }
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let names: Vec<_> = CHARTS.iter().flat_map(|chart| chart.series).map(|series| series.name).collect();
    for name in &wanted {
        assert!(names.contains(&name.as_str()), "there is no series {name:?}, but {names:?}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    println!("{}\n", table::introduction());
    let mut verdicts = Vec::new();
    for chart in CHARTS {
        let measured = runtime.block_on(measure(chart, &wanted));
        for (series, points) in &measured {
            println!("{}\n", table::of(series, points));
            verdicts.push(Verdict::of(series, points));
        }
        if wanted.is_empty() {
            drawing::draw(chart, &measured).expect("a plot in docs/performance");
        }
    }
    println!("{}", table::verdicts(&verdicts));
    if verdicts.iter().all(Verdict::is_good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Measures the series of a chart that are wanted, which is all if none is named.
async fn measure<'a>(chart: &'a Chart, wanted: &[String]) -> Vec<Measured<'a>> {
    let mut measured = Vec::new();
    for series in chart.series {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == series.name) {
            continue;
        }
        let mut points = Vec::new();
        for size in series.sizes {
            points.push(point::measure(*size, &(series.asks)(*size)).await);
        }
        measured.push((series, points));
    }
    measured
}

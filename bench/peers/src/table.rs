//! The table: a row for each figure, a column for each contender, and ratios to the first.

use crate::contender::Contender;
use crate::figures::{Figures, ROWS, Row};

pub(crate) fn markdown(rounds: usize, columns: &[(Contender, Figures)]) -> String {
    let titles: Vec<_> = columns.iter().map(|(contender, _)| contender.title()).collect();
    let head = format!("| | {} |\n|{}", titles.join(" | "), " --- |".repeat(titles.len() + 1));
    let rows = ROWS.iter().map(|row| line(row, columns)).collect::<Vec<_>>().join("\n");
    format!("Medians of {rounds} rounds, taken in turns on one machine.\n\n{head}\n{rows}")
}

fn line(row: &Row, columns: &[(Contender, Figures)]) -> String {
    let figures: Vec<_> = columns.iter().map(|(_, figures)| figures.of(row)).collect();
    let first = figures.first().copied().flatten();
    let cells = figures.iter().enumerate().map(|(index, figure)| match (figure, first) {
        (None, _) => "–".to_owned(),
        (Some(figure), Some(first)) if index > 0 => {
            format!("{figure:.*} ({:.*}×)", row.decimals, fitting(figure / first), figure / first)
        }
        (Some(figure), _) => format!("{figure:.*}", row.decimals),
    });
    format!("| {} | {} |", row.title, cells.collect::<Vec<_>>().join(" | "))
}

/// As many decimals as a ratio needs.
fn fitting(ratio: f64) -> usize {
    if ratio < 10.0 { 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Kind;

    #[test]
    fn every_figure_stands_beside_its_ratio_to_the_first_contender() {
        let mut columns = [(Contender::Kokunai, Figures::default()), (Contender::Python, Figures::default())];
        columns[0].1.add(Kind::Start, 2.0);
        for sample in [310.0, 300.0, 250.0] {
            columns[1].1.add(Kind::Start, sample);
        }
        let text = markdown(3, &columns);
        assert!(text.contains("| | kokunai | Python |\n| --- | --- | --- |\n"), "{text}");
        assert!(text.contains("| start: exec to first poll, ms | 2.00 | 300.00 (150×) |"), "{text}");
        assert!(text.contains("| chunks of a stream per second | – | – |"), "{text}");
    }

    #[test]
    fn the_99th_percentile_is_near_the_end_and_the_median_in_the_middle() {
        let mut figures = Figures::default();
        (0..=100).rev().for_each(|sample| figures.add(Kind::WarmPrompt, sample.into()));
        let of = |quantile| figures.of(&Row { title: "", kind: Kind::WarmPrompt, quantile, decimals: 0 });
        assert_eq!((of(0.5), of(0.99)), (Some(50.0), Some(99.0)));
    }
}

//! The plots: time and peak memory over size, both axes logarithmic, with what growth in proportion would look like.

use crate::Measured;
use crate::asked::Chart;
use crate::point::Point;
use crate::verdict::megabytes;
use plotters::coord::Shift;
use plotters::prelude::*;
use std::error::Error;

/// In pixels: two panels beside each other, as wide as a page.
const SIZE: (u32, u32) = (1000, 420);

/// Told apart in print and by those who do not see red and green as others do.
const COLOURS: [RGBColor; 2] = [RGBColor(0, 90, 181), RGBColor(220, 50, 32)];
const PROPORTION: RGBColor = RGBColor(120, 120, 120);

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

/// What of a point a panel shows.
struct Figure {
    caption: &'static str,
    of: fn(&Point) -> f64,
}

const FIGURES: [Figure; 2] = [
    Figure { caption: "time, ms", of: |point| point.time.as_secs_f64() * 1e3 },
    Figure { caption: "peak memory, MB", of: |point| megabytes(point.peak) },
];

/// Draws one chart into `docs/performance`.
pub(crate) fn draw(chart: &Chart, measured: &[Measured<'_>]) -> Drawn {
    let path = format!("{}/docs/performance/growth-{}.svg", env!("CARGO_MANIFEST_DIR"), chart.file);
    let area = SVGBackend::new(&path, SIZE).into_drawing_area();
    // White also where the page is dark, so that text and lines stay readable.
    area.fill(&WHITE)?;
    let area = area.titled(chart.title, ("sans-serif", 22))?;
    for (panel, figure) in area.split_evenly((1, 2)).iter().zip(FIGURES) {
        draw_panel(panel, chart, measured, &figure)?;
    }
    area.present()?;
    Ok(())
}

fn draw_panel(panel: &Panel<'_>, chart: &Chart, measured: &[Measured<'_>], figure: &Figure) -> Drawn {
    let Some((first, _)) = measured.first() else {
        return Ok(());
    };
    let lines: Vec<Vec<(f64, f64)>> = measured.iter().map(|(_, points)| line(points, figure)).collect();
    let all: Vec<(f64, f64)> = lines.iter().flatten().copied().collect();
    let (sizes, figures) = (decades(all.iter().map(|it| it.0)), decades(all.iter().map(|it| it.1)));
    let mut plot = ChartBuilder::on(panel)
        .margin(12)
        .margin_right(28)
        .x_label_area_size(46)
        .y_label_area_size(62)
        .build_cartesian_2d((sizes.0..sizes.1).log_scale(), (figures.0..figures.1).log_scale())?;
    let unit = first.unit;
    plot.configure_mesh()
        .x_desc(chart.axis)
        .y_desc(figure.caption)
        .x_label_formatter(&|size| unit.quantity(*size))
        .y_label_formatter(&|figure| format!("{figure}"))
        .label_style(("sans-serif", 14))
        .light_line_style(WHITE.mix(0.0))
        .draw()?;
    plot.draw_series(DashedLineSeries::new(proportion(&all, figures.0), 6, 5, PROPORTION.stroke_width(1)))?
        .label("in proportion")
        .legend(|(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], PROPORTION));
    for ((line, (series, _)), colour) in lines.into_iter().zip(measured).zip(COLOURS) {
        plot.draw_series(LineSeries::new(line, colour.stroke_width(2)).point_size(3))?
            .label(series.name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    plot.configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(("sans-serif", 14))
        .background_style(WHITE)
        .border_style(PROPORTION)
        .draw()?;
    Ok(())
}

fn line(points: &[Point], figure: &Figure) -> Vec<(f64, f64)> {
    points.iter().map(|point| (f64::from(point.size), (figure.of)(point))).collect()
}

/// A line of slope one that ends where the largest figure is, down to the bottom of the panel.
fn proportion(points: &[(f64, f64)], bottom: f64) -> Vec<(f64, f64)> {
    let top = points
        .iter()
        .copied()
        .fold((1.0, 1.0), |top, point| if point.0 >= top.0 && point.1 > top.1 { point } else { top });
    let start = range(points.iter().map(|it| it.0)).0;
    let from = start.max(top.0 * bottom / top.1);
    vec![(from, top.1 * from / top.0), top]
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)))
}

/// The powers of ten around the values. Two decades at least, because one alone would be labelled in too many places.
fn decades(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (least, most) = range(values);
    let (least, most) = (least.log10().floor(), most.log10().ceil());
    (10_f64.powf(least.min(most - 2.0)), 10_f64.powf(most))
}

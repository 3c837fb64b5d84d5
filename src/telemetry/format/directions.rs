//! What CloudWatch is told in a line: which of its fields are metrics, in the Embedded Metric Format.

use super::{BY_LABEL, DIMENSION, LABEL, METRICS, NAMESPACE};
use serde::Serialize;
use std::fmt;
use std::time::UNIX_EPOCH;
use tracing::Event;
use tracing::field::{Field, Visit};

/// The directions. CloudWatch wants every name that is given here to be a member of the line.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Directions {
    /// In milliseconds, and of now, not of what happened: an alarm no longer looks at the minutes in which that was.
    timestamp: u128,
    cloud_watch_metrics: Vec<Metrics>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metrics {
    namespace: &'static str,
    dimensions: [Vec<&'static str>; 1],
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

/// CloudWatch's name for what a metric is counted in, by the metric's own name. It knows no money.
#[must_use]
pub fn unit(metric: &str) -> &'static str {
    match metric {
        "cost_usd" => "None",
        _ if metric.ends_with("_ms") => "Milliseconds",
        _ => "Count",
    }
}

impl Directions {
    /// Of a line with metrics; `None` of every other.
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
        let fields = event.metadata().fields();
        // Most kinds of lines have none, and are not read twice.
        if !METRICS.iter().any(|name| fields.field(name).is_some()) {
            return None;
        }
        let mut found = Found::default();
        event.record(&mut found);
        let Found { metrics, counted, has_dimension, has_label } = found;
        let dimension = has_dimension.then_some(DIMENSION);
        let label = has_label.then_some(LABEL);
        let all = Metrics::of(dimension.into_iter().collect(), metrics);
        let by_label = label.and_then(|label| Metrics::of(dimension.into_iter().chain([label]).collect(), counted));
        let now = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        all.map(|all| Self { timestamp: now, cloud_watch_metrics: [all].into_iter().chain(by_label).collect() })
    }
}

impl Metrics {
    fn of(dimensions: Vec<&'static str>, names: Vec<&'static str>) -> Option<Self> {
        let metrics: Vec<_> = names.into_iter().map(|name| Metric { name, unit: unit(name) }).collect();
        (!metrics.is_empty()).then_some(Self { namespace: NAMESPACE, dimensions: [dimensions], metrics })
    }
}

/// The metrics and the dimensions that a line really has: a field without a value is not written.
#[derive(Default)]
struct Found {
    metrics: Vec<&'static str>,
    /// Those of [`BY_LABEL`] that count this line. A nought would only make a metric that stays at nought.
    counted: Vec<&'static str>,
    has_dimension: bool,
    has_label: bool,
}

impl Found {
    fn note(&mut self, field: &Field) {
        let metric = METRICS.into_iter().find(|name| *name == field.name());
        self.metrics.extend(metric.filter(|name| !self.metrics.contains(name)));
    }
}

impl Visit for Found {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.note(field);
        let counted = BY_LABEL.into_iter().find(|name| *name == field.name() && value > 0);
        self.counted.extend(counted);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // What is no number is written as null, which CloudWatch does not take.
        if value.is_finite() {
            self.note(field);
        }
    }

    fn record_str(&mut self, field: &Field, _: &str) {
        self.has_dimension |= field.name() == DIMENSION;
        self.has_label |= field.name() == LABEL;
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

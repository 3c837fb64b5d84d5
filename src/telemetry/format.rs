//! How a line is written: as JSON by tracing's own formatter, and with CloudWatch's directions where it counts something.

use serde::Serialize;
use std::fmt;
use std::time::UNIX_EPOCH;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// Where CloudWatch keeps the metrics.
pub const NAMESPACE: &str = "kokunai";

/// The fields that are metrics, each a count: of prompts, of the audit's records, and of the profile's checks. No other field has a
/// capital, so they are told from the rest at a glance.
pub const METRICS: [&str; 13] = [
    "Answered",
    "AuditRecords",
    "Proved",
    "Violations",
    "Unverified",
    "Denied",
    "Awaited",
    "Settled",
    "ProfileChecks",
    "ProfileFailures",
    "Legacy",
    "Retiring",
    "DaysToEndOfLife",
];

/// The field that each metric is kept apart by: a template knows the name of its own function and nothing better.
pub const DIMENSION: &str = "function";

/// Lines as `F` writes them. One with a metric in it gets the member `_aws`, by which CloudWatch takes the metric out of the log.
/// It is made here from the names above alone: no value of a line is ever written but through the formatter.
#[derive(Debug)]
pub(super) struct Lines<F>(pub(super) F);

impl<S, N, F> FormatEvent<S, N> for Lines<F>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(directions) = Directions::of(event) else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let members = line.trim_end().strip_suffix('}').ok_or(fmt::Error)?;
        let directions = serde_json::to_string(&directions).map_err(|_| fmt::Error)?;
        writeln!(writer, "{members},\"_aws\":{directions}}}")
    }
}

/// What CloudWatch is told, in the Embedded Metric Format. It wants every name that is given here to be a member of the line.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directions {
    /// In milliseconds, and of now, not of what happened: an alarm no longer looks at the minutes in which that was.
    timestamp: u128,
    cloud_watch_metrics: [Metrics; 1],
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

impl Directions {
    /// Of a line with metrics; `None` of every other.
    fn of(event: &Event<'_>) -> Option<Self> {
        let mut found = Found::default();
        let fields = event.metadata().fields();
        // Most lines have none, and are not read twice.
        if METRICS.iter().any(|name| fields.field(name).is_some()) {
            event.record(&mut found);
        }
        let metrics: Vec<_> = found.metrics.into_iter().map(|name| Metric { name, unit: "Count" }).collect();
        let now = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        (!metrics.is_empty()).then_some(Self {
            timestamp: now,
            cloud_watch_metrics: [Metrics { namespace: NAMESPACE, dimensions: [found.dimensions], metrics }],
        })
    }
}

/// The metrics and the dimension that a line really has: a field without a value is not written.
#[derive(Default)]
struct Found {
    metrics: Vec<&'static str>,
    dimensions: Vec<&'static str>,
}

impl Visit for Found {
    fn record_u64(&mut self, field: &Field, _: u64) {
        let metric = METRICS.into_iter().find(|name| *name == field.name());
        self.metrics.extend(metric.filter(|name| !self.metrics.contains(name)));
    }

    fn record_str(&mut self, field: &Field, _: &str) {
        if field.name() == DIMENSION {
            self.dimensions = vec![DIMENSION];
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

#[cfg(test)]
mod tests;

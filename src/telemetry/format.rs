//! How a line is written: as JSON by tracing's own formatter, and with CloudWatch's directions where it has metrics.

mod directions;

pub use directions::unit;

use directions::Directions;
use std::fmt;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// Where CloudWatch keeps the metrics.
pub const NAMESPACE: &str = "kokunai";

/// The fields that are metrics. Those with a capital count: prompts, the audit's records, and the profile's checks. The others are
/// what a prompt took, and say their unit in their name.
pub const METRICS: [&str; 28] = [
    "Prompts",
    "Answered",
    "Errors",
    "Refused",
    "Throttles",
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
    "duration_ms",
    "first_token_ms",
    "bedrock.latency_ms",
    "init_ms",
    "tokens.input",
    "tokens.output",
    "tokens.cache_read",
    "tokens.cache_write",
    "quota_tokens",
    "quota_reserved_tokens",
    "cost_usd",
];

/// The field that each metric is kept apart by: a template knows the name of its own function and nothing better. Never the caller,
/// for each value of a dimension is a metric of its own, which is billed.
pub const DIMENSION: &str = "function";

/// The field that failures are kept apart by as well, and the metrics that are: of each label the one that it counts for.
pub const LABEL: &str = "error.label";
/// See [`LABEL`].
pub const BY_LABEL: [&str; 3] = ["Errors", "Refused", "Throttles"];

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

#[cfg(test)]
mod tests;

//! The log: one JSON line per prompt, in an RFC 3339 time and a level that Lambda's own filter understands.
//!
//! The only file that writes, with those below it. No field holds a prompt, an answer, a header's value or an error's message, because
//! each of them may quote the prompt: errors are logged by their label.

mod asker;
mod audit;
mod authoriser;
mod format;
mod profile;
mod prompt;

pub use asker::{Asker, Source};
pub use audit::record_judged;
pub use authoriser::{key_denied, keys_unread};
pub use format::{BY_LABEL, DIMENSION, LABEL, METRICS, NAMESPACE, unit};
pub use profile::{deletion_let_through, deployment_refused, profile_checked};
pub use prompt::{Counted, Fate, Handled, Streamed, prompt_handled};

use crate::error::{Error, Kind};
use crate::settings::Settings;
use format::Lines;
use std::panic::PanicHookInfo;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::fmt::Layer;
use tracing_subscriber::fmt::format::{Format, Json, JsonFields};
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

/// What Lambda's runtime would tell a second time, or wrongly: an invocation's error in its debug form, a client that has
/// gone, as three errors without a request ID, and of many prompts at once a panic with its message, and each poll that failed.
const TOLD_BY_US: [&str; 3] = ["lambda_runtime::layers::panic", "lambda_runtime::requests", "lambda_runtime::runtime"];

/// Where it tells that an answer could not be posted, with a field `error`, and that Lambda refused one, with a `status`.
const POSTING: &str = "lambda_runtime::layers::api_client";

/// Where kokunai's own lines come from.
const OURS: &str = "kokunai";

/// Where the lines of the audit and of the profile's checks come from.
const EVIDENCE: [&str; 2] = ["kokunai::telemetry::audit", "kokunai::telemetry::profile"];

/// Starts the log on standard output, and makes panics part of it.
///
/// The level applies to kokunai's own lines, but for those of the audit and of the profile's checks: they are metrics, and one that stayed away would ring
/// an alarm. Dependencies are capped at WARN, because below it some of them write what they carry.
pub fn start(level: LevelFilter) {
    let ours = Targets::new().with_target(OURS, level);
    let ours = ours.with_targets(EVIDENCE.map(|target| (target, level.max(LevelFilter::INFO))));
    let theirs = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(OURS, LevelFilter::OFF);
    let theirs = theirs.with_targets(TOLD_BY_US.map(|target| (target, LevelFilter::OFF)));
    let is_told_by_us = |line: &Metadata<'_>| line.target() == POSTING && line.fields().field("error").is_some();
    let theirs = theirs.and(filter_fn(move |line| !is_told_by_us(line)));
    // A second start in one process, as a test might make, keeps the first log.
    let _ = tracing_subscriber::registry()
        .with(lines().map_event_format(Lines).with_filter(ours))
        // A library's line names the library, so that it is told from ours whatever it says.
        .with(lines().with_target(true).with_filter(theirs))
        .try_init();
    std::panic::set_hook(Box::new(panicked));
}

/// One JSON document per line, of the event's own fields and nothing that surrounds it.
fn lines<S>() -> Layer<S, JsonFields, Format<Json>>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
    lines.with_current_span(false).with_span_list(false).with_target(false).with_timer(SystemTime)
}

/// Tells where a panic came from, but not what it says: its message may quote what was being handled.
fn panicked(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    tracing::error!(panic.location = location, "the function panicked; the prompt at hand fails");
}

/// Tells why the function does not start, or stops.
pub fn stopped(reason: &dyn std::fmt::Display) {
    tracing::error!("kokunai refuses to start: {reason}");
}

/// Tells that Lambda did not take the answer to an invocation.
pub fn not_posted(request_id: &str) {
    tracing::error!(request_id, "the answer could not be handed to Lambda");
}

/// Tells what the function does without, because nothing was configured for it.
pub fn started(settings: &Settings) {
    let state = |is_on: bool| if is_on { "on" } else { "off" };
    tracing::info!(
        delivery = state(settings.outlets.is_some()),
        idempotency = state(settings.table.is_some()),
        counting = state(settings.count_tokens),
        "kokunai starts"
    );
}

/// Tells that the end of a prompt could not be written down.
pub fn not_remembered(request_id: &str) {
    tracing::warn!(request_id, "a record could not be written; the same prompt may have to wait, or be paid for again");
}

/// Tells that the Lambda runtime ended.
pub fn runtime_ended(error: &dyn std::fmt::Display) {
    let reason = error.to_string();
    // What a panic says may quote what was being handled; where it was has been told.
    let reason = if reason.contains("panicked") { "a panic" } else { &reason };
    tracing::error!("the Lambda runtime ended: {reason}");
}

/// Tells that SQS did not change when a message is seen again, such as for want of a permission.
pub fn not_hidden() {
    tracing::warn!(source = "queue", "the visibility of a message could not be changed; it waits for its time-out");
}

/// Tells that messages of a batch were not tried, and go back to the queue as they came.
pub fn returned_untried(request_id: &str, messages: usize) {
    tracing::warn!(
        request_id,
        source = "queue",
        queue.untried = messages,
        "{messages} messages go back to the queue untried"
    );
}

/// Writes a macro call at a level known only at run time: `tracing` wants each level as a constant.
macro_rules! line {
    ($level:expr, $($fields:tt)*) => {
        match $level {
            Level::Info => tracing::info!($($fields)*),
            Level::Warn => tracing::warn!($($fields)*),
            Level::Error => tracing::error!($($fields)*),
        }
    };
}

use line;

/// How much a line is worth an operator's attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    /// Of an error: what the caller did is a warning, and what is ours or Bedrock's an error. Whoever asks for what is not
    /// there has cost nobody a prompt: some clients ask forty times in a row whether tokens are counted here.
    fn of(error: Option<&Error>) -> Self {
        match error.map(Error::kind) {
            None | Some(Kind::NotFound | Kind::MethodNotAllowed) => Self::Info,
            Some(kind) if kind.row().status < 500 => Self::Warn,
            Some(_) => Self::Error,
        }
    }
}

/// No value of AWS's that means anything is longer. It is what keeps a line within what CloudWatch takes.
const LONGEST_VALUE: usize = 512;

/// As much of a value of AWS's as a line shows.
fn cut(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST_VALUE)]
}

/// Milliseconds with microseconds behind the point.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;

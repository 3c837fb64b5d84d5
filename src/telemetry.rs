//! The log: one JSON line per prompt, in an RFC 3339 time and a level that Lambda's own filter understands.
//!
//! The only file that writes. No field holds a prompt, an answer, a header's value or an error's message, because
//! each of them may quote the prompt: errors are logged by their label.

use crate::answer::Answer;
use crate::claude::Call;
use crate::cost;
use crate::error::{Error, Row};
use crate::residency;
use std::panic::PanicHookInfo;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::prelude::*;

/// Lambda's runtime prints an invocation's error with its debug form, which our line has told already.
const RUNTIME_ERRORS: &str = "lambda_runtime::layers::panic";

/// Starts the log on standard output, and makes panics part of it.
///
/// The level applies to kokunai's own lines. Dependencies are capped at WARN, because below it some of them write
/// what they carry.
pub fn start(level: LevelFilter) {
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("kokunai", level)
        .with_target(RUNTIME_ERRORS, LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_timer(SystemTime);
    // A second start in one process, as a test might make, keeps the first log.
    let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
    std::panic::set_hook(Box::new(panicked));
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

/// Tells that the Lambda runtime ended.
pub fn runtime_ended(error: &dyn std::fmt::Display) {
    tracing::error!("the Lambda runtime ended: {error}");
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

/// Through which door a prompt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// API Gateway or a function URL.
    Http,
    /// An SQS queue.
    Queue,
    /// A prompt event as the event itself.
    Direct,
    /// None: the event was refused.
    Unknown,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Queue => "queue",
            Self::Direct => "direct",
            Self::Unknown => "unknown",
        }
    }
}

/// Who asked, and how: what a log line says of a prompt before it is answered.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The door.
    pub source: Source,
    /// The route, one of a fixed set; empty where there is none.
    pub route: Option<&'static str>,
    /// The IAM principal or the API key's ID, never the key.
    pub caller: Option<&'a str>,
    /// The queue message's ID.
    pub message_id: Option<&'a str>,
    /// Lambda's ID of the invocation.
    pub request_id: &'a str,
    /// X-Ray's root ID.
    pub trace_id: Option<&'a str>,
    /// Whether this is the first invocation of its process.
    pub cold_start: bool,
}

/// Writes a macro call at a level known only at run time: `tracing` wants each level as a constant.
macro_rules! line {
    ($row:expr, $($fields:tt)*) => {
        match $row.map(|row: Row| row.status) {
            None => tracing::info!($($fields)*),
            Some(..500) => tracing::warn!($($fields)*),
            Some(500..) => tracing::error!($($fields)*),
        }
    };
}

/// Writes the line of one prompt: what came of it, what it used, and where it was asked.
pub fn prompt_handled(asker: &Asker<'_>, call: &Call, outcome: Result<&Answer, &Error>, duration: Duration) {
    let answer = outcome.ok();
    let usage = answer.and_then(Answer::usage);
    let error = outcome.err();
    let row = error.map(|error| error.kind().row());
    let asked = (call.attempts > 0).then_some(call);
    let ids = call.request_ids.split_last();
    line!(
        row,
        request_id = asker.request_id,
        trace_id = asker.trace_id,
        source = asker.source.name(),
        route = asker.route,
        stream = false,
        caller = asker.caller,
        queue.message_id = asker.message_id,
        residency.profile = asked.map(|_| residency::PROFILE_ID),
        residency.region = asked.map(|_| residency::REGION),
        bedrock.request_id = ids.map(|(last, _)| last.as_str()),
        bedrock.earlier_request_ids = ids.filter(|(_, earlier)| !earlier.is_empty()).map(|(_, it)| it.join(" ")),
        bedrock.attempts = asked.map(|call| call.attempts),
        bedrock.latency_ms = asked.map(|call| milliseconds(call.latency)),
        duration_ms = milliseconds(duration),
        stop_reason = answer.and_then(Answer::stop_reason).map(known_stop_reason),
        tokens.input = usage.and_then(|usage| usage.input_tokens),
        tokens.output = usage.and_then(|usage| usage.output_tokens),
        tokens.cache_read = usage.and_then(|usage| usage.cache_read_input_tokens),
        tokens.cache_write = usage.and_then(|usage| usage.cache_creation_input_tokens),
        cost_usd = usage.map(cost::usd),
        quota_tokens = usage.map(cost::quota_tokens),
        cold_start = asker.cold_start,
        status = row.map_or(200, |row| row.status),
        error.label = row.map(|row| row.label),
        error.field = error.and_then(Error::field),
        error.retry = row.map(|row| row.retry),
        "{}",
        row.map_or("prompt answered".to_owned(), |row| format!("prompt failed: {}", row.label))
    );
}

/// The reasons that Anthropic documents; another is shown as `other`, because an answer's text does not enter the log.
const STOP_REASONS: [&str; 7] =
    ["end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "pause_turn", "model_context_window_exceeded"];

fn known_stop_reason(reason: &str) -> &'static str {
    STOP_REASONS.into_iter().find(|known| *known == reason).unwrap_or("other")
}

/// Milliseconds with microseconds behind the point.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_milliseconds_to_the_microsecond() {
        assert!((milliseconds(Duration::from_nanos(1_234_567)) - 1.235).abs() < 1e-9);
    }
}

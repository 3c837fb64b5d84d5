//! The log: one JSON line per prompt, in an RFC 3339 time and a level that Lambda's own filter understands.
//!
//! The only file that writes, with those below it. No field holds a prompt, an answer, a header's value or an error's message, because
//! each of them may quote the prompt: errors are logged by their label.

mod audit;
mod format;
mod profile;

pub use audit::record_judged;
pub use format::{DIMENSION, METRICS, NAMESPACE};
pub use profile::{deletion_let_through, deployment_refused, profile_checked};

use crate::answer::Usage;
use crate::claude::Call;
use crate::cost;
use crate::error::{Error, Kind};
use crate::prompt::Dropped;
use crate::residency;
use crate::settings::Settings;
use format::Lines;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::prelude::*;

/// What Lambda's runtime would tell a second time, or wrongly: an invocation's error in its debug form, and a client that has
/// gone, as three errors without a request ID.
const TOLD_BY_US: [&str; 2] = ["lambda_runtime::layers::panic", "lambda_runtime::requests"];

/// Where it tells that an answer could not be posted, with a field `error`, and that Lambda refused one, with a `status`.
const POSTING: &str = "lambda_runtime::layers::api_client";

/// Where the lines of the audit and of the profile's checks come from.
const EVIDENCE: [&str; 2] = ["kokunai::telemetry::audit", "kokunai::telemetry::profile"];

/// Starts the log on standard output, and makes panics part of it.
///
/// The level applies to kokunai's own lines, but for those of the audit and of the profile's checks: they are metrics, and one that stayed away would ring
/// an alarm. Dependencies are capped at WARN, because below it some of them write what they carry.
pub fn start(level: LevelFilter) {
    let levels = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("kokunai", level);
    let levels = levels.with_targets(EVIDENCE.map(|target| (target, level.max(LevelFilter::INFO))));
    let levels = levels.with_targets(TOLD_BY_US.map(|target| (target, LevelFilter::OFF)));
    let is_ours = |line: &Metadata<'_>| line.target() == POSTING && line.fields().field("error").is_some();
    let filter = levels.and(filter_fn(move |line| !is_ours(line)));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_timer(SystemTime)
        .map_event_format(Lines);
    // A second start in one process, as a test might make, keeps the first log.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
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
    tracing::error!("the Lambda runtime ended: {error}");
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

/// Through which door a prompt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// API Gateway or a function URL.
    Http,
    /// An SQS queue.
    Queue,
    /// A prompt event as the event itself.
    Direct,
    /// No prompt: a record of CloudTrail.
    Audit,
    /// No prompt: the time has come to check the profile.
    Schedule,
    /// No prompt: CloudFormation wants it checked.
    Deployment,
    /// None: the event was refused.
    Unknown,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Queue => "queue",
            Self::Direct => "direct",
            Self::Audit => "audit",
            Self::Schedule => "schedule",
            Self::Deployment => "deployment",
            Self::Unknown => "unknown",
        }
    }
}

/// Who asked, and how: what a log line says of a prompt before it is answered.
#[derive(Clone, Debug)]
pub struct Asker {
    /// When the prompt came to its door.
    pub start: Instant,
    /// The door.
    pub source: Source,
    /// The route, one of a fixed set; empty where there is none.
    pub route: Option<&'static str>,
    /// The IAM principal or the API key's ID, never the key.
    pub caller: Option<String>,
    /// The queue message's ID.
    pub message_id: Option<String>,
    /// How often the queue has given it, this time included.
    pub receives: Option<u32>,
    /// Lambda's ID of the invocation.
    pub request_id: String,
    /// X-Ray's root ID.
    pub trace_id: Option<String>,
    /// Whether this is the first invocation of its process.
    pub cold_start: bool,
    /// The name that this function was deployed under.
    pub function: Arc<str>,
}

/// What came of a prompt, for its line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Handled<'a> {
    /// What was used, as far as it is known.
    pub usage: Option<Usage>,
    /// Why the model stopped.
    pub stop_reason: Option<&'a str>,
    /// What is known of a stream, if the answer was one.
    pub streamed: Option<Streamed>,
    /// The count, if the prompt was only counted: then the bare model was asked, and not the profile.
    pub counted: Option<Counted>,
    /// What the request asked for and Bedrock does not know.
    pub dropped: Option<&'a Dropped>,
    /// What kept it from being answered.
    pub error: Option<&'a Error>,
    /// What became of a message.
    pub fate: Option<Fate>,
}

/// What became of a queue's message, beside its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its result has reached the results queue.
    Delivered,
    /// So has one that was remembered.
    Replayed,
    /// Its result had reached the results queue before.
    DeliveredBefore,
    /// It has gone to the dead-letter queue, and a failed result to the results queue.
    DeadLettered,
    /// It is in its queue, and comes again.
    Returned,
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Replayed => "replayed",
            Self::DeliveredBefore => "delivered_before",
            Self::DeadLettered => "dead_lettered",
            Self::Returned => "returned",
        }
    }
}

/// What a line says of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Streamed {
    /// From the prompt's arrival to the model's first token.
    pub first_token: Option<Duration>,
    /// Whether the client left before the end.
    pub client_gone: bool,
}

/// The tokens of a prompt that was only counted; empty if the count failed.
#[derive(Clone, Copy, Debug)]
pub struct Counted(pub Option<i32>);

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

/// Writes the line of one prompt: what came of it, what it used, and where it was asked.
pub fn prompt_handled(asker: &Asker, call: &Call, handled: &Handled<'_>) {
    let Handled { usage, stop_reason, streamed, counted, dropped, error, fate } = *handled;
    let row = error.map(|error| error.kind().row());
    let asked = (call.attempts > 0).then_some(call);
    let ids = call.request_ids.split_last();
    let refusal = error.and_then(Error::refusal);
    // What a broken stream has cost is not known.
    let billed = usage.filter(|usage| usage.output_tokens.is_some());
    // What the model answered is what CloudTrail must know of: an alarm counts both.
    let is_answered = error.is_none() && asked.is_some() && counted.is_none();
    let gone = streamed.is_some_and(|it| it.client_gone);
    line!(
        Level::of(error),
        request_id = asker.request_id,
        trace_id = asker.trace_id,
        source = asker.source.name(),
        route = asker.route,
        stream = streamed.is_some(),
        caller = asker.caller,
        queue.message_id = asker.message_id,
        queue.receives = asker.receives,
        fate = fate.map(Fate::name),
        residency.profile = asked.filter(|_| counted.is_none()).map(|_| residency::PROFILE_ID),
        residency.model = asked.and(counted).map(|_| residency::MODEL_ID),
        residency.region = asked.map(|_| residency::REGION),
        bedrock.request_id = ids.map(|(last, _)| last.as_str()),
        bedrock.earlier_request_ids = ids.filter(|(_, earlier)| !earlier.is_empty()).map(|(_, it)| it.join(" ")),
        bedrock.attempts = asked.map(|call| call.attempts),
        bedrock.latency_ms = asked.map(|call| milliseconds(call.latency)),
        first_token_ms = streamed.and_then(|it| it.first_token).map(milliseconds),
        duration_ms = milliseconds(asker.start.elapsed()),
        client_gone = gone.then_some(true),
        stop_reason = stop_reason.map(known_stop_reason),
        tokens.input = usage.and_then(|usage| usage.input_tokens),
        tokens.output = usage.and_then(|usage| usage.output_tokens),
        tokens.cache_read = usage.and_then(|usage| usage.cache_read_input_tokens),
        tokens.cache_write = usage.and_then(|usage| usage.cache_creation_input_tokens),
        tokens.counted = counted.and_then(|Counted(tokens)| tokens),
        cost_usd = billed.map(cost::usd),
        quota_tokens = billed.map(cost::quota_tokens),
        betas.dropped = dropped.filter(|it| !it.known.is_empty()).map(|it| it.known.join(" ")),
        betas.dropped_unknown = dropped.map(|it| it.unknown).filter(|count| *count > 0),
        betas.dropped_fields = dropped.filter(|it| !it.fields.is_empty()).map(|it| it.fields.join(" ")),
        cold_start = asker.cold_start,
        function = &*asker.function,
        Answered = is_answered.then_some(1_u64),
        status = row.map_or(200, |row| row.status),
        error.label = row.map(|row| row.label),
        error.field = error.and_then(Error::logged_field),
        error.cause = error.and_then(Error::cause).map(|cause| cause.row().label),
        error.service = refusal.map(|refusal| refusal.service),
        error.code = refusal.map(|refusal| refusal.code.as_str()),
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
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_between_two_characters() {
        let long = |text: &str| cut(&text.repeat(300)).len();
        assert_eq!((long("a"), long("国"), long("国a")), (300, 510, 512));
    }

    #[test]
    fn durations_are_milliseconds_to_the_microsecond() {
        assert!((milliseconds(Duration::from_nanos(1_234_567)) - 1.235).abs() < 1e-9);
    }
}

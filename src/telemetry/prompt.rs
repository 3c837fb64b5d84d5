//! The line of one prompt: what came of it, what it used, where it was asked, and what it counts for.

use super::{Asker, Level, line, milliseconds};
use crate::answer::Usage;
use crate::claude::Call;
use crate::cost;
use crate::error::{Error, Kind};
use crate::prompt::Dropped;
use crate::residency;
use std::time::Duration;

/// What came of a prompt, for its line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Handled<'a> {
    /// What was used, as far as it is known.
    pub usage: Option<Usage>,
    /// Why the model stopped.
    pub stop_reason: Option<&'a str>,
    /// What is known of a stream, if the answer was one.
    pub streamed: Option<Streamed>,
    /// The most tokens that the answer could have had, if one was asked for.
    pub max_tokens: Option<u32>,
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

/// Writes the line of one prompt: what came of it, what it used, and where it was asked.
pub fn prompt_handled(asker: &Asker, call: &Call, handled: &Handled<'_>) {
    let Handled { usage, stop_reason, streamed, max_tokens, counted, dropped, error, fate } = *handled;
    let row = error.map(|error| error.kind().row());
    let asked = (call.attempts > 0).then_some(call);
    let ids = call.request_ids.split_last();
    let refusal = error.and_then(Error::refusal);
    // What a broken stream has cost is not known.
    let billed = usage.filter(|usage| usage.output_tokens.is_some());
    // What the model answered is what CloudTrail must know of: an alarm counts both.
    let is_answered = error.is_none() && asked.is_some() && counted.is_none();
    let Counts { errors, refused, throttles } = Counts::of(error.map(Error::kind));
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
        cost_usd = billed.map(|usage| cost::usd(usage, asker.prices)),
        quota_tokens = billed.map(cost::quota_tokens),
        quota_reserved_tokens = usage.zip(max_tokens).and_then(|(usage, most)| cost::reserved_tokens(usage, most)),
        betas.dropped = dropped.filter(|it| !it.known.is_empty()).map(|it| it.known.join(" ")),
        betas.dropped_unknown = dropped.map(|it| it.unknown).filter(|count| *count > 0),
        betas.dropped_fields = dropped.filter(|it| !it.fields.is_empty()).map(|it| it.fields.join(" ")),
        cold_start = asker.cold_start,
        init_ms = asker.init.map(milliseconds),
        function = &*asker.function,
        Prompts = 1_u64,
        Answered = is_answered.then_some(1_u64),
        Errors = errors,
        Refused = refused,
        Throttles = throttles,
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

/// What a prompt adds to the metrics of failures: one or nothing. A failure adds one to exactly one of them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    errors: u64,
    refused: u64,
    throttles: u64,
}

impl Counts {
    fn of(error: Option<Kind>) -> Self {
        let nothing = Self::default();
        match error {
            None => nothing,
            // Nothing is broken: there is more to do than the quota or the model's capacity holds.
            Some(Kind::Throttled | Kind::QuotaExceeded | Kind::Overloaded) => Self { throttles: 1, ..nothing },
            // Their statuses are those of a caller's mistake, but it is the operator who has to give access.
            Some(Kind::AccessDenied | Kind::ModelNotFound) => Self { errors: 1, ..nothing },
            Some(kind) if kind.row().status < 500 => Self { refused: 1, ..nothing },
            Some(_) => Self { errors: 1, ..nothing },
        }
    }
}

/// The reasons that Anthropic documents; another is shown as `other`, because an answer's text does not enter the log.
pub(super) const STOP_REASONS: [&str; 7] =
    ["end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "pause_turn", "model_context_window_exceeded"];

fn known_stop_reason(reason: &str) -> &'static str {
    STOP_REASONS.into_iter().find(|known| *known == reason).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_counts_for_exactly_one_thing() {
        assert_eq!(Counts::of(None), Counts::default());
        for kind in Kind::ALL {
            let Counts { errors, refused, throttles } = Counts::of(Some(kind));
            assert_eq!(errors + refused + throttles, 1, "{kind:?}");
        }
        assert_eq!(Counts::of(Some(Kind::AccessDenied)).errors, 1, "the operator has to give access, not the caller");
    }
}

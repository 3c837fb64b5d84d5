//! The line of one check of the profile: what AWS says of it and of its model, and the counts that alarms watch.

use super::{Asker, Level, cut, line, milliseconds};
use crate::profile::{Checked, Lifecycle, Verdict};
use crate::residency;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::time::SystemTime;

/// From so many days before the model's end the line is a warning: time enough to move on to another one.
const SOON: u64 = 90;

/// Writes the line of one check. What it says comes from AWS.
pub fn profile_checked(asker: &Asker, checked: &Checked) {
    let profile = checked.profile.as_ref().ok();
    let lifecycle = checked.lifecycle.as_ref().ok();
    let days = lifecycle.and_then(|it| it.days_left(SystemTime::now()));
    let refusal = checked.refusal();
    let verdict = checked.verdict();
    let models = profile.map(|it| it.models.join(" "));
    line!(
        level(checked, days),
        request_id = asker.request_id,
        trace_id = asker.trace_id,
        source = asker.source.name(),
        function = &*asker.function,
        profile.verdict = verdict.name(),
        profile.reason = checked.reason(),
        profile.id = residency::PROFILE_ID,
        profile.arn = profile.map(|it| cut(&it.arn)),
        profile.status = profile.map(|it| cut(&it.status)),
        profile.r#type = profile.map(|it| cut(&it.kind)),
        profile.models = models.as_deref().map(cut),
        model.id = residency::MODEL_ID,
        model.status = lifecycle.map(|it| cut(&it.status)),
        model.legacy_from = lifecycle.and_then(|it| date(it.legacy)),
        model.end_of_life = lifecycle.and_then(|it| date(it.end_of_life)),
        error.service = refusal.map(|it| it.service),
        error.code = refusal.map(|it| it.code.as_str()),
        ProfileChecks = 1_u64,
        ProfileFailures = u64::from(is_failure(checked)),
        Legacy = lifecycle.map(|it| u64::from(it.is_legacy())),
        Retiring = lifecycle.map(|_| u64::from(is_retiring(days))),
        DaysToEndOfLife = days,
        cold_start = asker.cold_start,
        init_ms = asker.init.map(milliseconds),
        "the inference profile checked: {}",
        verdict.name()
    );
}

/// Tells that CloudFormation takes the resource away, which nothing may hold up.
pub fn deletion_let_through(asker: &Asker) {
    tracing::info!(
        request_id = asker.request_id,
        source = asker.source.name(),
        "a deletion was let through without a check"
    );
}

/// Tells that a deployment was refused without a word of AWS's: the template means another profile, or the request is unknown.
pub fn deployment_refused(asker: &Asker, reason: &'static str) {
    tracing::error!(
        request_id = asker.request_id,
        source = asker.source.name(),
        deployment.refused = reason,
        "a deployment was refused: {reason}"
    );
}

/// Whether somebody should look: the profile is not what it must be, or AWS left a question open.
fn is_failure(checked: &Checked) -> bool {
    checked.verdict() != Verdict::Confirmed || checked.refusal().is_some()
}

/// Whether the end is so near that it is time to move on to another model.
fn is_retiring(days: Option<u64>) -> bool {
    days.is_some_and(|days| days < SOON)
}

fn level(checked: &Checked, days: Option<u64>) -> Level {
    let is_legacy = checked.lifecycle.as_ref().is_ok_and(Lifecycle::is_legacy);
    match (is_failure(checked), is_legacy || is_retiring(days)) {
        (true, _) => Level::Error,
        (false, true) => Level::Warn,
        (false, false) => Level::Info,
    }
}

fn date(seconds: Option<i64>) -> Option<String> {
    DateTime::from_secs(seconds?).fmt(Format::DateTime).ok()
}

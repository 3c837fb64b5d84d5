//! The audit door: records of CloudTrail that arrive through EventBridge are judged, and each gets its line.

mod judge;
mod record;
mod verdict;
mod word;

pub use judge::{Judged, judge};
pub use verdict::{Breach, Doubt, Fault, Subject, Verdict};

use crate::function::Invocation;
use crate::telemetry::{self, Source};
use serde::Serialize;
use std::borrow::Cow;

/// A record as EventBridge hands it over.
#[derive(Debug)]
pub struct Notice<'a> {
    /// The record: the `detail` of the event.
    pub record: &'a str,
    /// When EventBridge says that it happened.
    pub time: Option<Cow<'a, str>>,
}

/// The response to a record.
#[derive(Serialize)]
pub struct Response {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// Judges a record, and writes its line.
///
/// The invocation succeeds whatever the verdict is. Lambda would try a failed one again, and that changes no verdict: a
/// violation is for the alarm to tell, and a record that cannot be read stays in CloudTrail, where its line's ID and time lead.
#[must_use]
pub fn serve(invocation: &Invocation, notice: Notice<'_>) -> Response {
    let mut judged = judge(notice.record);
    judged.event_time = judged.event_time.or(notice.time);
    telemetry::record_judged(&invocation.asker(Source::Audit), &judged);
    Response { verdict: judged.verdict.name(), reason: judged.verdict.reason() }
}

#[cfg(test)]
mod tests;

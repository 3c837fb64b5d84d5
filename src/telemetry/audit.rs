//! The line of one record of CloudTrail: what was judged, whose call it was, and the counts that alarms watch.

use super::{Asker, Level, line, milliseconds};
use crate::audit::{Doubt, Judged, Verdict};
use std::borrow::Cow;

/// Writes the line of one record. What it says comes from AWS; of the caller it names the principal and nothing else.
pub fn record_judged(asker: &Asker, judged: &Judged<'_>) {
    let verdict = judged.verdict;
    let Counts { audit_records, proved, violations, unverified, denied, awaited, settled } = Counts::of(judged);
    line!(
        Level::of_verdict(verdict),
        request_id = asker.request_id,
        trace_id = asker.trace_id,
        source = asker.source.name(),
        function = &*asker.function,
        audit.verdict = verdict.name(),
        audit.reason = verdict.reason(),
        audit.event_id = cut(&judged.event_id),
        audit.original_event_id = cut(&judged.original_event_id),
        audit.shared_event_id = cut(&judged.shared_event_id),
        audit.addendum = cut(&judged.addendum),
        audit.event_name = cut(&judged.event_name),
        audit.event_time = cut(&judged.event_time),
        audit.region = cut(&judged.region),
        audit.source_region = cut(&judged.source_region),
        audit.model = cut(&judged.model),
        audit.principal = cut(&judged.principal),
        audit.error_code = cut(&judged.error_code),
        bedrock.request_id = cut(&judged.bedrock_request_id),
        AuditRecords = audit_records,
        Proved = proved,
        Violations = violations,
        Unverified = unverified,
        Denied = denied,
        Awaited = awaited,
        Settled = settled,
        cold_start = asker.cold_start,
        init_ms = asker.init.map(milliseconds),
        "CloudTrail's record judged: {}",
        verdict.name()
    );
}

/// What a record adds to each metric: one or nothing. Exactly one of the five in the middle counts a record that counts.
struct Counts {
    audit_records: u64,
    proved: u64,
    violations: u64,
    unverified: u64,
    denied: u64,
    awaited: u64,
    settled: u64,
}

impl Counts {
    fn of(judged: &Judged<'_>) -> Self {
        let verdict = judged.verdict;
        let awaits = verdict == Verdict::Unverified(Doubt::ServiceEventTells);
        let counts = !matches!(verdict, Verdict::Unrelated(_));
        Self {
            audit_records: u64::from(counts),
            proved: u64::from(matches!(verdict, Verdict::Proved(_))),
            violations: u64::from(matches!(verdict, Verdict::Violation(_))),
            // A record that cannot be read proves nothing either, and somebody should look at it.
            unverified: u64::from(matches!(verdict, Verdict::Unverified(_) | Verdict::Malformed(_)) && !awaits),
            denied: u64::from(verdict == Verdict::Denied),
            awaited: u64::from(awaits),
            settled: u64::from(counts && judged.is_service_event),
        }
    }
}

impl Level {
    /// Of a verdict. A streamed call whose second record is still to come is nothing to be warned of.
    fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Violation(_) => Self::Error,
            Verdict::Unverified(Doubt::ServiceEventTells) => Self::Info,
            Verdict::Unverified(Doubt::NoRegion | Doubt::UnknownModel) | Verdict::Malformed(_) => Self::Warn,
            Verdict::Proved(_) | Verdict::Denied | Verdict::Unrelated(_) => Self::Info,
        }
    }
}

fn cut<'a>(value: &'a Option<Cow<'_, str>>) -> Option<&'a str> {
    value.as_deref().map(super::cut)
}

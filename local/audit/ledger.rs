//! What was counted: the records one by one, and by day the calls that they are of, once each.

use super::call::{Call, Standing};
use super::day::Day;
use super::roles::Roles;
use super::violation::{Violations, short};
use super::window::{Fingerprint, Window, fingerprint};
use kokunai::audit::{Judged, Subject, Verdict, judge};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, UtcOffset};

/// Counts of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Records {
    pub(super) read: u64,
    /// Those of which the same was known before.
    pub(super) repeated: u64,
    pub(super) malformed: u64,
    pub(super) another_service: u64,
    pub(super) another_operation: u64,
}

/// All counts of a report.
pub(super) struct Ledger {
    zone: UtcOffset,
    roles: Roles,
    window: Window,
    pub(super) records: Records,
    /// The calls by day; those without a time have none.
    pub(super) days: BTreeMap<Option<Date>, Day>,
    pub(super) violations: Violations,
}

impl Ledger {
    /// An empty one, with the days of `zone`.
    pub(super) fn new(zone: UtcOffset, roles: Roles) -> Self {
        Self {
            zone,
            roles,
            window: Window::default(),
            records: Records::default(),
            days: BTreeMap::new(),
            violations: Violations::default(),
        }
    }

    /// All days together.
    pub(super) fn totals(&self) -> Day {
        let mut totals = Day::default();
        self.days.values().for_each(|day| totals += *day);
        totals
    }

    /// Takes a record, given as its JSON text; `time` is when its envelope says that it happened.
    pub(super) fn take(&mut self, record: &str, time: Option<&str>) {
        let mut judged = judge(record);
        judged.event_time = judged.event_time.or(time.map(Cow::Borrowed));
        self.records.read += 1;
        match judged.verdict {
            Verdict::Unrelated(Subject::AnotherService) => self.records.another_service += 1,
            Verdict::Unrelated(Subject::AnotherOperation) => self.records.another_operation += 1,
            Verdict::Malformed(_) => self.count_malformed(&judged),
            Verdict::Proved(_) | Verdict::Violation(_) | Verdict::Unverified(_) | Verdict::Denied => {
                if let Some(standing) = Standing::of(judged.verdict) {
                    self.count(&judged, standing);
                }
            }
        }
    }

    /// A record that cannot be judged is of no call; but it, too, may come twice.
    fn count_malformed(&mut self, judged: &Judged<'_>) {
        let ids: Vec<_> = judged.event_id.iter().map(|id| fingerprint("malformed", id)).collect();
        let day = self.day(judged);
        let is_new = ids.is_empty() || self.window.call(&ids, day).asked.replace(Standing::Unverified).is_none();
        *if is_new { &mut self.records.malformed } else { &mut self.records.repeated } += 1;
    }

    /// Counts what a record adds to what is known of its call. What was counted of it before is taken back.
    fn count(&mut self, judged: &Judged<'_>, standing: Standing) {
        let day = self.day(judged);
        let is_unknown = !self.roles.is_empty() && !self.roles.knows(judged.principal.as_deref());
        let call = self.window.call(&ids(judged), day);
        let before = call.standing();
        if let Some(before) = before {
            self.days.entry(call.day).or_default().take_back(before, call.is_unknown);
        }
        let said = if judged.is_service_event { call.told } else { call.asked };
        self.records.repeated += u64::from(said >= Some(standing));
        learn(call, judged, standing, day, is_unknown);
        let after = call.standing().unwrap_or(standing);
        self.days.entry(call.day).or_default().add(after, call.is_unknown);
        if after == Standing::Violation && before != Some(after) {
            self.violations.add(judged, call.principal.as_deref());
        } else if after == Standing::Violation && !judged.is_service_event {
            self.violations.name_principal(judged);
        }
        if after != Standing::Awaited {
            call.principal = None;
        }
    }

    /// The day on which a record's call was made.
    fn day(&self, judged: &Judged<'_>) -> Option<Date> {
        let time = OffsetDateTime::parse(judged.event_time.as_deref()?, &Rfc3339).ok()?;
        Some(time.checked_to_offset(self.zone)?.date())
    }
}

/// The IDs by which the call of a record is known: Bedrock's own, and those of the record and of the one that it stands for.
fn ids(judged: &Judged<'_>) -> Vec<Fingerprint> {
    let of_records = [&judged.original_event_id, &judged.event_id].into_iter().flatten().map(|id| ("record", id));
    let of_call = judged.bedrock_request_id.iter().map(|id| ("call", id));
    of_call.chain(of_records).filter(|(_, id)| !id.is_empty()).map(|(kind, id)| fingerprint(kind, id)).collect()
}

/// Adds a record's word to a call. The record of the call says whose it is and when it began, as long as it is there.
fn learn(call: &mut Call, judged: &Judged<'_>, standing: Standing, day: Option<Date>, is_unknown: bool) {
    if judged.is_service_event {
        call.told = call.told.max(Some(standing));
    } else if call.asked < Some(standing) {
        call.principal = judged.principal.as_deref().map(|it| short(it).into());
    }
    if call.asked.is_none() {
        (call.day, call.is_unknown) = (day, is_unknown);
    }
    if !judged.is_service_event {
        call.asked = call.asked.max(Some(standing));
    }
}

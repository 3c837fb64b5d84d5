//! The counts of one day.

use super::call::Standing;
use serde::Serialize;
use std::ops::AddAssign;

/// How many calls of a day stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) tokyo: u64,
    pub(super) osaka: u64,
    /// Those of which a record leaves it open.
    pub(super) doubtful: u64,
    /// Those that were streamed, and have no service event.
    pub(super) awaited: u64,
    pub(super) violations: u64,
    pub(super) denied: u64,
    /// Those of the calls before `denied` that somebody made who is not on the list.
    pub(super) unknown_roles: u64,
}

/// A day as documents have it.
#[derive(Serialize)]
pub(super) struct Counts {
    calls: u64,
    tokyo: u64,
    osaka: u64,
    unverified: u64,
    awaited: u64,
    violations: u64,
    denied: u64,
    unknown_roles: Option<u64>,
}

impl Day {
    /// All that a model may have answered.
    pub(super) fn calls(&self) -> u64 {
        self.tokyo + self.osaka + self.unverified() + self.violations
    }

    /// All of which it is not known where they ran.
    pub(super) fn unverified(&self) -> u64 {
        self.doubtful + self.awaited
    }

    /// Counts a call.
    pub(super) fn add(&mut self, standing: Standing, is_unknown: bool) {
        *self.count(standing) += 1;
        self.unknown_roles += u64::from(is_unknown && standing != Standing::Denied);
    }

    /// Takes a call back that turned out to stand elsewhere.
    pub(super) fn take_back(&mut self, standing: Standing, is_unknown: bool) {
        *self.count(standing) -= 1;
        self.unknown_roles -= u64::from(is_unknown && standing != Standing::Denied);
    }

    fn count(&mut self, standing: Standing) -> &mut u64 {
        match standing {
            Standing::Tokyo => &mut self.tokyo,
            Standing::Osaka => &mut self.osaka,
            Standing::Unverified => &mut self.doubtful,
            Standing::Awaited => &mut self.awaited,
            Standing::Violation => &mut self.violations,
            Standing::Denied => &mut self.denied,
        }
    }

    /// The counts for a document; without a list of roles nobody is unknown.
    pub(super) fn counts(&self, has_roles: bool) -> Counts {
        Counts {
            calls: self.calls(),
            tokyo: self.tokyo,
            osaka: self.osaka,
            unverified: self.unverified(),
            awaited: self.awaited,
            violations: self.violations,
            denied: self.denied,
            unknown_roles: has_roles.then_some(self.unknown_roles),
        }
    }
}

impl AddAssign for Day {
    fn add_assign(&mut self, other: Self) {
        self.tokyo += other.tokyo;
        self.osaka += other.osaka;
        self.doubtful += other.doubtful;
        self.awaited += other.awaited;
        self.violations += other.violations;
        self.denied += other.denied;
        self.unknown_roles += other.unknown_roles;
    }
}

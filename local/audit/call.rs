//! One call, as far as its records have told of it.

use kokunai::audit::{Doubt, Verdict};
use kokunai::residency::Place;
use time::Date;

/// What is known of a call. Of two records that say the same part of it, the greater word counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It was streamed, and its service event is still to come.
    Awaited,
    Denied,
    Unverified,
    Tokyo,
    Osaka,
    Violation,
}

impl Standing {
    /// What a verdict says of a call; nothing, if it is of none.
    pub(super) fn of(verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::Proved(Place::Tokyo) => Some(Self::Tokyo),
            Verdict::Proved(Place::Osaka) => Some(Self::Osaka),
            Verdict::Violation(_) => Some(Self::Violation),
            Verdict::Unverified(Doubt::ServiceEventTells) => Some(Self::Awaited),
            Verdict::Unverified(Doubt::NoRegion | Doubt::UnknownModel) => Some(Self::Unverified),
            Verdict::Denied => Some(Self::Denied),
            Verdict::Malformed(_) | Verdict::Unrelated(_) => None,
        }
    }
}

/// A call: what its own record says, and what the service event of a streamed one does.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) asked: Option<Standing>,
    pub(super) told: Option<Standing>,
    /// The day that it counts for.
    pub(super) day: Option<Date>,
    /// Whether somebody asked who is not on the list.
    pub(super) is_unknown: bool,
    /// Who asked. Kept only while a service event is awaited, which does not say it.
    pub(super) principal: Option<Box<str>>,
}

impl Call {
    /// Where the call stands, by both. Its own record says what was asked, and the service event where it ran: the doubt and the
    /// breach of either count, and no service event mends a question that hides its model.
    pub(super) fn standing(&self) -> Option<Standing> {
        use Standing::{Awaited, Denied, Osaka, Tokyo, Violation};
        match (self.asked, self.told) {
            (Some(Violation), _) | (_, Some(Violation)) => Some(Violation),
            (None | Some(Awaited | Denied), Some(told)) => Some(told),
            (Some(Tokyo | Osaka), Some(told @ (Tokyo | Osaka))) => Some(told),
            (asked, _) => asked,
        }
    }
}

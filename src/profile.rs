//! The profile, checked against AWS itself: is it still Sonnet 4.5 in Tokyo and Osaka and nothing else, and for how long?

mod control_plane;
mod lifecycle;

pub use lifecycle::Lifecycle;

use crate::function::{Function, Invocation};
use crate::refusal::Refusal;
use crate::residency::Profile;
use crate::telemetry::{self, Source};
use crate::wiring::Wiring;
use control_plane::ControlPlane;
use futures_util::future::join;
use serde::Serialize;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Kept back from Lambda's time for what comes after a check: CloudFormation has to hear of it.
const KEPT_BACK: Duration = Duration::from_secs(8);

/// The longest that a check takes, however long its function may live: a function that answers prompts may for 15 minutes.
const LONGEST: Duration = Duration::from_secs(20);

/// The longest that one asking takes: an answer that is lost must not use up the time of the next.
const ATTEMPT: Duration = Duration::from_secs(5);

/// How long after AWS did not answer it is asked again. What a role that has just been made may do is known everywhere only
/// after some seconds, and a deployment asks right after it was made.
const PAUSE: Duration = Duration::from_secs(2);

/// What a check came to.
#[derive(Debug)]
pub struct Checked {
    /// The profile as AWS describes it.
    pub profile: Result<Profile, Refusal>,
    /// How long its model will be there.
    pub lifecycle: Result<Lifecycle, Refusal>,
}

/// What a check says of the pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The profile is what it must be.
    Confirmed,
    /// It is not.
    Changed,
    /// AWS did not say.
    Unanswered,
}

impl Verdict {
    /// Its name in the log line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Changed => "changed",
            Self::Unanswered => "unanswered",
        }
    }
}

impl Checked {
    /// The verdict on the profile.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match &self.profile {
            Ok(profile) if profile.differences().is_empty() => Verdict::Confirmed,
            Ok(_) => Verdict::Changed,
            Err(_) => Verdict::Unanswered,
        }
    }

    /// In what the profile is not what it must be, by name; `None` if it is, or if that is not known.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let differences = self.profile.as_ref().ok()?.differences();
        let names: Vec<_> = differences.into_iter().map(|it| it.name()).collect();
        (!names.is_empty()).then(|| names.join(" "))
    }

    /// What AWS did not answer, the profile first.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.profile.as_ref().err().or(self.lifecycle.as_ref().err())
    }
}

/// The response to the schedule, which does not read it, and to whoever invokes by hand.
#[derive(Debug, Serialize)]
pub struct Response {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Checks the profile because it is time to, and writes the line.
///
/// The invocation succeeds whatever the verdict is: an alarm tells of it, and the next check is tomorrow's.
pub async fn serve(function: &Function, invocation: &Invocation) -> Response {
    let checked = check(function.wiring(), until(invocation)).await;
    let asker = invocation.asker(Source::Schedule);
    telemetry::profile_checked(&asker, &checked);
    Response { verdict: checked.verdict().name(), reason: checked.reason() }
}

/// Until when a check may take.
#[must_use]
pub fn until(invocation: &Invocation) -> Instant {
    invocation.budget().keeping_back(KEPT_BACK).last().min(Instant::now() + LONGEST)
}

/// Asks AWS what the profile is and how long its model will be there; again and again until then, if it does not answer.
pub async fn check(wiring: &Wiring, until: Instant) -> Checked {
    let plane = ControlPlane::new(wiring);
    let profile = answered(until, control_plane::PROFILE, || plane.profile());
    let lifecycle = answered(until, control_plane::MODEL, || plane.lifecycle());
    let (profile, lifecycle) = join(profile, lifecycle).await;
    Checked { profile, lifecycle }
}

/// What was answered in time, or why it was not the last time.
async fn answered<T, F: Future<Output = Result<T, Refusal>>>(
    until: Instant,
    service: &'static str,
    ask: impl Fn() -> F,
) -> Result<T, Refusal> {
    loop {
        let silent = || Refusal { service, code: "timeout".to_owned() };
        let asking = timeout_at(until.min(Instant::now() + ATTEMPT), ask()).await;
        let refusal = match asking.unwrap_or_else(|_| Err(silent())) {
            Ok(answer) => return Ok(answer),
            Err(refusal) => refusal,
        };
        let next = Instant::now() + PAUSE;
        if next >= until {
            return Err(refusal);
        }
        sleep_until(next).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn refused() -> Refusal {
        Refusal { service: "profile", code: "AccessDeniedException".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_is_not_known_yet_is_waited_for() {
        let asked = Cell::new(0);
        let ask = || {
            asked.set(asked.get() + 1);
            let answer = if asked.get() < 4 { Err(refused()) } else { Ok("there it is") };
            async move { answer }
        };
        let until = Instant::now() + Duration::from_secs(10);
        assert_eq!(answered(until, "profile", ask).await, Ok("there it is"));
        assert_eq!((asked.get(), Instant::now() < until), (4, true));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_never_answered_ends_in_time_with_the_last_reason() {
        let until = Instant::now() + Duration::from_secs(10);
        assert_eq!(answered::<(), _>(until, "profile", || async { Err(refused()) }).await, Err(refused()));
        assert!(Instant::now() <= until);
        let silent = answered::<(), _>(until, "model", std::future::pending).await;
        assert_eq!(silent, Err(Refusal { service: "model", code: "timeout".to_owned() }));
        assert!(Instant::now() <= until + Duration::from_millis(1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_lost_is_asked_for_again() {
        let asked = Cell::new(0);
        let ask = || {
            asked.set(asked.get() + 1);
            let is_lost = asked.get() == 1;
            async move { if is_lost { std::future::pending().await } else { Ok("there it is") } }
        };
        assert_eq!(answered(Instant::now() + Duration::from_secs(10), "profile", ask).await, Ok("there it is"));
    }
}

//! The valid keys, kept for a minute, as digests that are compared in constant time.

use super::usage_plan::{Key, UsagePlan, UsagePlanId, silence};
use crate::refusal::Refusal;
use crate::telemetry::{self, Asker};
use crate::wiring::Wiring;
use sha2::{Digest, Sha256};
use std::time::Duration;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long a list counts as new: so long may a key that was taken away still pass.
const FRESH: Duration = Duration::from_secs(60);

/// How long a list is used when no newer one can be had.
const STALE: Duration = Duration::from_secs(300);

/// How long after a list could not be had it is asked for again: whoever asks meanwhile hears what was heard then, because an
/// API that is asked by everybody at once does not recover.
const PAUSE: Duration = Duration::from_secs(2);

/// The longest that one asking takes: a client waits for it, and the authoriser has five seconds.
const ATTEMPT: Duration = Duration::from_secs(3);

/// The keys of one usage plan.
pub struct Keys {
    plan: UsagePlan,
    kept: Kept,
}

impl Keys {
    /// The keys of this plan, which are asked for when they are first needed.
    #[must_use]
    pub fn new(wiring: &Wiring, plan: UsagePlanId) -> Self {
        Self { plan: UsagePlan::new(wiring, plan), kept: Kept::default() }
    }

    /// The ID of this key, if it is one of the plan's.
    ///
    /// # Errors
    /// It cannot be known: there is no list, or only one that is too old.
    pub(super) async fn find(&self, key: &str, asker: &Asker) -> Result<Option<String>, Refusal> {
        let told = |refusal: &Refusal| telemetry::keys_unread(asker, refusal, true);
        self.kept.find(key, self.plan.keys(), told).await
    }
}

/// What is known of the list. Whoever comes while one is fetched waits for that, and does not ask for another.
#[derive(Default)]
struct Kept(Mutex<State>);

#[derive(Default)]
struct State {
    list: Option<List>,
    /// When a newer one is asked for; at once, if there was none yet.
    next: Option<Instant>,
    /// What was said the last time that none came.
    refusal: Option<Refusal>,
}

impl Kept {
    /// Looks for a key in the list that is kept, or in a new one if it is time for that. What keeps a new one from coming is
    /// `told` where the old one still holds.
    async fn find(
        &self,
        key: &str,
        fetch: impl Future<Output = Result<Vec<Key>, Refusal>>,
        told: impl FnOnce(&Refusal),
    ) -> Result<Option<String>, Refusal> {
        let mut state = self.0.lock().await;
        if state.next.is_none_or(|next| next <= Instant::now()) {
            // A key that is taken away while the list is on its way is as old as the asking.
            let asked = Instant::now();
            match timeout(ATTEMPT, fetch).await.unwrap_or_else(|_| Err(silence())) {
                Ok(keys) => {
                    *state = State { list: Some(List::new(keys, asked)), next: Some(asked + FRESH), refusal: None }
                }
                Err(refusal) => {
                    if state.holding().is_some() {
                        told(&refusal);
                    }
                    state.next = Some(Instant::now() + PAUSE);
                    state.refusal = Some(refusal);
                }
            }
        }
        let list = state.holding().ok_or_else(|| state.refusal.clone().unwrap_or_else(silence))?;
        Ok(list.find(key))
    }
}

impl State {
    /// The list, unless it is too old to be believed.
    fn holding(&self) -> Option<&List> {
        self.list.as_ref().filter(|list| Instant::now() < list.since + STALE)
    }
}

/// A list as it was at some time. The keys themselves are not kept.
struct List {
    keys: Vec<(String, [u8; 32])>,
    since: Instant,
}

impl List {
    fn new(keys: Vec<Key>, since: Instant) -> Self {
        let keys = keys.into_iter().map(|key| (key.id, digest(&key.value))).collect();
        Self { keys, since }
    }

    /// Looks at every key, and at every byte of its digest, whatever it finds: how long that takes tells nothing.
    fn find(&self, key: &str) -> Option<String> {
        let wanted = digest(key);
        let mut found = u64::MAX;
        for (place, (_, known)) in (0_u64..).zip(&self.keys) {
            found.conditional_assign(&place, known.ct_eq(&wanted));
        }
        let (id, _) = self.keys.get(usize::try_from(found).ok()?)?;
        Some(id.clone())
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tokio::time::advance;

    fn key(id: &str, value: &str) -> Key {
        Key { id: id.to_owned(), value: value.to_owned() }
    }

    fn refusal() -> Refusal {
        Refusal { service: "usage_plan", code: "AccessDeniedException".to_owned() }
    }

    /// A plan that has the one key, or does not answer; it counts how often it is asked and how often a failure is told.
    #[derive(Default)]
    struct Plan {
        kept: Kept,
        asked: Cell<u32>,
        told: Cell<u32>,
    }

    impl Plan {
        async fn find(&self, answer: Result<&str, ()>) -> Result<Option<String>, Refusal> {
            let fetch = async {
                self.asked.set(self.asked.get() + 1);
                tokio::task::yield_now().await;
                answer.map(|value| vec![key("a", value)]).map_err(|()| refusal())
            };
            self.kept.find("first-key", fetch, |_| self.told.set(self.told.get() + 1)).await
        }

        fn counts(&self) -> (u32, u32) {
            (self.asked.get(), self.told.get())
        }
    }

    #[test]
    fn only_the_whole_key_is_found_and_under_its_own_id() {
        let list = List::new(vec![key("a", "first-key"), key("b", "second-key")], Instant::now());
        assert_eq!(list.find("first-key").as_deref(), Some("a"));
        assert_eq!(list.find("second-key").as_deref(), Some("b"));
        for other in ["", "first-ke", "first-keys", "First-key", "third-key"] {
            assert_eq!(list.find(other), None, "{other}");
        }
        assert_eq!(List::new(Vec::new(), Instant::now()).find("first-key"), None, "of no keys there is none");
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_was_taken_away_passes_for_a_minute_at_most() {
        let plan = Plan::default();
        assert_eq!(plan.find(Ok("first-key")).await, Ok(Some("a".to_owned())));
        advance(seconds(59)).await;
        assert_eq!(plan.find(Ok("another")).await, Ok(Some("a".to_owned())));
        advance(seconds(1)).await;
        assert_eq!(plan.find(Ok("another")).await, Ok(None));
        assert_eq!(plan.counts(), (2, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_is_as_old_as_the_asking_for_it() {
        let kept = Kept::default();
        let slow = async {
            advance(seconds(2)).await;
            Ok(vec![key("a", "first-key")])
        };
        assert_eq!(kept.find("first-key", slow, |_| ()).await, Ok(Some("a".to_owned())));
        advance(seconds(58)).await;
        assert_eq!(kept.find("first-key", async { Ok(Vec::new()) }, |_| ()).await, Ok(None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_cannot_be_renewed_holds_for_five_minutes_and_then_nobody_passes() {
        let plan = Plan::default();
        assert_eq!(plan.find(Ok("first-key")).await, Ok(Some("a".to_owned())));
        advance(seconds(60)).await;
        assert_eq!(plan.find(Err(())).await, Ok(Some("a".to_owned())));
        assert_eq!(plan.find(Err(())).await, Ok(Some("a".to_owned())));
        assert_eq!(plan.counts(), (2, 1), "it is not asked for again at once");
        advance(PAUSE).await;
        assert_eq!(plan.find(Err(())).await, Ok(Some("a".to_owned())));
        assert_eq!(plan.counts(), (3, 2));
        advance(seconds(299 - 60) - PAUSE).await;
        assert_eq!(plan.find(Err(())).await, Ok(Some("a".to_owned())));
        advance(seconds(1)).await;
        assert_eq!(plan.find(Err(())).await, Err(refusal()), "a pause never makes a list hold for longer");
        advance(PAUSE).await;
        assert_eq!(plan.find(Ok("first-key")).await, Ok(Some("a".to_owned())));
    }

    #[tokio::test(start_paused = true)]
    async fn while_there_is_no_list_it_is_asked_for_once_in_a_while() {
        let plan = Plan::default();
        let all = futures_util::future::join_all((0..64).map(|_| plan.find(Err(())))).await;
        assert!(all.iter().all(|found| *found == Err(refusal())), "without a list nobody passes");
        assert_eq!(plan.counts(), (1, 0));
        advance(PAUSE).await;
        assert_eq!(plan.find(Ok("first-key")).await, Ok(Some("a".to_owned())));
        assert_eq!(plan.counts(), (2, 0));
    }

    #[tokio::test]
    async fn many_at_once_ask_for_one_list() {
        let plan = Plan::default();
        let all = futures_util::future::join_all((0..64).map(|_| plan.find(Ok("first-key")))).await;
        assert!(all.iter().all(|found| *found == Ok(Some("a".to_owned()))));
        assert_eq!(plan.counts(), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_does_not_come_is_not_waited_for() {
        let (kept, before) = (Kept::default(), Instant::now());
        assert_eq!(kept.find("first-key", std::future::pending(), |_| ()).await, Err(silence()));
        assert!(before.elapsed() < seconds(4), "API Gateway waits for the authoriser for five");
    }
}

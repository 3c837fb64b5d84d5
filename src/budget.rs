//! The time that one prompt may take: one budget, from which connecting, retrying and waiting all draw.

use crate::settings::Settings;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Kept back from every limit, for writing the answer and its log line.
const MARGIN: Duration = Duration::from_secs(1);

/// Over HTTP and by direct invocation a caller waits, so throttles are tried again for this long at most:
/// it must hear its 429 within 5 s.
const WAITING_CALLER_RETRIES: Duration = Duration::from_secs(3);

/// When a prompt must have ended, and until when it may be tried again.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    start: Instant,
    deadline: Instant,
    retry_until: Instant,
}

impl Budget {
    /// The budget of an invocation that Lambda ends at `deadline`.
    #[must_use]
    pub fn of_invocation(settings: &Settings, deadline: SystemTime) -> Self {
        let left = deadline.duration_since(SystemTime::now()).unwrap_or_default().saturating_sub(MARGIN);
        let start = Instant::now();
        let deadline = start + left.min(settings.time_budget);
        Self { start, deadline, retry_until: deadline.min(start + settings.retry_budget) }
    }

    /// The budget of a prompt whose caller waits: at most `limit` in all, where its door has one.
    #[must_use]
    pub fn of_waiting_caller(self, limit: Option<Duration>) -> Self {
        let deadline = limit.map_or(self.deadline, |limit| self.deadline.min(self.start + limit));
        let retry_until = self.retry_until.min(self.start + WAITING_CALLER_RETRIES);
        Self { deadline, retry_until: retry_until.min(deadline), ..self }
    }

    /// The budget of a prompt that starts now, in an invocation that started earlier.
    #[must_use]
    pub fn starting_now(self) -> Self {
        let start = Instant::now();
        let retries = self.retry_until.duration_since(self.start);
        Self { start, retry_until: self.deadline.min(start + retries), ..self }
    }

    /// When the prompt must have ended.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Until when a failed attempt may be followed by another.
    #[must_use]
    pub fn retry_until(&self) -> Instant {
        self.retry_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(retry_seconds: &str) -> Settings {
        let lookup = |name: &str| match name {
            "AWS_REGION" => Some("ap-northeast-1".to_owned()),
            "TIME_BUDGET_SECONDS" => Some("100".to_owned()),
            "RETRY_BUDGET_SECONDS" => Some(retry_seconds.to_owned()),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => Some("128".to_owned()),
            name if name.starts_with("AWS_LAMBDA") => Some("set".to_owned()),
            _ => None,
        };
        Settings::read(lookup).unwrap()
    }

    fn seconds(budget: &Budget) -> (f64, f64) {
        let since = |it: Instant| it.duration_since(budget.start).as_secs_f64().round();
        (since(budget.deadline), since(budget.retry_until))
    }

    #[test]
    fn the_least_limit_counts() {
        let after = |seconds| SystemTime::now() + Duration::from_secs(seconds);
        let queue = Budget::of_invocation(&settings("20"), after(300));
        assert_eq!(seconds(&queue), (100.0, 20.0), "the setting");
        assert_eq!(seconds(&Budget::of_invocation(&settings("20"), after(31))), (30.0, 20.0), "Lambda's deadline");
        assert_eq!(seconds(&queue.of_waiting_caller(Some(Duration::from_secs(28)))), (28.0, 3.0), "the door");
        assert_eq!(seconds(&queue.of_waiting_caller(None)), (100.0, 3.0), "a caller who waits");
    }

    #[test]
    fn a_deadline_in_the_past_leaves_nothing() {
        let budget = Budget::of_invocation(&settings("3"), SystemTime::UNIX_EPOCH);
        assert_eq!(seconds(&budget), (0.0, 0.0));
    }
}

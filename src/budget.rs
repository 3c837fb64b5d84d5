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
    /// When everything must have ended, whatever one prompt may take.
    last: Instant,
    /// The longest that one prompt may take.
    longest: Duration,
    deadline: Instant,
    retry_until: Instant,
    idle: Duration,
}

impl Budget {
    /// The budget of an invocation that Lambda ends at `deadline`.
    #[must_use]
    pub fn of_invocation(settings: &Settings, deadline: SystemTime) -> Self {
        let left = deadline.duration_since(SystemTime::now()).unwrap_or_default().saturating_sub(MARGIN);
        let start = Instant::now();
        let (last, longest) = (start + left, settings.time_budget);
        let deadline = last.min(start + longest);
        Self {
            start,
            last,
            longest,
            deadline,
            retry_until: deadline.min(start + settings.retry_budget),
            idle: settings.stream_idle,
        }
    }

    /// The budget of a prompt whose caller waits: at most `limit` in all, where its door has one.
    #[must_use]
    pub fn of_waiting_caller(self, limit: Option<Duration>) -> Self {
        let deadline = limit.map_or(self.deadline, |limit| self.deadline.min(self.start + limit));
        let retry_until = self.retry_until.min(self.start + WAITING_CALLER_RETRIES);
        Self { deadline, retry_until: retry_until.min(deadline), ..self }
    }

    /// The budget that keeps so much of Lambda's time back for what comes after the prompts.
    #[must_use]
    pub fn keeping_back(self, time: Duration) -> Self {
        let last = self.start.max(self.last.checked_sub(time).unwrap_or(self.start));
        let deadline = self.deadline.min(last);
        Self { last, deadline, retry_until: self.retry_until.min(deadline), ..self }
    }

    /// The budget of a prompt that starts now, in an invocation that started earlier.
    #[must_use]
    pub fn starting_now(self) -> Self {
        let start = Instant::now();
        let deadline = self.last.min(start + self.longest);
        let retries = self.retry_until.duration_since(self.start);
        Self { start, deadline, retry_until: deadline.min(start + retries), ..self }
    }

    /// When the last prompt must have ended.
    #[must_use]
    pub fn last(&self) -> Instant {
        self.last
    }

    /// When the prompt must have ended.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Until when a stream must have begun: the model may be silent before its first event too, after the attempts that
    /// were needed to reach it.
    #[must_use]
    pub fn first_event(&self) -> Instant {
        self.deadline.min(self.retry_until + self.idle)
    }

    /// Until when the next event of a stream must have come, if the wait for it starts now.
    #[must_use]
    pub fn next_event(&self) -> Instant {
        self.deadline.min(Instant::now() + self.idle)
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
            "STREAM_IDLE_SECONDS" => Some("7".to_owned()),
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
    fn a_stream_may_idle_within_the_budget_only() {
        let after = |seconds| SystemTime::now() + Duration::from_secs(seconds);
        let left = |budget: Budget| budget.next_event().duration_since(Instant::now()).as_secs_f64().round();
        assert!((left(Budget::of_invocation(&settings("3"), after(60))) - 7.0).abs() < 0.1);
        assert!((left(Budget::of_invocation(&settings("3"), after(5))) - 4.0).abs() < 0.1);
        let first = |budget: Budget| budget.first_event().duration_since(Instant::now()).as_secs_f64().round();
        assert!((first(Budget::of_invocation(&settings("3"), after(60))) - 10.0).abs() < 0.1, "retries, then silence");
    }

    #[test]
    fn each_prompt_of_a_batch_has_its_own_time_within_lambdas() {
        let after = |seconds| SystemTime::now() + Duration::from_secs(seconds);
        let batch = Budget::of_invocation(&settings("3"), after(301)).keeping_back(Duration::from_secs(6));
        let left = |instant: Instant| instant.duration_since(Instant::now()).as_secs_f64().round();
        assert!((left(batch.last()) - 294.0).abs() < 0.1, "Lambda's time, not the setting's");
        assert!((left(batch.starting_now().deadline()) - 100.0).abs() < 0.1, "the setting is for one prompt");
        let short = Budget::of_invocation(&settings("3"), after(31)).keeping_back(Duration::from_secs(6));
        assert!((left(short.starting_now().deadline()) - 24.0).abs() < 0.1);
    }

    #[test]
    fn a_deadline_in_the_past_leaves_nothing() {
        let budget = Budget::of_invocation(&settings("3"), SystemTime::UNIX_EPOCH);
        assert_eq!(seconds(&budget), (0.0, 0.0));
    }
}

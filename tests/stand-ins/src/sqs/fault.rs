//! What a test can have go wrong with a queue.

use std::collections::HashMap;
use std::sync::Mutex;

use http::StatusCode;

use super::operation::Operation;
use super::refusal::Refusal;
use super::settings::arn;
use crate::server::lock;

/// How an operation on a queue fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The queue does not exist, as after it was deleted.
    Gone,
    /// The caller's role may not do this.
    Denied,
    /// The queue has had too many calls.
    Throttled,
    /// The service has a problem of its own, and says so with this status.
    Unavailable(u16),
    /// No answer ever comes; the connection stays open.
    Stall,
    /// The connection is closed without an answer.
    Drop,
}

/// How often an operation fails before it succeeds again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Until the test says otherwise.
    Always,
    /// This many times.
    First(usize),
}

/// The faults that are asked for, by queue and operation.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<HashMap<(String, Operation), (Fault, Times)>>);

impl Faults {
    pub(super) fn set(&self, queue: &str, operation: Operation, fault: Fault, times: Times) {
        lock(&self.0).insert((queue.to_owned(), operation), (fault, times));
    }

    pub(super) fn clear(&self, queue: &str, operation: Operation) {
        lock(&self.0).remove(&(queue.to_owned(), operation));
    }

    /// How this call is to fail, if it is; a counted fault is used up by this.
    pub(super) fn next(&self, queue: &str, operation: Operation) -> Option<Fault> {
        let mut faults = lock(&self.0);
        let (fault, times) = faults.get_mut(&(queue.to_owned(), operation))?;
        match times {
            Times::Always => Some(*fault),
            Times::First(0) => None,
            Times::First(times) => {
                *times -= 1;
                Some(*fault)
            }
        }
    }
}

impl Fault {
    /// What SQS says; nothing if it says nothing at all.
    pub(super) fn refusal(self, queue: &str, operation: Operation) -> Option<Refusal> {
        match self {
            Self::Gone => Some(Refusal::no_such_queue()),
            Self::Denied => {
                let (action, queue) = (operation.action(), arn(queue));
                let message = format!(
                    "User: arn:aws:sts::123456789012:assumed-role/kokunai/kokunai is not authorized to perform: {action} \
                     on resource: {queue} because no identity-based policy allows the {action} action"
                );
                Some(Refusal::common(403, "AccessDeniedException", "AccessDenied", message))
            }
            Self::Throttled => {
                let refusal = Refusal::own("RequestThrottled", "RequestThrottled", "Request is throttled.");
                Some(refusal.with_status(StatusCode::FORBIDDEN))
            }
            Self::Unavailable(503) => {
                let message = "Service is unavailable, please try again.";
                Some(Refusal::common(503, "ServiceUnavailableException", "ServiceUnavailable", message))
            }
            Self::Unavailable(status) => {
                let message = "We encountered an internal error. Please try again.";
                Some(Refusal::common(status, "InternalFailure", "InternalFailure", message))
            }
            Self::Stall | Self::Drop => None,
        }
    }
}

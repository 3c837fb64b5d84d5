//! The ways in which a test can have DynamoDB fail.

use http::StatusCode;

use super::operation::Operation;
use super::refusal::Refusal;

/// What happens to a call instead of what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The table is not there: `ResourceNotFoundException`.
    Gone,
    /// The role may not do this: `AccessDeniedException`.
    Denied,
    /// The table is asked too much: `ThrottlingException`, which the SDK retries.
    Throttled,
    /// The service is down: a 503, which the SDK retries.
    Unavailable,
    /// No answer ever comes, and nothing is written.
    Stall,
    /// The connection is closed before anything is written.
    Drop,
    /// The connection is closed after the call was obeyed: what it wrote is there, and its caller does not know.
    Lost,
}

/// A fault that waits for calls.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) operation: Operation,
    pub(super) fault: Fault,
    pub(super) times: usize,
}

/// The fault that this call meets, taken from the first plan for its operation.
pub(super) fn next(plans: &mut Vec<Planned>, operation: Operation) -> Option<Fault> {
    plans.retain(|plan| plan.times > 0);
    let plan = plans.iter_mut().find(|plan| plan.operation == operation)?;
    plan.times -= 1;
    Some(plan.fault)
}

/// What DynamoDB says, for the faults that say anything.
pub(super) fn refusal(fault: Fault, operation: Operation, table: &str) -> Option<Refusal> {
    match fault {
        Fault::Gone => Some(Refusal::no_such_table("Requested resource not found")),
        Fault::Denied => {
            let action = operation.action();
            let arn = super::table::ARN;
            Some(Refusal::common(
                "AccessDeniedException",
                format!(
                    "User: arn:aws:sts::123456789012:assumed-role/kokunai/kokunai is not authorized to perform: {action} on \
                     resource: {arn}{table} because no identity-based policy allows the {action} action"
                ),
            ))
        }
        Fault::Throttled => Some(Refusal::own(
            "ThrottlingException",
            "Throughput exceeds the current capacity of your table or index. Please retry the request.",
        )),
        Fault::Unavailable => Some(
            Refusal::common("ServiceUnavailableException", "The service is temporarily unavailable.")
                .with_status(StatusCode::SERVICE_UNAVAILABLE),
        ),
        Fault::Stall | Fault::Drop | Fault::Lost => None,
    }
}

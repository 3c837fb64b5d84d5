//! The door of API Gateway's authoriser: whether a client's key is one of the usage plan's. No prompt comes through it.

mod keys;
mod policy;
mod request;
mod usage_plan;

pub use keys::Keys;
pub use policy::Policy;
pub use request::{Denial, Request};
pub use usage_plan::UsagePlanId;

use crate::error::{Error, Kind};
use crate::function::{Function, Invocation};
use crate::telemetry::{self, Source};

/// Answers one request of API Gateway's: the client may pass, or not. A denial gets a line, without the key.
///
/// # Errors
/// [`Kind::UnknownEvent`] of a function that is no authoriser, and [`Kind::KeysUnavailable`] while it cannot be known which keys
/// are valid: API Gateway answers both with its own error, and lets nobody pass.
pub async fn serve(function: &Function, invocation: &Invocation, request: &Request<'_>) -> Result<Policy, Error> {
    let asker = invocation.asker(Source::Authoriser);
    let Some(keys) = function.keys() else {
        let without = "this function is no authoriser: USAGE_PLAN_ID names no usage plan";
        return Err(function.refuse(&asker, Error::new(Kind::UnknownEvent, without)));
    };
    let denied = |denial: Denial| {
        telemetry::key_denied(&asker, denial, request.id());
        Policy::deny(request.resource())
    };
    let key = match request.key() {
        Ok(key) => key,
        Err(denial) => return Ok(denied(denial)),
    };
    match keys.find(&key, &asker).await {
        Ok(Some(id)) => Ok(Policy::allow(request.resource(), id, key)),
        Ok(None) => Ok(denied(Denial::UnknownKey)),
        Err(refusal) => {
            telemetry::keys_unread(&asker, &refusal, false);
            let message = "the keys cannot be read just now; try again";
            Err(Error::new(Kind::KeysUnavailable, message).with_refusal(refusal))
        }
    }
}

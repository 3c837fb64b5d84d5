//! The deployment door: CloudFormation asks whether the profile is what it must be, and waits for the answer at a URL.
//!
//! Whatever happens, it is answered while there is time, so that no stack hangs; and a deletion is never held up.

mod answer;
mod request;

pub use request::Request;

use crate::error::{self, Error};
use crate::function::{Function, Invocation, unpanicked};
use crate::profile::{self, Checked, Verdict};
use crate::residency;
use crate::telemetry::{self, Source};
use answer::Answer;
use request::Kind;
use serde::Serialize;

/// The response to the invocation, which CloudFormation does not read: it reads what is put at its URL.
#[derive(Debug, Serialize)]
pub struct Response {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Answers CloudFormation.
///
/// # Errors
/// [`crate::error::Kind::Undelivered`], if its URL did not take the answer: Lambda then invokes the function again.
pub async fn serve(function: &Function, invocation: &Invocation, request: Request<'_>) -> Result<Response, Error> {
    let asker = invocation.asker(Source::Deployment);
    let outcome = match request.kind() {
        Kind::Delete => {
            telemetry::deletion_let_through(&asker);
            Ok(())
        }
        Kind::CreateOrUpdate => {
            let checked = Box::pin(unpanicked(checked(function, invocation, &request))).await;
            checked.unwrap_or_else(|_| Err("The function failed while it checked the profile.".to_owned()))
        }
        Kind::Unknown => Err("The function does not know this kind of request.".to_owned()),
    };
    let answer = Answer::new(&request, outcome.as_ref().err().map(String::as_str));
    match answer.put(function.wiring(), request.response_url(), invocation.budget().last()).await {
        Ok(()) => Ok(Response { status: answer.status(), reason: outcome.err() }),
        Err(refusal) => {
            let error = Error::new(error::Kind::Undelivered, "CloudFormation's URL did not take the answer");
            Err(function.refuse(&asker, error.with_refusal(refusal)))
        }
    }
}

/// Checks what the template names, and what AWS says; a sentence for CloudFormation if something is wrong.
async fn checked(
    function: &Function,
    invocation: &Invocation,
    request: &Request<'_>,
) -> Result<Result<(), String>, Error> {
    let checked = profile::check(function.wiring(), profile::until(invocation)).await;
    telemetry::profile_checked(&invocation.asker(Source::Deployment), &checked);
    Ok(request.names_the_pin().and_then(|()| verdict(&checked)))
}

fn verdict(checked: &Checked) -> Result<(), String> {
    let profile = residency::PROFILE_ID;
    match checked.verdict() {
        Verdict::Confirmed => Ok(()),
        Verdict::Changed => {
            let differences = checked.reason().unwrap_or_default();
            Err(format!(
                "AWS says that the inference profile {profile} is not what it must be ({differences}): Claude Sonnet 4.5 in \
                 Tokyo and Osaka and nothing else, active and defined by AWS. The function's log has what AWS says of it."
            ))
        }
        Verdict::Unanswered => {
            let code = checked.profile.as_ref().err().map(|refusal| refusal.code.as_str()).unwrap_or_default();
            Err(format!("AWS did not say what the inference profile {profile} is ({code})."))
        }
    }
}

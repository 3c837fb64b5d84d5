//! The deployment door: CloudFormation asks whether the profile is what it must be, and waits for the answer at a URL.
//!
//! Whatever happens, it is answered while there is time, so that no stack hangs; and a deletion is never held up.

mod answer;
mod request;

pub use request::Request;

use crate::error::{self, Error};
use crate::function::{Function, Invocation, unpanicked};
use crate::profile::{self, Checked};
use crate::refusal::Refusal;
use crate::residency;
use crate::telemetry::{self, Asker, Source};
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
        Kind::CreateOrUpdate => match request.names_the_pin() {
            Ok(()) => confirmed(function, invocation, &asker).await,
            Err(sentence) => refused(&asker, "another_profile", sentence),
        },
        Kind::Unknown => {
            refused(&asker, "unknown_request", "The function does not know this kind of request.".to_owned())
        }
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

/// Whether AWS confirms the profile; a sentence for CloudFormation if not. A panic on the way is a failure like any other.
async fn confirmed(function: &Function, invocation: &Invocation, asker: &Asker) -> Result<(), String> {
    let checking = async { Ok(profile::check(function.wiring(), profile::until(invocation)).await) };
    let Ok(checked) = Box::pin(unpanicked(checking)).await else {
        return refused(asker, "internal", "The function failed while it checked the profile.".to_owned());
    };
    telemetry::profile_checked(asker, &checked);
    verdict(&checked)
}

/// A failure that no check has told of.
fn refused(asker: &Asker, reason: &'static str, sentence: String) -> Result<(), String> {
    telemetry::deployment_refused(asker, reason);
    Err(sentence)
}

fn verdict(checked: &Checked) -> Result<(), String> {
    let id = residency::PROFILE_ID;
    match &checked.profile {
        Ok(profile) => checked.reason().map_or(Ok(()), |differences| {
            Err(format!(
                "AWS says that the inference profile {id} is not what it must be ({differences}): Claude Sonnet 4.5 in Tokyo and \
                 Osaka and nothing else, active and defined by AWS. It says: {} {} {}",
                profile.status,
                profile.kind,
                profile.models.join(" ")
            ))
        }),
        Err(Refusal { code, .. }) => Err(format!("AWS did not say what the inference profile {id} is ({code}).")),
    }
}

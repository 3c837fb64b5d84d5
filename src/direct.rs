//! The direct door: a prompt event is the event itself, from Step Functions or the command line.

use crate::answer::PromptAnswer;
use crate::error::Error;
use crate::function::{Function, Invocation};
use crate::prompt::Purpose;
use crate::telemetry::Source;

/// Answers a prompt event.
///
/// # Errors
/// Whatever kept the prompt from being answered; the invocation fails with its label as `errorType`.
pub async fn serve(function: &Function, invocation: &Invocation, event: &str) -> Result<PromptAnswer, Error> {
    let asker = invocation.asker(Source::Direct);
    let budget = invocation.budget().of_waiting_caller(None);
    let prompt = function.read(&asker, Ok(event), Purpose::WholeAnswer, &[])?;
    let answered = function.answer(&asker, prompt, budget).await?;
    Ok(answered.into_prompt_answer())
}

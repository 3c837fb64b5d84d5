//! The function: one event in, one response out, and each prompt answered and logged in one place.

use crate::answer::{Answer, PromptAnswer};
use crate::budget::Budget;
use crate::claude::{Call, Claude, Record};
use crate::error::{Error, Kind};
use crate::event::Event;
use crate::prompt::Prompt;
use crate::settings::Settings;
use crate::telemetry::{self, Asker, Source};
use crate::{direct, http, queue};
use futures_util::FutureExt;
use lambda_runtime::{Context, FunctionResponse, LambdaEvent};
use serde::Serialize;
use serde_json::value::RawValue;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Everything that lives as long as the process.
pub struct Function {
    settings: Settings,
    claude: Claude,
    invoked: AtomicBool,
}

/// What all prompts of one invocation share.
pub struct Invocation {
    request_id: String,
    trace_id: Option<String>,
    cold_start: bool,
    budget: Budget,
}

/// A response that is one JSON document.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Document {
    /// For API Gateway: status, headers and body.
    Http(Box<http::Buffered>),
    /// For SQS: the messages to keep.
    Batch(queue::BatchResponse),
    /// For a direct invocation.
    Answer(Box<PromptAnswer>),
}

/// What the function returns to Lambda.
pub type Response = FunctionResponse<Document, http::Body>;

/// An answer, with Bedrock's ID of the call that gave it.
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Bedrock's request ID, under which CloudTrail records where the inference ran.
    pub bedrock_request_id: Option<String>,
}

impl Answered {
    /// The answer as a prompt answer.
    #[must_use]
    pub fn into_prompt_answer(self) -> PromptAnswer {
        self.answer.into_prompt_answer(self.bedrock_request_id)
    }
}

impl Invocation {
    /// Lambda's ID of the invocation.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The time that Lambda and the settings leave to its prompts.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// An asker at the door `source`, of whom nothing more is known yet.
    #[must_use]
    pub fn asker(&self, source: Source) -> Asker<'_> {
        Asker {
            source,
            route: None,
            caller: None,
            message_id: None,
            request_id: &self.request_id,
            trace_id: self.trace_id.as_deref(),
            cold_start: self.cold_start,
        }
    }
}

impl Function {
    /// A function that asks `claude`.
    #[must_use]
    pub fn new(settings: Settings, claude: Claude) -> Self {
        Self { settings, claude, invoked: AtomicBool::new(false) }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Handles one event.
    ///
    /// # Errors
    /// An event that is not known, or a direct prompt that was not answered. Over HTTP an error is an answer, and
    /// in a queue it is a message that stays.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Box<RawValue>>) -> Result<Response, Error> {
        let LambdaEvent { payload, context, .. } = event;
        let invocation = self.invocation(&context);
        match Event::parse(payload.get()) {
            Ok(Event::Http(request)) => Ok(http::serve(&self, &invocation, &request).await),
            Ok(Event::Queue(batch)) => {
                let invocation = Arc::new(invocation);
                let response = queue::serve(&self, &invocation, batch).await;
                let response = response.map_err(|error| self.refuse(&invocation.asker(Source::Queue), error))?;
                Ok(FunctionResponse::BufferedResponse(Document::Batch(response)))
            }
            Ok(Event::Direct(event)) => {
                let answer = direct::serve(&self, &invocation, event).await?;
                Ok(FunctionResponse::BufferedResponse(Document::Answer(Box::new(answer))))
            }
            Err(error) => Err(self.refuse(&invocation.asker(Source::Unknown), error)),
        }
    }

    fn invocation(&self, context: &Context) -> Invocation {
        Invocation {
            request_id: context.request_id.clone(),
            trace_id: context.xray_trace_id.as_deref().and_then(root_of),
            cold_start: !self.invoked.swap(true, Ordering::Relaxed),
            budget: Budget::of_invocation(&self.settings, context.deadline()),
        }
    }

    /// Answers one prompt event, and writes its line. A panic on the way is this prompt's error and nobody else's.
    ///
    /// # Errors
    /// The door's own error if `event` is one, or whatever kept the prompt from being answered.
    pub async fn answer(
        &self,
        asker: &Asker<'_>,
        event: Result<impl AsRef<[u8]>, Error>,
        budget: Budget,
    ) -> Result<Answered, Error> {
        let start = Instant::now();
        let record = Record::default();
        let asking = AssertUnwindSafe(self.ask(event, budget, &record)).catch_unwind();
        let outcome = asking.await.unwrap_or_else(|_| Err(Error::new(Kind::Internal, "this function failed")));
        let call = record.call();
        telemetry::prompt_handled(asker, &call, outcome.as_ref(), start.elapsed());
        let bedrock_request_id = call.request_ids.into_iter().next_back();
        match outcome {
            Ok(answer) => Ok(Answered { answer, bedrock_request_id }),
            Err(error) => Err(error.with_bedrock_request_id(bedrock_request_id)),
        }
    }

    async fn ask(
        &self,
        event: Result<impl AsRef<[u8]>, Error>,
        budget: Budget,
        record: &Record,
    ) -> Result<Answer, Error> {
        let prompt = Prompt::parse(event?.as_ref(), self.settings.default_max_tokens)?;
        self.claude.ask(prompt, budget, record).await
    }

    /// Writes the line of an event that never became a prompt, and gives its error back.
    pub fn refuse(&self, asker: &Asker<'_>, error: Error) -> Error {
        telemetry::prompt_handled(asker, &Call::default(), Err(&error), Duration::ZERO);
        error
    }
}

/// The root ID of X-Ray's header `Root=1-…;Parent=…;Sampled=…`.
fn root_of(header: &str) -> Option<String> {
    header.split(';').find_map(|part| part.trim().strip_prefix("Root=")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_id_is_the_root() {
        assert_eq!(root_of("Root=1-5e-ab;Parent=53;Sampled=1").as_deref(), Some("1-5e-ab"));
        assert_eq!(root_of("Parent=53"), None);
    }
}

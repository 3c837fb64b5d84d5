//! Claude on Bedrock: a prompt in, an answer out, through a client that is built from constants.
//!
//! The only file that names the Bedrock SDK. The client takes its Region and endpoint from [`residency`], and from
//! the outside only the transport and the credentials, which decide who pays, not where a prompt goes.

mod events;
mod failure;
mod record;

pub use events::Events;
pub use record::{Call, Record};

use crate::answer::Answer;
use crate::budget::Budget;
use crate::error::{Error, Kind};
use crate::prompt::Prompt;
use crate::residency::{self, Counting, Passage};
use crate::wiring::Wiring;
use aws_config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{CountTokensInput, InvokeModelTokensRequest};
use aws_sdk_bedrockruntime::{Client, Config};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use std::time::Duration;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

/// What bodies are, both ways.
const JSON: &str = "application/json";

/// The retry budget ends the retries, not their number: at half a second each, this many never fit into its 60 s. No
/// larger, because the SDK adds up the waits before all of them for every prompt.
const MAX_ATTEMPTS: u32 = 200;

/// The SDK's own back-off grows to 20 s, which would overstay what a waiting caller is promised.
const FIRST_BACKOFF: Duration = Duration::from_millis(300);
const MAX_BACKOFF: Duration = Duration::from_secs(1);

/// Claude Sonnet 4.5 in Japan.
#[derive(Debug)]
pub struct Claude {
    client: Client,
}

impl Claude {
    /// Builds the client.
    #[must_use]
    pub fn new(wiring: &Wiring, counting: Counting) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(MAX_ATTEMPTS)
            .with_initial_backoff(FIRST_BACKOFF)
            .with_max_backoff(MAX_BACKOFF);
        // The SDK's own allowance of retries is refilled by successes only, so a spell of throttling would use it up for
        // the life of the process. The budget of each prompt bounds its retries already.
        let unlimited = RetryPartition::custom("kokunai").token_bucket(TokenBucket::unlimited()).build();
        let config = Builder::from(&wiring.config(Passage::Bedrock(counting)))
            .retry_config(retries)
            .retry_partition(unlimited)
            .build();
        Self { client: Client::from_conf(config) }
    }

    /// Asks the model for a whole answer, within the budget. What was sent is kept in `record`.
    ///
    /// # Errors
    /// Bedrock's failure in kokunai's words, or [`Kind::Timeout`].
    pub async fn ask(&self, prompt: Prompt, budget: Budget, record: &Record) -> Result<Answer, Error> {
        let sending = self
            .client
            .invoke_model()
            .model_id(residency::PROFILE_ID)
            .content_type(JSON)
            .accept(JSON)
            .body(Blob::new(prompt.into_body()))
            .customize()
            .config_override(retries_until(budget))
            .interceptor(record.clone())
            .send();
        let output = answered(timeout_at(budget.deadline(), sending).await)?;
        Answer::parse(output.body.into_inner()).ok_or_else(unreadable)
    }

    /// Asks the model for an answer as a stream of events; gives them once Bedrock has begun to answer.
    ///
    /// # Errors
    /// As for [`Self::ask`]. What happens after Bedrock has begun to answer, the events themselves tell.
    pub async fn open(&self, prompt: Prompt, budget: Budget, record: &Record) -> Result<Events, Error> {
        let sending = self
            .client
            .invoke_model_with_response_stream()
            .model_id(residency::PROFILE_ID)
            .content_type(JSON)
            .accept(JSON)
            .body(Blob::new(prompt.into_body()))
            .customize()
            .config_override(retries_until(budget))
            .interceptor(record.clone())
            .send();
        let output = answered(timeout_at(budget.first_event(), sending).await)?;
        Ok(Events::new(output.body, budget))
    }

    /// Counts the tokens of a prompt, without answering it. The one call that names the bare model: Bedrock counts with
    /// no profile. The guard stops it where counting is off.
    ///
    /// # Errors
    /// As for [`Self::ask`].
    pub async fn count(&self, prompt: Prompt, budget: Budget, record: &Record) -> Result<i32, Error> {
        let body = InvokeModelTokensRequest::builder().body(Blob::new(prompt.into_body())).build();
        let body = body.map_err(|_| Error::internal())?;
        let sending = self
            .client
            .count_tokens()
            .model_id(residency::MODEL_ID)
            .input(CountTokensInput::InvokeModel(body))
            .customize()
            .config_override(retries_until(budget))
            .interceptor(record.clone())
            .send();
        Ok(answered(timeout_at(budget.deadline(), sending).await)?.input_tokens)
    }
}

/// What Bedrock said in time, or the failure in kokunai's words.
fn answered<T, E>(outcome: Result<Result<T, SdkError<E, HttpResponse>>, Elapsed>) -> Result<T, Error>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match outcome {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(failure::translate(&error)),
        Err(_) => Err(Error::new(Kind::Timeout, "Claude did not answer within the time budget")),
    }
}

/// The configuration of one call, which may be tried again as long as its budget says.
fn retries_until(budget: Budget) -> Builder {
    Config::builder().retry_classifier(RetryUntil(budget.retry_until()))
}

fn unreadable() -> Error {
    Error::new(Kind::BadAnswer, "Bedrock answered with something else than a message")
}

/// Forbids another attempt once there is no time left for the back-off before it.
#[derive(Debug)]
struct RetryUntil(Instant);

impl ClassifyRetry for RetryUntil {
    fn classify_retry(&self, _context: &InterceptorContext) -> RetryAction {
        if Instant::now() + MAX_BACKOFF < self.0 { RetryAction::NoActionIndicated } else { RetryAction::RetryForbidden }
    }

    fn name(&self) -> &'static str {
        "RetryUntil"
    }
}

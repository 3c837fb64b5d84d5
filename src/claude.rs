//! Claude on Bedrock: a prompt in, an answer out, through a client that is built from constants.
//!
//! The only file that names the Bedrock SDK. The client takes its Region and endpoint from [`residency`], and from
//! the outside only the transport and the credentials, which decide who pays, not where a prompt goes.

mod failure;
mod record;

pub use record::{Call, Record};

use crate::answer::Answer;
use crate::budget::Budget;
use crate::error::{Error, Kind};
use crate::prompt::Prompt;
use crate::residency;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_bedrockruntime::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::{Client, Config};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A connection within one city that takes longer than this will not come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

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
    /// Builds the client over `transport`. Credentials are looked up when the first prompt needs them.
    pub async fn new(transport: SharedHttpClient) -> Self {
        let provider = ProviderConfig::empty().with_http_client(transport.clone()).with_sleep_impl(TokioSleep::new());
        let credentials =
            DefaultCredentialsChain::builder().configure(provider).region(Region::from_static(residency::REGION));
        let retries = RetryConfig::standard()
            .with_max_attempts(MAX_ATTEMPTS)
            .with_initial_backoff(FIRST_BACKOFF)
            .with_max_backoff(MAX_BACKOFF);
        // The SDK's own allowance of retries is refilled by successes only, so a spell of throttling would use it up for
        // the life of the process. The budget of each prompt bounds its retries already.
        let unlimited = RetryPartition::custom("kokunai").token_bucket(TokenBucket::unlimited()).build();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static(residency::REGION))
            .endpoint_url(residency::ENDPOINT)
            // Today's defaults for a client that is built from nothing, written out in case that they change.
            .use_fips(false)
            .use_dual_stack(false)
            .auth_scheme_preference([AuthSchemeId::from("sigv4")])
            .credentials_provider(credentials.build().await)
            .http_client(residency::guarded(transport))
            .sleep_impl(TokioSleep::new())
            .retry_config(retries)
            .retry_partition(unlimited)
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
            // The budget bounds every wait; a model that thinks before it answers is not a stalled stream.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self { client: Client::from_conf(config) }
    }

    /// Asks the model, within the budget. What was sent is kept in `record`.
    ///
    /// # Errors
    /// Bedrock's failure in kokunai's words, or [`Kind::Timeout`].
    pub async fn ask(&self, prompt: Prompt, budget: Budget, record: &Record) -> Result<Answer, Error> {
        let retries = Config::builder().retry_classifier(RetryUntil(budget.retry_until()));
        let sending = self
            .client
            .invoke_model()
            .model_id(residency::PROFILE_ID)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(prompt.into_body()))
            .customize()
            .config_override(retries)
            .interceptor(record.clone())
            .send();
        match timeout_at(budget.deadline(), sending).await {
            Ok(Ok(output)) => Answer::parse(output.body.into_inner()).ok_or_else(unreadable),
            Ok(Err(error)) => Err(failure::translate(&error)),
            Err(_) => Err(Error::new(Kind::Timeout, "Claude did not answer within the time budget")),
        }
    }
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

//! Claude on Bedrock: a prompt in, an answer out, through a client that is built from constants.
//!
//! The only file that names the Bedrock SDK. The client takes its Region and endpoint from [`residency`], and from
//! the outside only the transport and the credentials, which decide who pays, not where a prompt goes.

mod failure;

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
use aws_sdk_bedrockruntime::operation::RequestId;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::{Client, Config};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::{BeforeTransmitInterceptorContextRef, InterceptorContext};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A connection within one city that takes longer than this will not come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The budget ends the retries; this many attempts never fit into it.
const MAX_ATTEMPTS: u32 = 50;

/// The SDK's own back-off grows to 20 s, which would overstay what a waiting caller is promised.
const FIRST_BACKOFF: Duration = Duration::from_millis(300);
const MAX_BACKOFF: Duration = Duration::from_secs(1);

/// Claude Sonnet 4.5 in Japan.
#[derive(Debug)]
pub struct Claude {
    client: Client,
}

/// What one prompt's call to Bedrock left behind, whether it succeeded or not.
pub struct Exchange {
    /// The facts of the call.
    pub call: Call,
    /// The answer, or why there is none.
    pub outcome: Result<Answer, Error>,
}

/// The facts of a call to Bedrock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Bedrock's ID of the last attempt, which CloudTrail calls `requestID`; none if Bedrock did not answer.
    pub request_id: Option<String>,
    /// How many requests were sent, retries included.
    pub attempts: u32,
    /// From the first attempt's start to the last one's end.
    pub latency: Duration,
}

impl Claude {
    /// Builds the client over `transport`. Credentials are looked up when the first prompt needs them.
    pub async fn new(transport: SharedHttpClient) -> Self {
        let provider = ProviderConfig::empty()
            .with_http_client(transport.clone())
            .with_sleep_impl(TokioSleep::new());
        let credentials = DefaultCredentialsChain::builder()
            .configure(provider)
            .region(Region::from_static(residency::REGION));
        let retries = RetryConfig::standard()
            .with_max_attempts(MAX_ATTEMPTS)
            .with_initial_backoff(FIRST_BACKOFF)
            .with_max_backoff(MAX_BACKOFF);
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static(residency::REGION))
            .endpoint_url(residency::ENDPOINT)
            .use_fips(false)
            .use_dual_stack(false)
            .auth_scheme_preference([aws_smithy_runtime_api::client::auth::AuthSchemeId::from("sigv4")])
            .credentials_provider(credentials.build().await)
            .http_client(residency::guarded(transport))
            .sleep_impl(TokioSleep::new())
            .retry_config(retries)
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
            // The budget bounds every wait; a model that thinks before it answers is not a stalled stream.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
        }
    }

    /// Asks the model, within the budget.
    pub async fn ask(&self, prompt: Prompt, budget: Budget) -> Exchange {
        let attempts = Attempts::until(budget.retry_until());
        let start = Instant::now();
        let override_retries = Config::builder().retry_classifier(attempts.clone());
        let sending = self
            .client
            .invoke_model()
            .model_id(residency::PROFILE_ID)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(prompt.into_body()))
            .customize()
            .config_override(override_retries)
            .interceptor(attempts.clone())
            .send();
        let sent = timeout_at(budget.deadline(), sending).await;
        let (request_id, outcome) = match sent {
            Ok(Ok(output)) => (output.request_id().map(str::to_owned), read(output.body.into_inner())),
            Ok(Err(error)) => (error.request_id().map(str::to_owned), Err(failure::translate(&error))),
            Err(_) => (
                None,
                Err(Error::new(
                    Kind::Timeout,
                    "Claude did not answer within the time budget",
                )),
            ),
        };
        let call = Call {
            request_id,
            attempts: attempts.count(),
            latency: start.elapsed(),
        };
        Exchange { call, outcome }
    }
}

fn read(body: Vec<u8>) -> Result<Answer, Error> {
    Answer::parse(body)
        .ok_or_else(|| Error::new(Kind::BadAnswer, "Bedrock answered with something else than a message"))
}

/// Counts the attempts of one prompt, and forbids another once there is no time left for its back-off.
#[derive(Clone, Debug)]
struct Attempts {
    count: Arc<AtomicU32>,
    retry_until: Instant,
}

impl Attempts {
    fn until(retry_until: Instant) -> Self {
        Self {
            count: Arc::default(),
            retry_until,
        }
    }

    fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl ClassifyRetry for Attempts {
    fn classify_retry(&self, _context: &InterceptorContext) -> RetryAction {
        if Instant::now() + MAX_BACKOFF < self.retry_until {
            RetryAction::NoActionIndicated
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "Attempts"
    }
}

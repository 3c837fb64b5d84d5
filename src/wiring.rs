//! What the clients of AWS are built from: constants, the transport, and the credentials, which decide who pays.
//!
//! Nothing else comes from the outside: the loaders of aws-config, which read endpoints, Regions and profiles, are not used.

mod credentials;

use crate::residency::{self, Passage, ResponseUrl};
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use credentials::EnvironmentFirst;
use std::fmt;
use std::time::Duration;

/// A connection within one city that takes longer than this will not come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A document of a few hundred bytes is taken at once, or its connection is lost.
const PUT_TIMEOUT: Duration = Duration::from_secs(2);

/// The first retry comes after up to so long, and each later one after up to twice as long as the last. The SDK's own second
/// would be all the time that there is for asking a queue or a table; [`crate::claude`] has a rhythm of its own.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// The parts that all clients share.
#[derive(Clone, Debug)]
pub struct Wiring {
    transport: SharedHttpClient,
    credentials: SharedCredentialsProvider,
}

impl Wiring {
    /// Parts over `transport`. Credentials are looked up when the first call needs them.
    #[must_use]
    pub fn new(transport: SharedHttpClient) -> Self {
        let credentials = SharedCredentialsProvider::new(EnvironmentFirst::new(transport.clone()));
        Self::with_credentials(transport, credentials)
    }

    /// Parts over `transport`, for whoever has credentials already.
    #[must_use]
    pub fn with_credentials(transport: SharedHttpClient, credentials: SharedCredentialsProvider) -> Self {
        Self { transport, credentials }
    }

    /// The configuration of a client that may ask `passage` and nothing else.
    #[must_use]
    pub fn config(&self, passage: Passage) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static(residency::REGION))
            .endpoint_url(passage.endpoint())
            // Today's defaults for a configuration that is built from nothing, written out in case that they change.
            .use_fips(false)
            .use_dual_stack(false)
            .auth_scheme_preference([AuthSchemeId::from("sigv4")])
            .credentials_provider(self.credentials.clone())
            .http_client(residency::guarded(self.transport.clone(), passage))
            .sleep_impl(TokioSleep::new())
            .retry_config(RetryConfig::standard().with_initial_backoff(FIRST_BACKOFF))
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
            // Every wait has its budget; a model that thinks before it answers is not a stalled stream.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build()
    }

    /// Puts a document at a URL of CloudFormation's, which is signed already; tried again for as long as that may help.
    ///
    /// # Errors
    /// The status of the refusal; none if there was no answer.
    pub async fn put(&self, url: &ResponseUrl, document: String) -> Result<(), Option<u16>> {
        let path = url.path_and_query().to_owned();
        let operation = Operation::builder()
            .service_name("CloudFormation")
            .operation_name("PutResponse")
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(url.origin())
            .http_client(residency::guarded_answer(self.transport.clone(), url.clone()))
            .no_auth()
            .sleep_impl(TokioSleep::new())
            .standard_retry(&RetryConfig::standard())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<Refused>::new())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(PUT_TIMEOUT)
                    .build(),
            )
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .serializer(move |document: String| Ok(putting(&path, document)?))
            .deserializer(taken)
            .build();
        operation.invoke(document).await.map_err(|error| error.raw_response().map(|it| it.status().as_u16()))
    }
}

/// The signature of the URL holds for a request without a content type.
fn putting(path_and_query: &str, document: String) -> Result<HttpRequest, Refused> {
    let request = http::Request::put(path_and_query).body(SdkBody::from(document)).map_err(|_| Refused)?;
    request.try_into().map_err(|_| Refused)
}

fn taken(response: &HttpResponse) -> Result<(), OrchestratorError<Refused>> {
    if response.status().is_success() { Ok(()) } else { Err(OrchestratorError::operation(Refused)) }
}

/// The document was not taken; the status says why.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the document was not taken")
    }
}

impl std::error::Error for Refused {}

//! The records that CloudTrail itself still has: its LookupEvents, in Tokyo, with the caller's own credentials.

use super::pace::{Pace, paced};
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cloudtrail::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_sdk_cloudtrail::{Client, Config};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use kokunai::residency;
use stand_ins::transport;
use std::time::{Duration, SystemTime};

/// Tells where a stand-in for CloudTrail is. Nothing else does.
const STAND_IN: &str = "KOKUNAI_LOCAL_CLOUDTRAIL";

/// What CloudTrail calls the service whose records are looked up. It takes one such condition.
const EVENT_SOURCE: &str = "bedrock.amazonaws.com";

/// The most events that CloudTrail gives on a page.
const PAGE: i32 = 50;

/// CloudTrail takes two lookups a second of an account in a Region.
const PERIOD: Duration = Duration::from_millis(500);

/// Others look events up too, so that throttles are likely even at this pace. Each wait is of random length, and up to twice
/// as long as the last: 8 s altogether, on average.
const ATTEMPTS: u32 = 6;
const FIRST_BACKOFF: Duration = Duration::from_millis(500);

/// What takes longer than this has been lost on the way, and is asked again.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is told of credentials that are missing or not valid.
const NO_CREDENTIALS: &str = "was not asked, for there are no valid credentials: log in with the AWS CLI (aws sso login), \
    or set AWS_PROFILE or AWS_ACCESS_KEY_ID";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Gives every page of records of the last `days` days to `take`.
pub(super) async fn lookup(days: u16, mut take: impl FnMut(&[&str])) -> Result<(), String> {
    let client = client().await?;
    let condition = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::EventSource)
        .attribute_value(EVENT_SOURCE)
        .build()
        .map_err(|error| error.to_string())?;
    let start = SystemTime::now() - DAY * u32::from(days);
    let asked = client.lookup_events().lookup_attributes(condition).start_time(start.into()).max_results(PAGE);
    let mut pages = asked.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| sentence(&error))?;
        let records: Vec<_> = page.events().iter().map(|it| it.cloud_trail_event().unwrap_or_default()).collect();
        take(&records);
    }
    Ok(())
}

async fn client() -> Result<Client, String> {
    let transport = transport()?;
    let provider = ProviderConfig::empty().with_http_client(transport.clone()).with_sleep_impl(TokioSleep::new());
    // As for the function itself: nothing but the credentials comes from the caller's surroundings.
    let provider = provider.with_use_fips(Some(false)).with_use_dual_stack(Some(false));
    let chain = DefaultCredentialsChain::builder().configure(provider).region(Region::from_static(residency::REGION));
    Ok(Client::from_conf(config(transport, SharedCredentialsProvider::new(chain.build().await))))
}

/// The configuration of a client that keeps to CloudTrail's limit.
pub(crate) fn config(transport: SharedHttpClient, credentials: SharedCredentialsProvider) -> Config {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(residency::REGION))
        .credentials_provider(credentials)
        .http_client(paced(transport, Pace::of(PERIOD)))
        .sleep_impl(TokioSleep::new())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_BACKOFF))
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build())
        .build()
}

/// The way to AWS, or to the stand-in. A mistyped address of one must not lead to AWS.
fn transport() -> Result<SharedHttpClient, String> {
    #[expect(clippy::disallowed_methods, reason = "where a stand-in listens is no setting of the function")]
    let Some(address) = std::env::var_os(STAND_IN) else {
        return Ok(residency::https());
    };
    let address = address.to_str().and_then(|address| address.parse().ok());
    let address = address.ok_or_else(|| format!("{STAND_IN} is not the address of a stand-in"))?;
    Ok(transport::loopback_by_service(vec![("cloudtrail", address)]))
}

/// What went wrong, in a sentence.
fn sentence<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if let Some(refusal) = error.as_service_error() {
        let code = refusal.code().unwrap_or("an error without a name");
        return format!("refused the lookup: {code}: {}", refusal.message().unwrap_or("it does not say why"));
    }
    let first: &(dyn std::error::Error + 'static) = error;
    let causes: Vec<_> = std::iter::successors(Some(first), |error| error.source()).collect();
    if causes.iter().any(|cause| cause.is::<CredentialsError>()) {
        return NO_CREDENTIALS.to_owned();
    }
    // What the SDK says of its own steps helps nobody; the cause of all does.
    format!("did not answer the lookup: {}", causes.last().unwrap_or(&first))
}

//! The bait works: a client that is built as the SDK's guides say takes it, so that the traps stay empty for a reason.

use super::child::{self, keys, tell};
use super::recorder::Recorder;
use super::table::{self, Read, Row};
use super::trap::{Environment, Trap};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, http_client_fn};
use futures_util::StreamExt;
use std::collections::BTreeSet;

/// Variables that lead such a client to another host, make it sign for another Region or in another way, or keep it from asking.
const MOVING: [&str; 10] = [
    "AWS_AUTH_SCHEME_PREFERENCE",
    "AWS_BEARER_TOKEN",
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "HOME",
    "SMITHY_CLIENT_SDK_CUSTOM_PARTITION",
];

/// Keys of a config file that do.
const MOVING_KEYS: [&str; 6] =
    ["auth_scheme_preference", "endpoint_url", "region", "services", "use_dualstack_endpoint", "use_fips_endpoint"];

/// Which of the rows move the client, each alone.
async fn moving(rows: &[Row], environment_of: impl Fn(&Row) -> Environment) -> BTreeSet<&'static str> {
    let tried = futures_util::stream::iter(rows.iter().filter(|row| row.bait.is_some())).map(|row| {
        let mut environment = keys();
        environment.extend(environment_of(row));
        async move { (row.name, child::run("residency::guide::asking_as_the_guides_say", &environment).await) }
    });
    let told: Vec<_> = tried.buffer_unordered(4).collect().await;
    told.into_iter().filter(|(_, told)| told != &["pinned"]).map(|(name, _)| name).collect()
}

#[tokio::test]
async fn a_client_of_the_guides_is_moved_by_these_variables() {
    let trap = Trap::set().await;
    assert_eq!(moving(&table::variables(), |row| trap.variable(row)).await, BTreeSet::from(MOVING));
}

#[tokio::test]
async fn a_client_of_the_guides_is_moved_by_these_keys() {
    let trap = Trap::set().await;
    assert_eq!(moving(&table::keys(), |row| trap.key(row)).await, BTreeSet::from(MOVING_KEYS));
}

#[test]
fn what_moves_such_a_client_the_function_does_not_read() {
    let rows = table::variables().into_iter().chain(table::keys());
    let read =
        rows.filter(|row| row.read == Read::Always && (MOVING.contains(&row.name) || MOVING_KEYS.contains(&row.name)));
    // A client with an endpoint of its own does not look its host up there.
    assert_eq!(read.map(|row| row.name).collect::<Vec<_>>(), ["SMITHY_CLIENT_SDK_CUSTOM_PARTITION"]);
}

#[tokio::test]
async fn a_client_that_asks_for_proxies_falls_for_each() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let trap = Trap::set().await;
        let mut environment = keys();
        environment.push((name.to_owned(), trap.url.clone()));
        child::run("residency::guide::asking_through_a_proxy", &environment).await;
        assert_ne!(trap.caught(), 0, "{name}");
    }
}

/// Asks as the guides say, but over this transport.
#[expect(clippy::disallowed_methods, reason = "this is what the function must not do")]
async fn ask(transport: SharedHttpClient) {
    // The default chain, but for the instance that this is not.
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new());
    let region = region.or_else(ProfileFileRegionProvider::new()).or_else(Region::from_static("ap-northeast-1"));
    let config = aws_config::defaults(BehaviorVersion::latest()).region(region).http_client(transport).load().await;
    let call = Client::new(&config).invoke_model().model_id("model").body(Blob::new("{}"));
    drop(call.send().await);
}

#[tokio::test]
#[ignore = "the tests above start it, each with an environment of its own"]
async fn asking_as_the_guides_say() {
    let recorder = Recorder::default();
    ask(recorder.transport()).await;
    let sent = recorder.take();
    let is_pinned = sent.iter().all(|it| {
        let scope = it.header("authorization").unwrap_or_default();
        it.uri.starts_with("https://bedrock-runtime.ap-northeast-1.amazonaws.com/")
            && scope.contains("/ap-northeast-1/bedrock/aws4_request")
    });
    tell(if is_pinned && !sent.is_empty() { "pinned" } else { "moved" });
}

#[tokio::test]
#[ignore = "a test above starts it, each time with an environment of its own"]
async fn asking_through_a_proxy() {
    ask(http_client_fn(|_, _| {
        let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let connector = Connector::builder().proxy_config(ProxyConfig::from_env()).tls_provider(provider).build();
        aws_smithy_runtime_api::client::http::SharedHttpConnector::new(connector)
    }))
    .await;
}

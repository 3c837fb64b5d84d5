//! The pin: the one Region, host, profile and model, and the guard that lets no other request leave.
//!
//! This is the only file that spells them. Nothing here reads the environment, an event or a file, so nothing that
//! an operator or a caller writes can change where a prompt goes.

use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::time::Duration;

/// Tokyo, the only Region that the function runs in and calls.
pub const REGION: &str = "ap-northeast-1";

/// The JP inference profile: inference in Tokyo or Osaka, nowhere else.
pub const PROFILE_ID: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The foundation model behind the profile. It cannot be called without a profile in Japan.
pub const MODEL_ID: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The model's dated name in Anthropic's own API, which answers and model lists show to clients.
pub const MODEL_NAME: &str = "claude-sonnet-4-5-20250929";

/// The names under which a caller may ask for the model; the profile's ARN is the one more, see [`names_the_model`].
pub const MODEL_NAMES: [&str; 4] = ["claude-sonnet-4-5", MODEL_NAME, MODEL_ID, PROFILE_ID];

/// Bedrock's runtime endpoint in Tokyo.
pub const ENDPOINT: &str = "https://bedrock-runtime.ap-northeast-1.amazonaws.com";

const HOST: &str = "bedrock-runtime.ap-northeast-1.amazonaws.com";

/// The operations that a request may ask of the profile, as they stand at the end of its path.
const OPERATIONS: [&str; 1] = ["invoke"];

/// A sandbox may freeze for minutes between two prompts, and Bedrock hangs up on idle connections: one that has
/// been idle for longer than this is not tried again.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// Whether a request's `model` names the one model: by name, by Bedrock's ID, by the profile's ID or by its ARN.
#[must_use]
pub fn names_the_model(name: &str) -> bool {
    MODEL_NAMES.contains(&name) || is_profile_arn(name)
}

fn is_profile_arn(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts[..] else {
        return false;
    };
    (arn, partition, service, region) == ("arn", "aws", "bedrock", REGION)
        && account.len() == 12
        && account.bytes().all(|digit| digit.is_ascii_digit())
        && resource.strip_prefix("inference-profile/") == Some(PROFILE_ID)
}

/// The HTTPS transport of the production function: rustls with ring, the system's trust roots, and no proxy,
/// whatever the environment says.
#[must_use]
pub fn https() -> SharedHttpClient {
    Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .pool_idle_timeout(POOL_IDLE)
        .build_https()
}

/// Wraps a transport so that it carries requests to the pinned endpoint and profile only.
///
/// The client is built from constants already. The guard stands behind it all the same, at the last point before
/// the network, so that no release of the SDK and no mistake of ours can send a prompt elsewhere.
#[must_use]
pub fn guarded(transport: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Guarded(transport))
}

#[derive(Debug)]
struct Guarded<T>(T);

impl HttpClient for Guarded<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Guarded(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Guarded<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if is_pinned(request.uri()) {
            return self.0.call(request);
        }
        let refusal = "a request to another address than the pinned profile's was stopped before it left";
        HttpConnectorFuture::ready(Err(ConnectorError::user(refusal.into())))
    }
}

/// Whether a URI is an operation of the pinned profile at the pinned host, over HTTPS.
fn is_pinned(uri: &str) -> bool {
    let Ok(uri) = uri.parse::<http::Uri>() else {
        return false;
    };
    let https_to_tokyo = uri.scheme_str() == Some("https") && uri.authority().is_some_and(|it| it.as_str() == HOST);
    https_to_tokyo && uri.query().is_none() && is_pinned_path(uri.path())
}

/// Whether a path is `/model/<profile>/<operation>`, the profile's colon written as it is or percent-encoded.
fn is_pinned_path(path: &str) -> bool {
    let Some((profile, operation)) = path.strip_prefix("/model/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    OPERATIONS.contains(&operation) && profile.replace("%3A", ":") == PROFILE_ID
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const PINNED: &str = "https://bedrock-runtime.ap-northeast-1.amazonaws.com/model/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke";

    #[test]
    fn the_endpoint_is_the_host_over_https() {
        assert_eq!(ENDPOINT, format!("https://{HOST}"));
        assert!(HOST.contains(REGION) && PROFILE_ID.ends_with(MODEL_ID) && PROFILE_ID.starts_with("jp."));
    }

    #[test]
    fn the_guard_lets_only_the_pinned_address_pass() {
        assert!(is_pinned(PINNED));
        for other in [
            PINNED.replace("https://", "http://"),
            PINNED.replace("ap-northeast-1", "us-east-1"),
            PINNED.replace("bedrock-runtime.", "bedrock-runtime-fips."),
            PINNED.replace(".com/", ".com.example/"),
            PINNED.replace(".com/", ".com:8443/"),
            PINNED.replace("https://", "https://user@"),
            PINNED.replace("/jp.", "/global."),
            PINNED.replace("/jp.", "/"),
            PINNED.replace("/jp.", "/%6Ap."),
            PINNED.replace("/invoke", "/converse"),
            PINNED.replace("/invoke", "/invoke?x=1"),
            PINNED.replace("/model/", "/model/../model/"),
            format!("{PINNED}/"),
        ] {
            assert!(!is_pinned(&other), "{other}");
        }
    }

    #[test]
    fn the_model_is_known_by_its_own_names_only() {
        let arn = format!("arn:aws:bedrock:{REGION}:123456789012:inference-profile/{PROFILE_ID}");
        assert!(MODEL_NAMES.iter().all(|name| names_the_model(name)));
        assert!(names_the_model(&arn));
        for other in [
            String::new(),
            format!("global.{MODEL_ID}"),
            format!("us.{MODEL_ID}"),
            arn.replace("/jp.", "/global."),
            arn.replace(REGION, "us-east-1"),
            arn.replace("123456789012", "12345678901x"),
            arn.replace("inference-profile", "application-inference-profile"),
            "claude-opus-4-5".to_owned(),
            "Claude-Sonnet-4-5".to_owned(),
        ] {
            assert!(!names_the_model(&other), "{other}");
        }
    }

    /// A transport that counts what reaches it, and answers nothing.
    #[derive(Clone, Debug, Default)]
    struct Counting(Arc<AtomicUsize>);

    impl HttpConnector for Counting {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            self.0.fetch_add(1, Ordering::Relaxed);
            HttpConnectorFuture::ready(Err(ConnectorError::io("no network in this test".into())))
        }
    }

    #[tokio::test]
    async fn what_the_guard_stops_never_reaches_the_transport() {
        let counting = Counting::default();
        let guarded = Guarded(SharedHttpConnector::new(counting.clone()));
        for (uri, reached) in [("https://bedrock-runtime.us-east-1.amazonaws.com/model/x/invoke", 0), (PINNED, 1)] {
            let mut request = HttpRequest::empty();
            request.set_uri(uri).unwrap();
            assert!(guarded.call(request).await.is_err());
            assert_eq!(counting.0.load(Ordering::Relaxed), reached, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn no_other_uri_passes_the_guard(uri in "https?://[a-z0-9.:@-]{1,40}(/[a-zA-Z0-9.%:-]{0,30}){0,4}(\\?[a-z=]{0,5})?") {
            prop_assume!(uri != PINNED);
            prop_assert!(!is_pinned(&uri));
        }

        #[test]
        fn one_changed_character_is_stopped(at in 0..PINNED.len(), character in "[ -~]") {
            let mut changed = PINNED.to_owned();
            changed.replace_range(at..=at, &character);
            // The host is compared letter by letter too: a host in capitals is the same host, but not ours to send.
            let same = changed == PINNED || changed.replace("%3A", ":") == PINNED.replace("%3A", ":");
            let scheme = changed.to_ascii_lowercase().starts_with("https") && changed[5..] == PINNED[5..];
            prop_assert_eq!(is_pinned(&changed), same || scheme);
        }

        #[test]
        fn no_other_name_is_the_model(name in "[a-z0-9.:/-]{0,90}") {
            prop_assume!(!MODEL_NAMES.contains(&name.as_str()));
            prop_assert!(!names_the_model(&name));
        }
    }
}

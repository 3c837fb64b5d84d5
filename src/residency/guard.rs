//! The guard: the last point before the network, which lets no request leave but those to the pinned addresses.

use super::{
    API_GATEWAY_HOST, BEDROCK_HOST, CONTROL_PLANE_HOST, DYNAMODB_HOST, MODEL_ID, PROFILE_ID, ResponseUrl, SQS_HOST,
    roots,
};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::time::Duration;

/// The operations that a request may ask of the profile, as they stand at the end of its path.
const OPERATIONS: [&str; 2] = ["invoke", "invoke-with-response-stream"];

/// The one operation that may be asked of the bare model, where the operator has turned it on: Bedrock counts tokens
/// with no profile.
const COUNTING: &str = "count-tokens";

/// Whether tokens may be counted, which is the one exception to asking through the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Only the profile is asked.
    Off,
    /// The bare model in Tokyo may be asked to count.
    On,
}

/// What a client may ask, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Bedrock, through the pinned profile; and for counts, if they are allowed.
    Bedrock(Counting),
    /// SQS in Tokyo.
    Sqs,
    /// DynamoDB in Tokyo.
    DynamoDb,
    /// Bedrock's control plane in Tokyo, about the profile and its model.
    ControlPlane,
    /// API Gateway's control plane in Tokyo, about the keys of a usage plan.
    UsagePlanKeys,
}

impl Passage {
    /// The host behind it.
    const fn host(self) -> &'static str {
        match self {
            Self::Bedrock(_) => BEDROCK_HOST,
            Self::Sqs => SQS_HOST,
            Self::DynamoDb => DYNAMODB_HOST,
            Self::ControlPlane => CONTROL_PLANE_HOST,
            Self::UsagePlanKeys => API_GATEWAY_HOST,
        }
    }

    /// The endpoint that a client of it is built with.
    #[must_use]
    pub fn endpoint(self) -> String {
        format!("https://{}", self.host())
    }
}

/// A sandbox may freeze for minutes between two prompts, and Bedrock hangs up on idle connections: one that has
/// been idle for longer than this is not tried again.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// The HTTPS transport of the production function: rustls with ring, trust in Amazon's roots only, and no proxy,
/// whatever the environment says.
#[must_use]
pub fn https() -> SharedHttpClient {
    Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .tls_context(roots::amazon())
        .pool_idle_timeout(POOL_IDLE)
        .build_https()
}

/// Wraps a transport so that it carries the requests of one passage only.
///
/// The clients are built from constants already. The guard stands behind them all the same, at the last point before
/// the network, so that no release of the SDK and no mistake of ours can send a prompt elsewhere.
#[must_use]
pub fn guarded(transport: SharedHttpClient, passage: Passage) -> SharedHttpClient {
    SharedHttpClient::new(Guarded { transport, lets: Lets::Through(passage) })
}

/// Wraps a transport so that it carries requests to one URL of CloudFormation's only.
#[must_use]
pub fn guarded_answer(transport: SharedHttpClient, url: ResponseUrl) -> SharedHttpClient {
    SharedHttpClient::new(Guarded { transport, lets: Lets::To(url) })
}

/// What a guard lets leave.
#[derive(Clone, Debug)]
enum Lets {
    Through(Passage),
    To(ResponseUrl),
}

impl Lets {
    fn leave(&self, method: &str, uri: &str) -> bool {
        match self {
            // The list of keys is read, and not written to.
            Self::Through(Passage::UsagePlanKeys) => method == "GET" && is_pinned(uri, Passage::UsagePlanKeys),
            Self::Through(passage) => is_pinned(uri, *passage),
            Self::To(url) => uri == url.as_str(),
        }
    }
}

#[derive(Debug)]
struct Guarded<T> {
    transport: T,
    lets: Lets,
}

impl HttpClient for Guarded<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let transport = self.transport.http_connector(settings, components);
        SharedHttpConnector::new(Guarded { transport, lets: self.lets.clone() })
    }
}

impl HttpConnector for Guarded<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.lets.leave(request.method(), request.uri()) {
            return self.transport.call(request);
        }
        let refusal = "a request to another address than the pinned ones was stopped before it left";
        HttpConnectorFuture::ready(Err(ConnectorError::user(refusal.into())))
    }
}

/// Whether a URI stands at the passage's host, over HTTPS; of Bedrock's, whether it is an operation of the pinned profile, or
/// the count that is allowed.
fn is_pinned(uri: &str, passage: Passage) -> bool {
    let Ok(uri) = uri.parse::<http::Uri>() else {
        return false;
    };
    let https_to_tokyo =
        uri.scheme_str() == Some("https") && uri.authority().is_some_and(|it| it.as_str() == passage.host());
    let is_pinned_path = match passage {
        Passage::Bedrock(counting) => is_pinned_path(uri.path(), counting),
        // What is asked of these two stands in the body.
        Passage::Sqs | Passage::DynamoDb => uri.path() == "/",
        Passage::ControlPlane => is_about_the_profile(uri.path()),
        Passage::UsagePlanKeys => is_of_a_usage_plans_keys(uri.path()),
    };
    let is_pinned_query = uri.query().is_none_or(|query| passage == Passage::UsagePlanKeys && is_of_a_page(query));
    https_to_tokyo && is_pinned_query && is_pinned_path
}

/// Whether a query says which page of a list is wanted, and nothing else.
fn is_of_a_page(query: &str) -> bool {
    query.split('&').all(|part| part.starts_with("limit=") || part.starts_with("position="))
}

/// Whether a path asks for the keys of one usage plan.
fn is_of_a_usage_plans_keys(path: &str) -> bool {
    let plan = path.strip_prefix("/usageplans/").and_then(|rest| rest.strip_suffix("/keys"));
    plan.is_some_and(|plan| !plan.is_empty() && plan.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a path asks what the profile is, or what its model is.
fn is_about_the_profile(path: &str) -> bool {
    let path = path.replace("%3A", ":");
    path.strip_prefix("/inference-profiles/") == Some(PROFILE_ID)
        || path.strip_prefix("/foundation-models/") == Some(MODEL_ID)
}

/// Whether a path is `/model/<profile>/<operation>`, the profile's colon written as it is or percent-encoded.
fn is_pinned_path(path: &str, counting: Counting) -> bool {
    let Some((asked, operation)) = path.strip_prefix("/model/").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let asked = asked.replace("%3A", ":");
    let counts = counting == Counting::On && operation == COUNTING;
    (OPERATIONS.contains(&operation) && asked == PROFILE_ID) || (counts && asked == MODEL_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn is_pinned(uri: &str) -> bool {
        super::is_pinned(uri, Passage::Bedrock(Counting::Off))
    }

    const PINNED: &str = "https://bedrock-runtime.ap-northeast-1.amazonaws.com/model/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke";

    #[test]
    fn the_other_passages_lead_to_tokyo_only() {
        for (passage, host) in [(Passage::Sqs, SQS_HOST), (Passage::DynamoDb, DYNAMODB_HOST)] {
            let url = format!("{}/", passage.endpoint());
            assert!(super::is_pinned(&url, passage), "{url}");
            for other in [
                url.replace("https://", "http://"),
                url.replace("ap-northeast-1", "ap-northeast-3"),
                url.replace(host, BEDROCK_HOST),
                url.replace(".com/", ".com.example/"),
                format!("{url}x"),
                format!("{url}?x=1"),
                PINNED.to_owned(),
            ] {
                assert!(!super::is_pinned(&other, passage), "{other}");
            }
            assert!(!is_pinned(&url), "{url} is not Bedrock's");
        }
    }

    #[test]
    fn the_guard_lets_only_the_pinned_address_pass() {
        assert!(is_pinned(PINNED) && is_pinned(&format!("{PINNED}-with-response-stream")));
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
            PINNED.replace("/jp.", "/").replace("/invoke", "/count-tokens"),
            PINNED.replace("/invoke", "/count-tokens"),
            PINNED.replace("/invoke", "/invoke-with-bidirectional-stream"),
            PINNED.replace("/model/", "/model/../model/"),
            format!("{PINNED}/"),
        ] {
            assert!(!is_pinned(&other), "{other}");
        }
    }

    #[test]
    fn counting_opens_the_guard_for_the_count_of_the_bare_model_and_nothing_else() {
        let on = |uri: &str| super::is_pinned(uri, Passage::Bedrock(Counting::On));
        let count = PINNED.replace("/jp.", "/").replace("/invoke", "/count-tokens");
        assert!(on(&count) && on(PINNED));
        for other in [
            PINNED.replace("/jp.", "/"),
            PINNED.replace("/invoke", "/count-tokens"),
            count.replace("/anthropic.", "/global.anthropic."),
            count.replace("ap-northeast-1", "ap-northeast-3"),
            format!("{count}?x=1"),
        ] {
            assert!(!on(&other), "{other}");
        }
    }

    #[test]
    fn the_control_plane_is_asked_about_the_profile_and_its_model_only() {
        let host = "https://bedrock.ap-northeast-1.amazonaws.com";
        let is_let = |path: &str| super::is_pinned(&format!("{host}{path}"), Passage::ControlPlane);
        let profile = "/inference-profiles/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0";
        let model = "/foundation-models/anthropic.claude-sonnet-4-5-20250929-v1:0";
        assert!(is_let(profile) && is_let(model));
        for other in [
            "/inference-profiles".to_owned(),
            "/foundation-models".to_owned(),
            format!("{profile}?x=1"),
            profile.replace("/jp.", "/global."),
            model.replace("/anthropic.", "/jp.anthropic."),
            "/model-invocation-job".to_owned(),
            "/".to_owned(),
        ] {
            assert!(!is_let(&other), "{other}");
        }
        assert!(!super::is_pinned(&format!("https://bedrock.us-east-1.amazonaws.com{profile}"), Passage::ControlPlane));
        assert!(!super::is_pinned(PINNED, Passage::ControlPlane) && !is_pinned(&format!("{host}{profile}")));
    }

    #[test]
    fn of_api_gateway_only_the_keys_of_a_usage_plan_are_asked_for() {
        let host = "https://apigateway.ap-northeast-1.amazonaws.com";
        let is_let = |path: &str| super::is_pinned(&format!("{host}{path}"), Passage::UsagePlanKeys);
        assert!(is_let("/usageplans/a1b2c3/keys") && is_let("/usageplans/a1b2c3/keys?limit=500&position=x"));
        for other in [
            "/",
            "/apikeys",
            "/apikeys?includeValues=true",
            "/usageplans",
            "/usageplans/a1b2c3",
            "/usageplans//keys",
            "/usageplans/a1b2c3/keys/",
            "/usageplans/a1b2c3/keys?name=x",
            "/usageplans/a1b2c3/keys?limit=500&x",
            "/usageplans/a1b2c3/keys/k1",
            "/usageplans/../keys",
            "/usageplans/a/b/keys",
            "/restapis",
        ] {
            assert!(!is_let(other), "{other}");
        }
        let abroad = "https://apigateway.us-east-1.amazonaws.com/usageplans/a1b2c3/keys";
        assert!(!super::is_pinned(abroad, Passage::UsagePlanKeys) && !is_let(PINNED));
        let keys = format!("{host}/usageplans/a1b2c3/keys");
        assert!(!is_pinned(&keys), "it is not Bedrock's");
        let lets = Lets::Through(Passage::UsagePlanKeys);
        assert!(lets.leave("GET", &keys) && !lets.leave("POST", &keys), "a key is not added to a plan");
    }

    #[test]
    fn an_answer_may_go_to_its_own_url_only() {
        let url =
            "https://cloudformation-custom-resource-response-apnortheast1.s3.ap-northeast-1.amazonaws.com/a%7Cb?c=d";
        let lets = Lets::To(ResponseUrl::parse(url).unwrap());
        assert!(lets.leave("PUT", url));
        for other in
            [url.replace("%7C", "|"), url.replace("c=d", "c=e"), url.replace("https", "http"), PINNED.to_owned()]
        {
            assert!(!lets.leave("PUT", &other), "{other}");
        }
    }

    /// A transport that counts what reaches it, and answers nothing.
    #[derive(Clone, Debug, Default)]
    struct Tapped(Arc<AtomicUsize>);

    impl HttpConnector for Tapped {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            self.0.fetch_add(1, Ordering::Relaxed);
            HttpConnectorFuture::ready(Err(ConnectorError::io("no network in this test".into())))
        }
    }

    #[tokio::test]
    async fn what_the_guard_stops_never_reaches_the_transport() {
        let tapped = Tapped::default();
        let guarded = Guarded {
            transport: SharedHttpConnector::new(tapped.clone()),
            lets: Lets::Through(Passage::Bedrock(Counting::Off)),
        };
        for (uri, reached) in [("https://bedrock-runtime.us-east-1.amazonaws.com/model/x/invoke", 0), (PINNED, 1)] {
            let mut request = HttpRequest::empty();
            request.set_uri(uri).unwrap();
            assert!(guarded.call(request).await.is_err());
            assert_eq!(tapped.0.load(Ordering::Relaxed), reached, "{uri}");
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
    }
}

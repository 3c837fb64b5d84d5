//! `cargo local audit --lookup`: what it asks CloudTrail, how often, and what it says when it is refused.

use super::cloudtrail::{Answer, CloudTrail};
use super::{Report, event_record, report_in};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cloudtrail::Client;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use serde_json::json;
use stand_ins::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What CloudTrail allows: two lookups a second.
const PERIOD: Duration = Duration::from_millis(500);

// The client as it is built for a lookup. In a process of its own its time could not be made to stand still.
#[path = "../../../local/audit/pace.rs"]
mod pace;
#[expect(dead_code, reason = "only the configuration of the client is tried here; the rest runs in the process")]
#[path = "../../../local/audit/lookup.rs"]
mod source;

/// The report of a lookup in front of a stand-in, with credentials that lead nowhere else.
async fn look_up(cloudtrail: &CloudTrail, arguments: &[&str]) -> Report {
    let address = cloudtrail.address.to_string();
    let environment = [
        ("KOKUNAI_LOCAL_CLOUDTRAIL", address.as_str()),
        ("AWS_ACCESS_KEY_ID", TEST_ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", TEST_SECRET_ACCESS_KEY),
        // None of these may move it.
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_CLOUDTRAIL", "http://127.0.0.1:1"),
    ];
    report_in(&environment, &[&["--lookup"], arguments].concat(), "").await
}

#[tokio::test]
async fn a_lookup_reads_every_page_and_is_throttled_without_a_loss() {
    let page = |files: &[&str], has_more| Answer::Page(files.iter().map(|file| event_record(file)).collect(), has_more);
    // CloudTrail tells the newest first: the service event comes before its call.
    let cloudtrail = CloudTrail::start(vec![
        page(&["stream-map", "invoke-model"], true),
        Answer::Refusal("ThrottlingException", "Rate exceeded"),
        page(&["stream-call", "control-plane"], true),
        page(&[], false),
    ])
    .await;
    let report = look_up(&cloudtrail, &["--json", "--days", "30"]).await;
    let document = report.document();
    assert_eq!(report.status, 0, "{}", report.stderr);
    assert_eq!(
        document["totals"],
        json!({ "calls": 2, "tokyo": 0, "osaka": 2, "unverified": 0, "awaited": 0, "violations": 0, "denied": 0,
            "unknown_roles": null })
    );
    assert_eq!((&document["records"]["read"], &document["sources"]["read"]), (&json!(4), &json!(3)));
    let calls = cloudtrail.calls();
    assert_eq!(calls.len(), 4, "three pages, one of them asked for twice");
    for call in &calls {
        assert_eq!(call.host, "cloudtrail.ap-northeast-1.amazonaws.com");
        assert!(call.target.ends_with("CloudTrail_20131101.LookupEvents"), "{}", call.target);
        assert!(call.authorization.contains("/ap-northeast-1/cloudtrail/aws4_request"), "{}", call.authorization);
        assert_eq!(call.input["MaxResults"], 50);
        let only = json!([{ "AttributeKey": "EventSource", "AttributeValue": "bedrock.amazonaws.com" }]);
        assert_eq!(call.input["LookupAttributes"], only);
        assert!(call.input["StartTime"].is_number() && call.input.get("EndTime").is_none(), "{}", call.input);
    }
    let tokens: Vec<_> = calls.iter().map(|call| call.input["NextToken"].as_str()).collect();
    assert_eq!(tokens, [None, Some("page-1"), Some("page-1"), Some("page-3")]);
}

#[tokio::test]
async fn a_refused_lookup_is_told_in_one_sentence_and_keeps_what_was_read() {
    let denied = Answer::Refusal("AccessDeniedException", "You may not look up events.");
    let proved = Answer::Page(vec![event_record("invoke-model")], true);
    let report = look_up(&CloudTrail::start(vec![proved, denied.clone()]).await, &["--json"]).await;
    let told = "CloudTrail: refused the lookup: AccessDeniedException: You may not look up events.";
    assert_eq!((report.status, report.stderr.trim()), (2, format!("cargo local: {told}").as_str()));
    assert_eq!(report.document()["totals"]["osaka"], 1);
    assert_eq!(report.document()["sources"]["unreadable"][0]["name"], "CloudTrail");
    let violation = Answer::Page(vec![event_record("global-profile")], true);
    let report = look_up(&CloudTrail::start(vec![violation, denied]).await, &[]).await;
    assert_eq!(report.status, 1, "a violation is never hidden behind what could not be read");
    assert!(report.stdout.contains("foreign_model") && report.stderr.contains(told), "{}", report.stderr);
}

#[tokio::test]
async fn a_lookup_without_credentials_or_with_a_mistyped_stand_in_says_so() {
    let cloudtrail = CloudTrail::start(vec![Answer::Page(Vec::new(), false)]).await;
    let address = cloudtrail.address.to_string();
    let nobody = [
        ("KOKUNAI_LOCAL_CLOUDTRAIL", address.as_str()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/nowhere"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nowhere"),
    ];
    let report = report_in(&nobody, &["--lookup"], "").await;
    assert!(report.status == 2 && report.stderr.contains("no valid credentials: log in"), "{}", report.stderr);
    assert!(cloudtrail.calls().is_empty());
    let report = report_in(&[("KOKUNAI_LOCAL_CLOUDTRAIL", "localhost")], &["--lookup"], "").await;
    assert!(report.status == 2 && report.stderr.contains("not the address of a stand-in"), "{}", report.stderr);
}

#[tokio::test]
async fn a_cloudtrail_that_is_not_there_is_told_in_one_sentence() {
    // A port that was free a moment ago, and that nobody listens to.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let environment = [
        ("KOKUNAI_LOCAL_CLOUDTRAIL", address.as_str()),
        ("AWS_ACCESS_KEY_ID", TEST_ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", TEST_SECRET_ACCESS_KEY),
    ];
    let report = report_in(&environment, &["--lookup"], "").await;
    assert_eq!((report.status, report.stderr.lines().count()), (2, 1), "{}", report.stderr);
    assert!(report.stderr.contains("did not answer the lookup: Connection refused"), "{}", report.stderr);
}

/// A transport that notes when it is asked, and throttles every other time.
#[derive(Clone, Debug, Default)]
struct Noted(Arc<Mutex<Vec<Instant>>>);

impl HttpConnector for Noted {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let mut calls = self.0.lock().unwrap();
        calls.push(Instant::now());
        let (status, body) = match calls.len() % 2 {
            0 => (200, r#"{"Events":[]}"#),
            _ => (400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#),
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body.into())))
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_two_attempts_a_second_leave_and_none_hurries_after_a_rest() {
    let noted = Noted::default();
    let connector = SharedHttpConnector::new(noted.clone());
    let transport = http_client_fn(move |_: &HttpConnectorSettings, _| connector.clone());
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, None, None, "test");
    let client = Client::from_conf(source::config(transport, SharedCredentialsProvider::new(credentials)));
    for rest in [0, 0, 5, 0, 0] {
        tokio::time::sleep(Duration::from_secs(rest)).await;
        client.lookup_events().send().await.unwrap();
    }
    let calls = noted.0.lock().unwrap().clone();
    assert_eq!(calls.len(), 10, "each lookup was throttled once");
    let gaps: Vec<_> = calls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| *gap >= PERIOD), "{gaps:?}");
}

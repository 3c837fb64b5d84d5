//! What a request may be that leaves: method, address, headers, credential and body, of each service that is asked at all.

use super::OUTLETS;
use super::recorder::Sent;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The headers that a request may carry: what HTTP needs, what signs it, and what the SDK says of itself. None takes anything from
/// an event.
const HEADERS: [&str; 16] = [
    "accept",
    "accept-encoding",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-target",
    "x-amz-user-agent",
    ACCEPT.0,
    "x-amzn-query-mode",
    // Lambda's own, which its runtime hands on through the environment.
    "x-amzn-trace-id",
];

/// The one header of Bedrock's own, with the only value that it may have: its others name guardrails, tiers and traces.
const ACCEPT: (&str, &str) = ("x-amzn-bedrock-accept", "application/json");

/// Fields that a body for the model may never have: they name another model, fetch or keep data elsewhere, or switch guardrails on.
const REFUSED_FIELDS: [&str; 6] = ["container", "inference_geo", "mcp_servers", "model", "prompt", "stream"];

/// The betas that Bedrock is told of; any other would be dropped.
const BETAS: &str = include_str!("../../../src/prompt/betas/table.rs");

/// The three services, by the hosts that are asked.
const BEDROCK: &str = "https://bedrock-runtime.ap-northeast-1.amazonaws.com";
const SQS: &str = "https://sqs.ap-northeast-1.amazonaws.com/";
const DYNAMODB: &str = "https://dynamodb.ap-northeast-1.amazonaws.com/";

/// What is asked about the profile and its model, word for word.
const CONTROL_PLANE: [&str; 2] = [
    "https://bedrock.ap-northeast-1.amazonaws.com/inference-profiles/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0",
    "https://bedrock.ap-northeast-1.amazonaws.com/foundation-models/anthropic.claude-sonnet-4-5-20250929-v1%3A0",
];

/// Where CloudFormation waits for answers: its bucket, and S3's host behind it, in two dialects.
const BUCKET: &str = "https://cloudformation-custom-resource-response-apnortheast1";
const S3: &str = "ap-northeast-1.amazonaws.com/";

/// The operations of Bedrock that are asked for without counting.
const PROFILE: &str = "/model/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0";
const OPERATIONS: [&str; 2] = ["/invoke", "/invoke-with-response-stream"];

/// The one that names the bare model.
pub(super) const COUNT: &str = "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/count-tokens";

/// Whether a request may leave. `aliens` are texts that no header may have, because only events carry them.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn judge(sent: &Sent, aliens: &[&str]) -> Result<(), String> {
    let wrong = |what: &str| {
        let body = String::from_utf8_lossy(&sent.body);
        Err(format!("{what}: {} {} {:?} {body}", sent.method, sent.uri, sent.headers))
    };
    if sent.method != method_of(&sent.uri) {
        return wrong("the method");
    }
    if let Some((name, _)) = sent.headers.iter().find(|(name, _)| !HEADERS.contains(&name.as_str())) {
        return wrong(&format!("the header {name}"));
    }
    if sent.header(ACCEPT.0).is_some_and(|value| value != ACCEPT.1) {
        return wrong("what Bedrock is to answer in");
    }
    if sent.headers.iter().any(|(_, value)| aliens.iter().any(|alien| value.contains(alien))) {
        return wrong("a header that an event has written");
    }
    if CONTROL_PLANE.contains(&sent.uri.as_str()) {
        return if sent.body.is_empty() && is_signed(sent, "bedrock") {
            Ok(())
        } else {
            wrong("a question with a body")
        };
    }
    let Ok(body) = serde_json::from_slice::<Value>(&sent.body) else {
        return wrong("a body that is not JSON");
    };
    if is_bucket(&sent.uri) {
        // The URL is signed, and holds for this one document. Credentials of ours have no business there.
        let is_answer = body["Status"].is_string() && sent.header("authorization").is_none();
        return if is_answer { Ok(()) } else { wrong("an answer to CloudFormation") };
    }
    let path = sent.uri.strip_prefix(BEDROCK);
    let (service, body) = match (path, sent.uri.as_str()) {
        (Some(path), _) if path.strip_prefix(PROFILE).is_some_and(|it| OPERATIONS.contains(&it)) => {
            ("bedrock", judge_prompt(&body))
        }
        (Some(COUNT), _) => ("bedrock", judge_count(&body)),
        (_, SQS) => ("sqs", judge_message(&body)),
        (_, DYNAMODB) => ("dynamodb", judge_record(&body)),
        _ => return wrong("the address"),
    };
    if !is_signed(sent, service) {
        return wrong("the signature");
    }
    body.or_else(|what| wrong(&what))
}

/// What is asked is asked with GET, what is put is put, and everything else is posted.
fn method_of(uri: &str) -> &'static str {
    match uri {
        _ if CONTROL_PLANE.contains(&uri) => "GET",
        _ if is_bucket(uri) => "PUT",
        _ => "POST",
    }
}

fn is_bucket(uri: &str) -> bool {
    uri.strip_prefix(BUCKET)
        .is_some_and(|rest| [".s3.", ".s3-"].iter().any(|dialect| rest.starts_with(&format!("{dialect}{S3}"))))
}

/// Whether a request is signed for a service in Tokyo.
fn is_signed(sent: &Sent, service: &str) -> bool {
    let scope = format!("/ap-northeast-1/{service}/aws4_request, ");
    let is_for = |it: &str| it.starts_with("AWS4-HMAC-SHA256 Credential=") && it.contains(&scope);
    sent.header("authorization").is_some_and(is_for)
}

fn judge_prompt(body: &Value) -> Result<(), String> {
    let Some(fields) = body.as_object() else { return Err("a prompt that is no object".to_owned()) };
    let is_refused = |name: &&String| REFUSED_FIELDS.contains(&name.as_str()) || name.starts_with("amazon-bedrock-");
    if let Some(name) = fields.keys().find(is_refused) {
        return Err(format!("the field {name}"));
    }
    if body["anthropic_version"] != "bedrock-2023-05-31" {
        return Err("the version".to_owned());
    }
    let betas = body["anthropic_beta"].as_array().into_iter().flatten();
    match betas.map(|beta| beta.as_str().unwrap_or_default()).find(|beta| !is_accepted(beta)) {
        Some(beta) => Err(format!("the beta {beta:?}")),
        None => Ok(()),
    }
}

/// What is counted is a prompt in an envelope.
fn judge_count(body: &Value) -> Result<(), String> {
    let prompt = body["input"]["invokeModel"]["body"].as_str().and_then(|text| STANDARD.decode(text).ok());
    match prompt.and_then(|prompt| serde_json::from_slice(&prompt).ok()) {
        Some(prompt) if body.as_object().is_some_and(|it| it.len() == 1) => judge_prompt(&prompt),
        Some(_) | None => Err("the envelope of a count".to_owned()),
    }
}

/// Whether the table of betas has one as accepted.
fn is_accepted(beta: &str) -> bool {
    let table: String = BETAS.split_whitespace().collect();
    !beta.is_empty() && table.contains(&format!("taken(\"{beta}\","))
}

/// A message goes to the results or to the dead letters. Where a message came from is the event's to say, so it may be hidden in
/// any queue of Tokyo; nothing but its receipt goes there.
fn judge_message(body: &Value) -> Result<(), String> {
    let url = body["QueueUrl"].as_str().unwrap_or_default();
    let is_outlet = OUTLETS.iter().any(|(_, outlet)| *outlet == url);
    let has_only =
        |names: &[&str]| body.as_object().is_some_and(|it| it.keys().all(|name| names.contains(&name.as_str())));
    let hides = url.starts_with(SQS)
        && (has_only(&["QueueUrl", "ReceiptHandle", "VisibilityTimeout"]) || has_only(&["QueueUrl", "Entries"]));
    if is_outlet || (hides && body.get("MessageBody").is_none()) { Ok(()) } else { Err(format!("the queue {url:?}")) }
}

fn judge_record(body: &Value) -> Result<(), String> {
    let table = &body["TableName"];
    if table == OUTLETS[2].1 { Ok(()) } else { Err(format!("the table {table}")) }
}

/// A request that may leave.
fn lawful() -> Sent {
    let scope = "AWS4-HMAC-SHA256 Credential=KEY/20261123/ap-northeast-1/bedrock/aws4_request, SignedHeaders=host";
    Sent {
        method: "POST".to_owned(),
        uri: format!("{BEDROCK}{PROFILE}/invoke"),
        headers: vec![("authorization".to_owned(), scope.to_owned())],
        body: br#"{"anthropic_version":"bedrock-2023-05-31","messages":[]}"#.to_vec(),
    }
}

#[test]
fn a_lawful_request_may_leave_and_any_other_is_named() {
    assert_eq!(judge(&lawful(), &["alien"]), Ok(()));
    let body = |text: &str| Sent { body: text.as_bytes().to_vec(), ..lawful() };
    let uri = |uri: String| Sent { uri, ..lawful() };
    let mut headed = lawful();
    headed.headers.push(("x-amzn-bedrock-trace".to_owned(), "enabled".to_owned()));
    let mut written = lawful();
    written.headers.push(("user-agent".to_owned(), "an alien".to_owned()));
    let asking = |uri: &str, body: &[u8]| Sent {
        method: "GET".to_owned(),
        uri: uri.to_owned(),
        body: body.to_vec(),
        ..lawful()
    };
    let bucket = format!("{BUCKET}.s3.{S3}a?b=c");
    let putting = |uri: &str| Sent {
        method: "PUT".to_owned(),
        uri: uri.to_owned(),
        headers: Vec::new(),
        body: br#"{"Status":"SUCCESS"}"#.to_vec(),
    };
    assert_eq!(judge(&asking(CONTROL_PLANE[1], b""), &[]), Ok(()));
    assert_eq!(judge(&putting(&bucket), &[]), Ok(()));
    let foreign = lawful().headers[0].1.replace("ap-northeast-1", "us-east-1");
    let version = r#""anthropic_version":"bedrock-2023-05-31""#;
    for (sent, what) in [
        (Sent { method: "GET".to_owned(), ..lawful() }, "the method"),
        (headed, "the header x-amzn-bedrock-trace"),
        (written, "a header that an event has written"),
        (Sent { headers: vec![(ACCEPT.0.to_owned(), "x".to_owned())], ..lawful() }, "what Bedrock is to answer in"),
        (Sent { headers: Vec::new(), ..lawful() }, "the signature"),
        (Sent { headers: vec![("authorization".to_owned(), foreign)], ..lawful() }, "the signature"),
        (uri(lawful().uri.replace("jp.", "global.")), "the address"),
        (uri(lawful().uri.replace("https", "http")), "the address"),
        (uri(lawful().uri.replace("northeast-1", "northeast-3")), "the address"),
        (uri(lawful().uri.replace("/invoke", "/converse")), "the address"),
        (uri(SQS.to_owned()), "the signature"),
        (uri(CONTROL_PLANE[0].to_owned()), "the method"),
        (asking(CONTROL_PLANE[0], b"{}"), "a question with a body"),
        (asking(&CONTROL_PLANE[0].replace("/jp.", "/global."), b""), "the method"),
        (uri(bucket.clone()), "the method"),
        (Sent { method: "PUT".to_owned(), ..uri(bucket.clone()) }, "an answer to CloudFormation"),
        (putting(&bucket.replace("apnortheast1", "useast1")), "the method"),
        (body("text"), "a body that is not JSON"),
        (body(&format!("{{{version},\"model\":\"x\"}}")), "the field model"),
        (body(&format!("{{{version},\"amazon-bedrock-guardrailAction\":\"x\"}}")), "the field amazon-bedrock-"),
        (body(&format!("{{{version},\"anthropic_beta\":[\"context-1m-2025-08-07\"]}}")), "the beta"),
        (body(&format!("{{{version},\"anthropic_beta\":[\"\"]}}")), "the beta"),
        (body("{}"), "the version"),
    ] {
        let verdict = judge(&sent, &["alien"]).unwrap_err();
        assert!(verdict.starts_with(what), "{verdict}");
    }
    assert_eq!(
        judge(&body(&format!("{{{version},\"anthropic_beta\":[\"interleaved-thinking-2025-05-14\"]}}")), &[]),
        Ok(())
    );
    for (url, more, verdict) in [
        (OUTLETS[0].1, "MessageBody", true),
        ("https://sqs.ap-northeast-1.amazonaws.com/210987654321/other", "ReceiptHandle", true),
        ("https://sqs.ap-northeast-1.amazonaws.com/210987654321/other", "MessageBody", false),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/results", "ReceiptHandle", false),
    ] {
        assert_eq!(judge_message(&serde_json::json!({ "QueueUrl": url, more: "x" })).is_ok(), verdict, "{url} {more}");
    }
    assert!(judge_record(&serde_json::json!({ "TableName": "other" })).is_err());
}

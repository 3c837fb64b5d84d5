//! A transport that goes nowhere: it keeps each request and answers it, so that a function in this process shows all that it sends.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use std::sync::{Arc, Mutex};

/// A request that would have left.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Sent {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What is left of the requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    sent: Arc<Mutex<Vec<Sent>>>,
    redirects: Option<u16>,
}

impl Recorder {
    /// One that answers every request with this status and another place to ask.
    pub(super) fn redirecting(status: u16) -> Self {
        Self { redirects: Some(status), ..Self::default() }
    }

    /// The transport.
    pub(super) fn transport(&self) -> SharedHttpClient {
        let recorder = self.clone();
        http_client_fn(move |_, _| SharedHttpConnector::new(recorder.clone()))
    }

    /// What was sent since this was asked last.
    pub(super) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }
}

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let sent = Sent {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: request.headers().iter().map(header).collect(),
            body: request.body().bytes().unwrap_or(b"not in memory").to_vec(),
        };
        let answer = self.redirects.map_or_else(|| answer(&sent), redirect);
        self.sent.lock().unwrap().push(sent);
        HttpConnectorFuture::ready(Ok(answer))
    }
}

/// A message of the model's.
const MESSAGE: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
"content":[{"type":"text","text":"an answer"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#;

/// The profile and its model, as the control plane describes them.
const PROFILE: &str = r#"{"inferenceProfileName":"JP","inferenceProfileId":"jp.anthropic.claude-sonnet-4-5-20250929-v1:0","status":"ACTIVE",
"inferenceProfileArn":"arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/jp.anthropic.claude-sonnet-4-5-20250929-v1:0",
"type":"SYSTEM_DEFINED","models":[]}"#;
const MODEL: &str = r#"{"modelDetails":{"modelArn":"arn","modelId":"id","modelLifecycle":{"status":"ACTIVE"}}}"#;

/// Credentials as containers and instances hand them out.
const CREDENTIALS: &str = r#"{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-11-23T00:00:00Z","AccessKeyId":"ASIAASKED",
"SecretAccessKey":"asked","Token":"asked","Expiration":"2099-01-01T00:00:00Z"}"#;

/// Credentials as STS hands them out, for a web identity and for a role alike.
fn of_sts(action: &str) -> String {
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials>\
         <AccessKeyId>ASIAASKED</AccessKeyId><SecretAccessKey>asked</SecretAccessKey><SessionToken>asked</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
    )
}

/// An answer that says to ask elsewhere.
fn redirect(status: u16) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
    response.headers_mut().insert("location", "https://bedrock-runtime.us-east-1.amazonaws.com/model/x/invoke");
    response
}

/// What each service would say, told by what it is asked, wherever it is asked.
fn answer(sent: &Sent) -> HttpResponse {
    let asks = |part: &str| sent.uri.contains(part);
    let body = String::from_utf8_lossy(&sent.body);
    let action =
        ["AssumeRoleWithWebIdentity", "AssumeRole"].into_iter().find(|it| body.contains(&format!("Action={it}&")));
    let (media_type, text) = match (sent.header("x-amz-target"), action) {
        (_, Some(action)) => ("text/xml", of_sts(action)),
        (Some(target), _) if target.contains("SQS") => {
            ("application/x-amz-json-1.0", r#"{"MessageId":"1"}"#.to_owned())
        }
        (Some(_), _) => ("application/x-amz-json-1.0", "{}".to_owned()),
        _ if asks("response-stream") => ("application/vnd.amazon.eventstream", String::new()),
        _ if asks("/count-tokens") => ("application/json", r#"{"inputTokens":1}"#.to_owned()),
        _ if asks("/inference-profiles/") => ("application/json", PROFILE.to_owned()),
        _ if asks("/foundation-models/") => ("application/json", MODEL.to_owned()),
        _ if asks("/invoke") => ("application/json", MESSAGE.to_owned()),
        _ if asks("/latest/api/token") => ("text/plain", "token".to_owned()),
        _ if sent.uri.ends_with("/security-credentials/") => ("text/plain", "role".to_owned()),
        _ => ("application/json", CREDENTIALS.to_owned()),
    };
    let mut response = HttpResponse::new(200.try_into().unwrap(), SdkBody::from(text));
    response.headers_mut().insert("content-type", media_type);
    response.headers_mut().insert("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    response
}

//! A stand-in for CloudFormation in Tokyo, as far as a custom resource meets it: its requests, and the bucket in which it waits for
//! the answers.
//!
//! The bucket is S3, which takes what is signed; what stands in it is then judged by CloudFormation. So is it here: an answer that
//! CloudFormation would not understand is taken with a 200, and the stack waits on.

mod answer;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::aws::{header, hmac};
use crate::server::{Body, Hangup, Server, lock, whole};
use crate::{TEST_SECRET_ACCESS_KEY, identifiers};

pub use self::answer::Heard;

/// The bucket's host, which is its name in front of S3's Regional one.
const BUCKET: &str = "cloudformation-custom-resource-response-apnortheast1.s3.ap-northeast-1.amazonaws.com";

/// The first label of its host, by which [`crate::transport::loopback_by_service`] knows it.
pub const LABEL: &str = "cloudformation-custom-resource-response-apnortheast1";

/// A running stand-in; dropping it closes its port.
#[derive(Debug)]
pub struct CloudFormation {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Which of the next answers S3 does not take: with these statuses, or, where there is none, without a word.
    refusals: Vec<Option<u16>>,
    calls: Vec<Call>,
}

/// A request that arrived at the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The path and the query, as they came.
    pub path: String,
    /// The headers in the order of their arrival, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The status that it was given.
    pub status: u16,
    /// What CloudFormation hears from it, if it was taken.
    pub heard: Option<Heard>,
}

impl CloudFormation {
    /// Starts a stand-in on a free loopback port, on the caller's tokio runtime.
    ///
    /// # Errors
    ///
    /// Only when the machine has no port to give.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| handle(request, Arc::clone(&shared))).await?;
        Ok(Self { server, state })
    }

    /// Where it listens, over plain HTTP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Does not take the next answers, each with one of these statuses.
    pub fn refuse(&self, statuses: &[u16]) {
        lock(&self.state).refusals.extend(statuses.iter().copied().map(Some));
    }

    /// Says nothing to the next answer.
    pub fn stall(&self) {
        lock(&self.state).refusals.push(None);
    }

    /// Everything that arrived so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state).calls.clone()
    }
}

/// A request as CloudFormation sends it to the function behind a custom resource, with a URL that is good for its answer only.
#[must_use]
pub fn request(request_type: &str, properties: &Value) -> Value {
    let (stack, id) = (identifiers::uuid(), identifiers::uuid());
    let stack_id = format!("arn:aws:cloudformation:ap-northeast-1:123456789012:stack/kokunai/{stack}");
    let mut request = json!({
        "RequestType": request_type,
        "ServiceToken": "arn:aws:lambda:ap-northeast-1:123456789012:function:kokunai-audit",
        "ResponseURL": response_url(&stack, &id),
        "StackId": stack_id,
        "RequestId": id,
        "LogicalResourceId": "ProfileCheck",
        "ResourceType": "Custom::InferenceProfileCheck",
        "ResourceProperties": properties,
    });
    if request_type != "Create" {
        request["PhysicalResourceId"] = json!("inference-profile-check");
    }
    request
}

/// A URL of the bucket, signed for one path and one query.
fn response_url(stack: &str, request: &str) -> String {
    let path = format!(
        "/arn%3Aaws%3Acloudformation%3Aap-northeast-1%3A123456789012%3Astack/kokunai/{stack}%7CProfileCheck%7C{request}"
    );
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261123T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=7200\
                 &X-Amz-Credential=AKIAKOKUNAI%2F20261123%2Fap-northeast-1%2Fs3%2Faws4_request";
    format!("https://{BUCKET}{path}?{query}&X-Amz-Signature={}", signature(&path, query))
}

/// What signs a URL here: no caller can make one up, or change one. S3's own sum is nobody's business but S3's.
fn signature(path: &str, query: &str) -> String {
    let sum = hmac(TEST_SECRET_ACCESS_KEY.as_bytes(), format!("PUT\n{path}\n{query}").as_bytes());
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn handle(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Body>, Hangup> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
    let refusal = {
        let refusals = &mut lock(&state).refusals;
        (!refusals.is_empty()).then(|| refusals.remove(0))
    };
    if refusal == Some(None) {
        return std::future::pending().await;
    }
    let mut state = lock(&state);
    let status = refusal.flatten().or_else(|| refused(&parts)).unwrap_or(200);
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    state.calls.push(Call {
        path: parts.uri.to_string(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        status,
        heard: (status == 200).then(|| Heard::of(&parts, &body)),
    });
    let mut response = Response::new(whole(""));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Ok(response)
}

/// The status with which S3 refuses a request, if it does.
fn refused(parts: &Parts) -> Option<u16> {
    let (query, given) = parts.uri.query().unwrap_or_default().rsplit_once("&X-Amz-Signature=").unwrap_or_default();
    let is_signed = signature(parts.uri.path(), query) == given;
    // The URL was signed for a request without a content type, or with an empty one.
    let is_typed = header(&parts.headers, "content-type").is_some_and(|it| !it.is_empty());
    let is_whole = parts.headers.contains_key("content-length");
    match () {
        () if header(&parts.headers, "host") != Some(BUCKET) => Some(404),
        () if parts.method != Method::PUT || !is_signed || is_typed => Some(403),
        () if !is_whole => Some(411),
        // A signature in the header beside the one in the URL.
        () if parts.headers.contains_key("authorization") => Some(400),
        () => None,
    }
}

#[cfg(test)]
mod tests;

//! A stand-in for Bedrock's control plane in Tokyo: what AWS says of the JP profile and of its model, or what a test has it say.
//!
//! It listens on plain HTTP, but believes in the `Host` header: a request reaches it through [`crate::transport`], signed for
//! the real endpoint. It knows the two questions that are asked about the profile, and refuses every other.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::aws::Service;
use crate::aws::answer::{self, Refusal};
use crate::server::{Body, Hangup, Server, lock};

/// The endpoint, by which Bedrock's runtime signs too.
const BEDROCK: Service = Service { name: "bedrock", host: "bedrock.ap-northeast-1.amazonaws.com" };

const PROFILE: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";
const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// `GetInferenceProfile`.
    Profile,
    /// `GetFoundationModel`.
    Model,
}

/// What goes wrong with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller's role may not ask.
    Denied,
    /// There is no such profile or model.
    NotFound,
    /// The service fails.
    Internal,
    /// There is no answer.
    Stall,
}

/// A running stand-in; dropping it closes its port.
#[derive(Debug)]
pub struct ControlPlane {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    profile: Value,
    model: Value,
    faults: Vec<(Question, Fault)>,
    calls: Vec<Call>,
}

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The `Host` header.
    pub host: String,
    /// The path and the query, as they came.
    pub path: String,
    /// What it asked, if that was sound.
    pub question: Option<Question>,
}

impl ControlPlane {
    /// Starts a stand-in that says what AWS documents, on a free loopback port, on the caller's tokio runtime.
    ///
    /// # Errors
    ///
    /// Only when the machine has no port to give.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State { profile: profile(), model: model(), ..State::default() }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| handle(request, Arc::clone(&shared))).await?;
        Ok(Self { server, state })
    }

    /// Where it listens, over plain HTTP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Changes what it says: the members of `changes` replace those of the profile, or of the model's details.
    pub fn says(&self, question: Question, changes: &Value) {
        let mut state = lock(&self.state);
        let said = match question {
            Question::Profile => &mut state.profile,
            Question::Model => &mut state.model,
        };
        for (name, value) in changes.as_object().into_iter().flatten() {
            said[name] = value.clone();
        }
    }

    /// Has the next so many askings of a question fail.
    pub fn fail(&self, question: Question, fault: Fault, times: usize) {
        lock(&self.state).faults.extend(vec![(question, fault); times]);
    }

    /// Forgets the faults that are still to come.
    pub fn forgive(&self) {
        lock(&self.state).faults.clear();
    }

    /// Everything that arrived so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state).calls.clone()
    }
}

async fn handle(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Body>, Hangup> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
    let question = question(&parts, &body);
    let fault = {
        let mut state = lock(&state);
        state.calls.push(Call {
            host: crate::aws::header(&parts.headers, "host").unwrap_or_default().to_owned(),
            path: parts.uri.to_string(),
            question: question.as_ref().ok().copied(),
        });
        let next = state.faults.iter().position(|(of, _)| Some(of) == question.as_ref().ok());
        next.map(|at| state.faults.remove(at).1)
    };
    Ok(match (question, fault) {
        (Err(refusal), _) => answer::refused(refusal),
        (Ok(_), Some(Fault::Stall)) => std::future::pending().await,
        (Ok(_), Some(fault)) => answer::refused(refusal(fault)),
        (Ok(Question::Profile), None) => answer::told(&lock(&state).profile),
        (Ok(Question::Model), None) => answer::told(&json!({ "modelDetails": lock(&state).model })),
    })
}

/// What a request asks, if it is addressed and signed as Bedrock wants it.
fn question(parts: &Parts, body: &[u8]) -> Result<Question, Refusal> {
    let forbidden = |error, message| (StatusCode::FORBIDDEN, error, message);
    BEDROCK.is_host_of(&parts.headers).map_err(|problem| forbidden("UnrecognizedClientException", problem))?;
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let question = match path.strip_prefix('/').and_then(|path| path.split_once('/')) {
        _ if parts.method != http::Method::GET || parts.uri.query().is_some() || !body.is_empty() => None,
        Some(("inference-profiles", PROFILE)) => Some(Question::Profile),
        Some(("foundation-models", MODEL)) => Some(Question::Model),
        _ => None,
    };
    BEDROCK.verify(parts, body).map_err(|untrusted| forbidden(untrusted.error_type, untrusted.message))?;
    question.ok_or_else(|| {
        let denied = format!("User is not authorized to perform what {path} asks for");
        forbidden("AccessDeniedException", denied)
    })
}

fn refusal(fault: Fault) -> Refusal {
    let (status, error) = match fault {
        Fault::Denied => (StatusCode::FORBIDDEN, "AccessDeniedException"),
        Fault::NotFound => (StatusCode::NOT_FOUND, "ResourceNotFoundException"),
        Fault::Internal | Fault::Stall => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerException"),
    };
    answer::asked_for(status, error)
}

/// The profile as AWS documents it.
fn profile() -> Value {
    let model = |region: &str| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{MODEL}") });
    json!({
        "inferenceProfileName": "JP Anthropic Claude Sonnet 4.5",
        "description": "Routes requests to Anthropic Claude Sonnet 4.5 in ap-northeast-1 and ap-northeast-3.",
        "createdAt": "2025-10-01T00:00:00Z",
        "updatedAt": "2025-10-01T00:00:00.123456Z",
        "inferenceProfileArn": format!("arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/{PROFILE}"),
        "models": [model("ap-northeast-1"), model("ap-northeast-3")],
        "inferenceProfileId": PROFILE,
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    })
}

/// The model's details, without a date for its end: AWS names one only once it is known.
fn model() -> Value {
    json!({
        "modelArn": format!("arn:aws:bedrock:ap-northeast-1::foundation-model/{MODEL}"),
        "modelId": MODEL,
        "modelName": "Claude Sonnet 4.5",
        "providerName": "Anthropic",
        "inputModalities": ["TEXT", "IMAGE"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": true,
        "customizationsSupported": [],
        "inferenceTypesSupported": ["INFERENCE_PROFILE"],
        "modelLifecycle": { "status": "ACTIVE", "startOfLifeTime": "2025-09-29T00:00:00Z" },
    })
}

#[cfg(test)]
mod tests;

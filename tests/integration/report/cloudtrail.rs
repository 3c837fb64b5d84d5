//! A stand-in for CloudTrail's LookupEvents in Tokyo: pages, as a test lays them down, and throttles where it says so.

use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What it answers to one call.
#[derive(Clone)]
pub(super) enum Answer {
    /// Records, and whether there are more.
    Page(Vec<String>, bool),
    /// An error, by its name and with its sentence.
    Refusal(&'static str, &'static str),
}

/// A call that arrived.
pub(super) struct Call {
    pub(super) host: String,
    pub(super) target: String,
    pub(super) authorization: String,
    pub(super) input: Value,
}

/// A running stand-in, which answers in the order of its answers.
pub(super) struct CloudTrail {
    pub(super) address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl CloudTrail {
    /// Starts it on a free loopback port. Whoever asks more often than there are answers hears the last one again.
    pub(super) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (answers, shared) = (Arc::new(answers), Arc::clone(&calls));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (answers, calls) = (Arc::clone(&answers), Arc::clone(&shared));
                let answer = service_fn(move |request| answer(request, Arc::clone(&answers), Arc::clone(&calls)));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), answer),
                );
            }
        });
        Self { address, calls }
    }

    /// Everything that arrived so far.
    pub(super) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

async fn answer(
    request: Request<Incoming>,
    answers: Arc<Vec<Answer>>,
    calls: Arc<Mutex<Vec<Call>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let number = {
        let mut calls = calls.lock().unwrap();
        calls.push(Call::of(&parts, &body));
        calls.len()
    };
    let (status, body) = match &answers[number.min(answers.len()) - 1] {
        Answer::Page(records, has_more) => {
            let events: Vec<_> = records.iter().map(|record| json!({ "CloudTrailEvent": record })).collect();
            let token = has_more.then(|| format!("page-{number}"));
            (200, json!({ "Events": events, "NextToken": token }))
        }
        Answer::Refusal(name, sentence) => (400, json!({ "__type": name, "message": sentence })),
    };
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.1");
    Ok(response.body(Full::new(body.to_string().into())).unwrap())
}

impl Call {
    fn of(parts: &Parts, body: &[u8]) -> Self {
        let header = |name: &str| parts.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        Self {
            host: header("host"),
            target: header("x-amz-target"),
            authorization: header("authorization"),
            input: serde_json::from_slice(body).unwrap(),
        }
    }
}

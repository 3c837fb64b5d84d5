//! `cargo local`: an HTTP front that turns requests into REST API events, as API Gateway does.

use crate::output::{complain, note, say};
use crate::sandbox::Sandbox;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use stand_ins::function::Function;
use stand_ins::gateway::{GatewayAnswer, GatewayRequest, Mode, rest_event};
use stand_ins::runtime_api::Invocation;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Several prompts can be in flight at once, each in a process of its own, as in Lambda; more of them wait.
const PROCESSES: usize = 10;

/// API Gateway takes bodies of 10 MB.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// What API Gateway says to a request that is too large.
const TOO_LONG: &str = r#"{"message":"Request Too Long"}"#;

/// The stage, as the template names it.
const STAGE: &str = "prod";

/// What Lambda takes as one event; API Gateway refuses what would be more.
const MAX_EVENT: usize = 6_291_556;

/// What an answer depends on.
struct Front {
    sandbox: Sandbox,
    integration: Integration,
}

/// What `RESPONSE_MODE` stands for, as the template couples it.
#[derive(Clone, Copy)]
struct Integration {
    mode: Mode,
    /// The function's own time-out.
    function: Duration,
    /// How long API Gateway waits, from the arrival of the request.
    gateway: Duration,
}

/// Serves until it is interrupted.
pub(crate) async fn serve(port: u16, bedrock: bool) -> Result<ExitCode, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| format!("port {port} cannot be used ({error}); --port N takes another one"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let sandbox = Sandbox::start(bedrock, PROCESSES).await?;
    sandbox.ready().await?;
    let front = Arc::new(Front { sandbox, integration: integration() });
    greet(&format!("http://{address}"), bedrock);
    let (died, mut deaths) = mpsc::channel(PROCESSES);
    for index in 0..PROCESSES {
        let (front, died) = (Arc::clone(&front), died.clone());
        tokio::spawn(async move {
            let function = &front.sandbox.functions[index];
            tokio::select! {
                () = print_lines(function) => {}
                status = function.exit_status(FOREVER) => drop(died.send(status).await),
            }
        });
    }
    tokio::select! {
        () = accept(&listener, &front) => Ok(ExitCode::SUCCESS),
        _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
        status = deaths.recv() => {
            let status = status.flatten().map(|status| status.to_string()).unwrap_or_default();
            Err(format!("a process of the function ended by itself ({status}); start again"))
        }
    }
}

/// Longer than anyone runs a server on their machine.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

fn greet(url: &str, bedrock: bool) {
    say(&format!("kokunai listens on {url}"));
    let model = if bedrock { "Claude itself, in Japan, with your AWS credentials" } else { "a stand-in, not Claude" };
    note(&format!("answers come from {model}; in another terminal, try"));
    note(&format!("  curl {url}/prompt -H 'content-type: application/json' -d '{{\"prompt\": \"こんにちは\"}}'"));
    note("log lines of the function follow; stop with Ctrl-C");
}

/// The integration that the setting stands for.
fn integration() -> Integration {
    #[expect(clippy::disallowed_methods, reason = "the front must agree with the setting that the function reads")]
    let mode = std::env::var("RESPONSE_MODE").unwrap_or_default();
    if mode.eq_ignore_ascii_case("stream") {
        Integration { mode: Mode::Stream, function: Duration::from_secs(300), gateway: Duration::from_secs(300) }
    } else {
        Integration { mode: Mode::Buffered, function: Duration::from_secs(30), gateway: Duration::from_secs(29) }
    }
}

async fn print_lines(function: &Function) {
    for index in 0.. {
        note(&function.line(index).await);
    }
}

async fn accept(listener: &TcpListener, front: &Arc<Front>) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                complain(&format!("a connection was lost: {error}"));
                continue;
            }
        };
        let front = Arc::clone(front);
        let service = service_fn(move |request| {
            let front = Arc::clone(&front);
            async move { Ok::<_, Infallible>(answer(&front, request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        // A client that hangs up is its own business.
        tokio::spawn(async move { drop(connection.await) });
    }
}

async fn answer(front: &Front, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, TOO_LONG);
    };
    let headers = parts.headers.iter();
    let request = GatewayRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: body.to_bytes().to_vec(),
    };
    let event = rest_event(&request, STAGE).to_string();
    if event.len() > MAX_EVENT {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, TOO_LONG);
    }
    let Integration { mode, function, gateway } = front.integration;
    let outcome = front.sandbox.runtime.invoke(Invocation::new(event).timeout(function));
    match tokio::time::timeout(gateway, outcome).await {
        Ok(outcome) => translate(GatewayAnswer::from_outcome(&outcome, mode)),
        Err(_) => plain(StatusCode::GATEWAY_TIMEOUT, r#"{"message":"Endpoint request timed out"}"#),
    }
}

fn translate(answer: GatewayAnswer) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let unreadable = || plain(StatusCode::BAD_GATEWAY, r#"{"message":"Internal server error"}"#);
    response.body(Full::from(answer.body)).unwrap_or_else(|_| unreadable())
}

fn plain(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}

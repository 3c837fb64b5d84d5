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

/// Several prompts can be in flight at once, each in a process of its own, as in Lambda.
const PROCESSES: usize = 4;

/// API Gateway takes bodies of 10 MB.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// The stage, as the template names it.
const STAGE: &str = "prod";

/// What an answer depends on.
struct Front {
    sandbox: Sandbox,
    mode: Mode,
    timeout: Duration,
}

/// Serves until it is interrupted.
pub(crate) async fn serve(port: u16, bedrock: bool) -> Result<ExitCode, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| format!("port {port} cannot be used ({error}); --port N takes another one"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let sandbox = Sandbox::start(bedrock, PROCESSES).await?;
    sandbox.ready().await?;
    let (mode, timeout) = mode();
    let front = Arc::new(Front { sandbox, mode, timeout });
    greet(&format!("http://{address}"), bedrock);
    for index in 0..PROCESSES {
        let front = Arc::clone(&front);
        tokio::spawn(async move { print_lines(&front.sandbox.functions[index]).await });
    }
    tokio::select! {
        () = accept(&listener, &front) => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn greet(url: &str, bedrock: bool) {
    say(&format!("kokunai listens on {url}"));
    let model = if bedrock { "Claude itself, in Japan, with your AWS credentials" } else { "a stand-in, not Claude" };
    note(&format!("answers come from {model}; try"));
    note(&format!("  curl {url}/prompt -H 'content-type: application/json' -d '{{\"prompt\": \"こんにちは\"}}'"));
    note("log lines of the function follow; stop with Ctrl-C");
}

/// The integration's mode and the function's time-out, as the template couples them.
fn mode() -> (Mode, Duration) {
    #[expect(clippy::disallowed_methods, reason = "the front must agree with the setting that the function reads")]
    let mode = std::env::var("RESPONSE_MODE").unwrap_or_default();
    if mode.eq_ignore_ascii_case("stream") {
        (Mode::Stream, Duration::from_secs(300))
    } else {
        (Mode::Buffered, Duration::from_secs(30))
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
        return plain(StatusCode::PAYLOAD_TOO_LARGE, r#"{"message":"Request Too Long"}"#);
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
    let outcome = front.sandbox.runtime.invoke(Invocation::new(event).timeout(front.timeout)).await;
    translate(GatewayAnswer::from_outcome(&outcome, front.mode))
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

//! `cargo local`: an HTTP front that turns requests into REST API events, as API Gateway does.

use crate::integration::{Body, Integration};
use crate::memory::Memory;
use crate::output::{complain, note, say};
use crate::page::{self, Lines};
use crate::sandbox::{Sandbox, response_mode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use stand_ins::function::Function;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Several prompts can be in flight at once, each in a process of its own, as in Lambda; more of them wait.
const PROCESSES: usize = 10;

/// What an answer depends on.
struct Front {
    sandbox: Sandbox,
    integration: Integration,
    in_flight: InFlight,
    /// What the page shows of the prompts that were answered.
    lines: Lines,
}

/// Counts the requests that are being answered: one for each clone but the first.
type InFlight = Arc<()>;

impl Front {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        if let Some(answer) = page::answer(&request, &self.lines, &self.sandbox) {
            return answer;
        }
        let in_flight = Arc::clone(&self.in_flight);
        if Arc::strong_count(&in_flight) > PROCESSES + 1 {
            note(&format!("all {PROCESSES} processes of the function are busy; a request waits for one of them"));
        }
        self.integration.answer(&self.sandbox.runtime, request, in_flight).await
    }
}

/// Serves until it is interrupted.
pub(crate) async fn serve(port: u16, bedrock: bool) -> Result<ExitCode, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| format!("port {port} cannot be used ({error}); --port N takes another one"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let memory = Memory::start().await?;
    // The production transport reaches no table on this machine.
    let table = if bedrock { Vec::new() } else { memory.table() };
    let sandbox = Sandbox::start(bedrock, PROCESSES, table).await?;
    sandbox.ready().await?;
    let integration = Integration::of(&response_mode());
    let front = Arc::new(Front { sandbox, integration, in_flight: InFlight::default(), lines: Lines::default() });
    greet(&format!("http://{address}"), bedrock);
    let (died, mut deaths) = mpsc::channel(PROCESSES);
    for index in 0..PROCESSES {
        let (front, died) = (Arc::clone(&front), died.clone());
        tokio::spawn(async move {
            let function = &front.sandbox.functions[index];
            tokio::select! {
                () = print_lines(function, &front.lines) => {}
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
    note(&format!("answers come from {model}; open {url} in a browser, or in another terminal, try"));
    note(&format!("  curl {url}/prompt -H 'content-type: application/json' -d '{{\"prompt\": \"こんにちは\"}}'"));
    note("log lines of the function follow; stop with Ctrl-C");
}

async fn print_lines(function: &Function, lines: &Lines) {
    for index in 0.. {
        let line = function.line(index).await;
        note(&line);
        lines.keep(&line);
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
        // Else the last small chunk would wait for the client's system to acknowledge the one before it.
        let _ = stream.set_nodelay(true);
        let front = Arc::clone(front);
        let service = service_fn(move |request| {
            let front = Arc::clone(&front);
            async move { Ok::<_, Infallible>(front.answer(request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        // A client that hangs up is its own business.
        tokio::spawn(async move { drop(connection.await) });
    }
}

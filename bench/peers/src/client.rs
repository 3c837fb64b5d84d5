//! How a contender is asked: through Lambda's Runtime API, as API Gateway does, or over HTTP.

use crate::Failure;
use crate::contender::PROXY_KEY;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use stand_ins::gateway::{self, GatewayRequest, GatewayResponse, Mode, rest_event};
use stand_ins::runtime_api::{Invocation, Outcome, RuntimeApi};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::sleep;

/// How often a proxy is asked whether it is ready.
const POLL: Duration = Duration::from_millis(5);

/// What every event of a stream that carries a text has in it, whoever hands it on.
const DELTA: &[u8] = b"\"content_block_delta\"";

pub(crate) enum Client {
    Lambda(RuntimeApi),
    /// The port where a proxy listens.
    Proxy(u16),
}

/// One stream, as its reader saw it.
pub(crate) struct Reading {
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    pub(crate) deltas: usize,
}

impl Client {
    /// Resolves once the contender can be asked.
    pub(crate) async fn ready(&self) {
        match self {
            Self::Lambda(runtime) => runtime.polled().await,
            Self::Proxy(port) => {
                while !is_ready(*port).await {
                    sleep(POLL).await;
                }
            }
        }
    }

    /// A caller, who asks one prompt after another.
    pub(crate) async fn caller(&self) -> Result<Caller<'_>, Failure> {
        Ok(match self {
            Self::Lambda(runtime) => Caller::Lambda(runtime),
            Self::Proxy(port) => Caller::Proxy(Connection::open(*port).await?),
        })
    }
}

pub(crate) enum Caller<'a> {
    Lambda(&'a RuntimeApi),
    Proxy(Connection),
}

impl Caller<'_> {
    /// Asks a prompt, and says how long its answer took: by the clock of the Runtime API, from handing the event out.
    pub(crate) async fn ask(&mut self, prompt: &str) -> Result<Duration, Failure> {
        match self {
            Self::Lambda(runtime) => match runtime.invoke(Invocation::new(event(prompt, false))).await {
                Outcome::Answered(it) if it.json()["statusCode"] == 200 => Ok(it.elapsed),
                other => Err(format!("{other:?}").into()),
            },
            Self::Proxy(connection) => {
                let began = Instant::now();
                let answer = connection.post(body(prompt, false)).await?;
                let status = answer.status();
                let body = answer.into_body().collect().await?.to_bytes();
                if status == 200 { Ok(began.elapsed()) } else { Err(format!("{status} {body:?}").into()) }
            }
        }
    }

    /// Reads the stream that a prompt asks for.
    pub(crate) async fn read(&mut self, prompt: &str) -> Result<Reading, Failure> {
        let mut reader = Reader::default();
        match self {
            Self::Lambda(runtime) => {
                let opened = runtime.stream(Invocation::new(event(prompt, true))).await;
                let GatewayResponse::Stream(mut stream) = gateway::open(opened, Mode::Stream).await else {
                    return Err("the gateway refused the answer".into());
                };
                while let Some(chunk) = stream.chunk().await {
                    reader.add(&chunk?);
                }
            }
            Self::Proxy(connection) => {
                let mut stream = connection.post(body(prompt, true)).await?.into_body();
                while let Some(frame) = stream.frame().await {
                    if let Ok(chunk) = frame?.into_data() {
                        reader.add(&chunk);
                    }
                }
            }
        }
        reader.reading()
    }
}

#[derive(Default)]
struct Reader {
    first: Option<Instant>,
    last: Option<Instant>,
    body: Vec<u8>,
}

impl Reader {
    fn add(&mut self, chunk: &[u8]) {
        let now = Instant::now();
        self.first.get_or_insert(now);
        self.last = Some(now);
        self.body.extend_from_slice(chunk);
    }

    fn reading(self) -> Result<Reading, Failure> {
        let (Some(first), Some(last)) = (self.first, self.last) else {
            return Err("an empty stream".into());
        };
        let deltas = self.body.windows(DELTA.len()).filter(|it| *it == DELTA).count();
        Ok(Reading { first, last, deltas })
    }
}

/// A connection to a proxy.
pub(crate) struct Connection(http1::SendRequest<Full<Bytes>>);

impl Connection {
    async fn open(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    async fn post(&mut self, body: Value) -> Result<Response<Incoming>, Failure> {
        let request = Request::post("/v1/messages")
            .header("host", "localhost")
            .header("authorization", format!("Bearer {PROXY_KEY}"))
            .header("content-type", "application/json");
        Ok(self.0.send_request(request.body(body.to_string().into())?).await?)
    }
}

async fn is_ready(port: u16) -> bool {
    let request = Request::get("/health/readiness").header("host", "localhost").body(Full::default());
    let (Ok(mut connection), Ok(request)) = (Connection::open(port).await, request) else {
        return false;
    };
    connection.0.send_request(request).await.is_ok_and(|answer| answer.status() == 200)
}

/// A request of Anthropic's language. A proxy wants a model; the functions have one.
fn body(prompt: &str, stream: bool) -> Value {
    let messages = json!([{ "role": "user", "content": prompt }]);
    json!({ "model": "claude-sonnet-4-5", "max_tokens": 1000, "stream": stream, "messages": messages })
}

/// The same as API Gateway hands it to a function.
fn event(prompt: &str, stream: bool) -> String {
    let request = GatewayRequest {
        method: "POST".to_owned(),
        path: "/v1/messages".to_owned(),
        body: body(prompt, stream).to_string().into_bytes(),
        ..GatewayRequest::default()
    };
    rest_event(&request, "prod").to_string()
}

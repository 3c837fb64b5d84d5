//! A stand-in for Amazon Bedrock in Tokyo: it refuses what Bedrock refuses, and answers or fails as the prompt asks.
//!
//! It listens on plain HTTP (or over TLS, for a benchmark), but believes in the `Host` header: a request reaches it through
//! [`crate::transport`], signed for the real endpoint. What to do with a request is written in the prompt itself (see [`COMMANDS`]), so that a test,
//! or a person with curl, needs no other channel to it.

mod answer;
mod call;
mod command;
mod count;
mod door;
mod operation;
mod prepared;
mod refusal;
mod rules;
mod state;
mod stream;
mod thought;
mod whole;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;

use self::state::State;
use crate::server::{Server, lock};

pub use self::command::COMMANDS;
pub use self::operation::Operation;

/// A running stand-in; dropping it closes its port.
#[derive(Debug)]
pub struct Bedrock {
    server: Server,
    state: Arc<State>,
}

/// A request that arrived, whether it was answered, refused or left hanging.
#[derive(Debug, Clone)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent, percent-encoding and query included.
    pub path: String,
    /// The `Host` header, which says where the request would have gone without the stand-in; empty if there was none.
    pub host: String,
    /// The headers in the order of their arrival, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
    /// The status that it was given; `None` while it waits, and for ever if the connection was dropped instead.
    pub status: Option<u16>,
    /// The request ID that the answer carries, by which a log line can be matched with its call.
    pub request_id: String,
    /// What it asked for; `None` if no operation has its path and method.
    pub operation: Option<Operation>,
    /// Whether it asked for its answer as a stream.
    pub streamed: bool,
    /// The Messages request in the body: for CountTokens what its envelope carries, for the others the body itself; null if
    /// there is none.
    pub request: Value,
    /// When the first chunk of the stream was handed to the network.
    pub first_chunk_at: Option<Instant>,
    /// How many chunks of the stream have been sent so far; exceptions and broken frames are none.
    pub chunks_sent: usize,
    /// The native events of those chunks, byte for byte, to hold against what a client received.
    pub events_sent: Vec<Bytes>,
    /// Whether the stream was sent to its end, be that an exception; never so for one that its client left, and for one
    /// that was dropped or stalls.
    pub stream_ended: bool,
    /// The last text of the last user message, or nothing if the body has none.
    pub prompt: String,
    /// Why this call was not bound to Japan, if it was not.
    stray: Option<String>,
}

impl Bedrock {
    /// Starts a stand-in on a free loopback port, on the caller's tokio runtime.
    ///
    /// # Errors
    ///
    /// Only when the machine has no port to give.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| Arc::clone(&shared).handle(request)).await?;
        Ok(Self { server, state })
    }

    /// Starts one over TLS, with this certificate. Clients that can dial no other host than the one that they sign for may know
    /// it as `localhost` with its port; everything else stays as strict, and such a call is not bound to Japan.
    ///
    /// # Errors
    ///
    /// Only when the machine has no port to give.
    pub async fn start_over_tls(certificate: Arc<ServerConfig>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let state = Arc::new(State::also_at(format!("localhost:{}", listener.local_addr()?.port())));
        let shared = Arc::clone(&state);
        let handle = move |request| Arc::clone(&shared).handle(request);
        let server = Server::serve(listener, Some(certificate.into()), handle)?;
        Ok(Self { server, state })
    }

    /// Where it listens, over plain HTTP or over TLS.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Everything that arrived so far, answered or refused, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state.calls).clone()
    }

    /// How many calls had this text in their prompt; a retry counts as a call of its own.
    #[must_use]
    pub fn calls_for(&self, text: &str) -> usize {
        lock(&self.state.calls).iter().filter(|call| call.prompt.contains(text)).count()
    }

    /// Whether every call so far was bound to Japan, so that one assertion covers a whole test.
    ///
    /// # Errors
    ///
    /// A sentence about the first call whose host, profile or credential scope was not Tokyo's. CountTokens is such a call,
    /// because it names the bare model.
    pub fn everything_was_pinned(&self) -> Result<(), String> {
        let stray = lock(&self.state.calls).iter().find_map(|call| call.stray.clone());
        stray.map_or(Ok(()), Err)
    }

    /// How many connections are open now, to see that a client pools them.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.server.connections().open()
    }

    /// How many connections there have been since the start.
    #[must_use]
    pub fn connections_accepted(&self) -> usize {
        self.server.connections().accepted()
    }

    /// Closes every open connection at once, as happens to a pooled one while Lambda has the function frozen. One that
    /// is in the middle of a request is closed too.
    pub fn close_idle_connections(&self) {
        self.server.connections().close_all();
    }
}

/// Holds a body against Bedrock's rules without sending it, for tests of what writes such bodies.
///
/// # Errors
///
/// The message of the `ValidationException` that it would be refused with.
pub fn check(body: &[u8], operation: Operation) -> Result<(), String> {
    rules::read(body, operation).map(drop)
}

#[cfg(test)]
mod tests;

//! A small HTTP/1.1 server on a free loopback port, whose connections can be counted, and closed under the client.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinHandle};
use tokio_rustls::TlsAcceptor;

/// The body of an answer: boxed, because some answers are whole and others may be streamed or broken off.
pub(crate) type Body = UnsyncBoxBody<Bytes, Hangup>;

/// What a handler returns instead of an answer to have the connection closed without one.
#[derive(Debug)]
pub(crate) struct Hangup;

impl fmt::Display for Hangup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the stand-in hung up, as it was asked to")
    }
}

impl std::error::Error for Hangup {}

/// A body whose every byte is known, sent with its `content-length`.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// A lock that a panicked test cannot poison for the others: the state behind it is only ever replaced whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A listening server; dropping it closes the port and every connection.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
    connections: Arc<Connections>,
}

impl Server {
    /// Binds a free loopback port and answers with `handle` until dropped, on the caller's tokio runtime.
    pub(crate) async fn start<H, F>(handle: H) -> io::Result<Self>
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Result<Response<Body>, Hangup>> + Send + 'static,
    {
        Self::serve(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?, None, handle)
    }

    /// Answers with `handle` on a listener that is bound already, over TLS where there is somebody to accept it.
    pub(crate) fn serve<H, F>(listener: TcpListener, tls: Option<TlsAcceptor>, handle: H) -> io::Result<Self>
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Result<Response<Body>, Hangup>> + Send + 'static,
    {
        let address = listener.local_addr()?;
        let connections = Arc::new(Connections { tls, ..Connections::default() });
        let accepting = tokio::spawn(accept(listener, handle, Arc::clone(&connections)));
        Ok(Self { address, accepting, connections })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        self.connections.close_all();
    }
}

async fn accept<H, F>(listener: TcpListener, handle: H, connections: Arc<Connections>)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<Body>, Hangup>> + Send + 'static,
{
    // An accept fails only when the machine is out of sockets; the next client may still be served.
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        // A connection that cannot be set up is dropped, which its client sees at once.
        let _ = connections.serve(stream, handle.clone());
    }
}

/// The connections of one server: the open ones, and how many there have ever been.
#[derive(Default)]
pub(crate) struct Connections {
    tls: Option<TlsAcceptor>,
    ledger: Mutex<Ledger>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connections").field("ledger", &self.ledger).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Ledger {
    accepted: usize,
    open: HashMap<usize, Open>,
}

#[derive(Debug)]
struct Open {
    /// A second handle on the socket, through which it is closed at once instead of when its task next runs.
    socket: std::net::TcpStream,
    task: AbortHandle,
}

impl Connections {
    /// How many connections are open now.
    pub(crate) fn open(&self) -> usize {
        lock(&self.ledger).open.len()
    }

    /// How many connections have been accepted since the start.
    pub(crate) fn accepted(&self) -> usize {
        lock(&self.ledger).accepted
    }

    /// Closes every open connection, in the middle of a request too.
    pub(crate) fn close_all(&self) {
        for (_, connection) in lock(&self.ledger).open.drain() {
            // The peer may have been quicker, and then there is nothing left to shut down.
            let _ = connection.socket.shutdown(Shutdown::Both);
            connection.task.abort();
        }
    }

    fn serve<H, F>(self: &Arc<Self>, stream: TcpStream, handle: H) -> io::Result<()>
    where
        H: Fn(Request<Incoming>) -> F + Send + 'static,
        F: Future<Output = Result<Response<Body>, Hangup>> + Send + 'static,
    {
        stream.set_nodelay(true)?;
        let stream = stream.into_std()?;
        let socket = stream.try_clone()?;
        let stream = TcpStream::from_std(stream)?;
        // Held until the connection is in the ledger, so that its task cannot take itself out before that.
        let mut ledger = lock(&self.ledger);
        let number = ledger.accepted;
        let connections = Arc::clone(self);
        let task = tokio::spawn(async move {
            // An error here is a client that left or a Hangup: both are how a connection ends.
            let http = hyper::server::conn::http1::Builder::new();
            match &connections.tls {
                None => drop(http.serve_connection(TokioIo::new(stream), service_fn(handle)).await),
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        drop(http.serve_connection(TokioIo::new(stream), service_fn(handle)).await);
                    }
                }
            }
            lock(&connections.ledger).open.remove(&number);
        });
        ledger.accepted += 1;
        ledger.open.insert(number, Open { socket, task: task.abort_handle() });
        Ok(())
    }
}

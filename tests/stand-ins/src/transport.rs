//! The way from the function to the stand-ins: a client that dials the loopback interface, whatever host is asked for.

use std::net::SocketAddr;

use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::Uri;

/// What a prompt says to make the connector of [`panicking`] panic.
pub const PANIC_COMMAND: &str = "stand-in: panic";

/// A word of the panic's message, to look for where no panic message may appear.
pub const PANIC_CANARY: &str = "panic-message-canary";

/// A client that sends every request to this address over plain HTTP, with the `Host` of the one that was asked for.
/// Path, query, headers and body stay as they are, so the signature stays valid. Connections are pooled, and the
/// caller's time-outs hold, as with the real transport.
#[must_use]
pub fn loopback(bedrock: SocketAddr) -> SharedHttpClient {
    let inner = Builder::new().build_http();
    http_client_fn(move |settings: &HttpConnectorSettings, components| {
        SharedHttpConnector::new(Loopback { address: bedrock, inner: inner.http_connector(settings, components) })
    })
}

/// The same client, except that it panics in the middle of a call whose body says [`PANIC_COMMAND`]: the one way to
/// make a handler panic from outside, without a line in the function that knows of it.
#[must_use]
pub fn panicking(inner: SharedHttpClient) -> SharedHttpClient {
    http_client_fn(move |settings: &HttpConnectorSettings, components| {
        SharedHttpConnector::new(Panicking { inner: inner.http_connector(settings, components) })
    })
}

#[derive(Debug)]
struct Loopback {
    address: SocketAddr,
    inner: SharedHttpConnector,
}

impl Loopback {
    fn redirect(&self, request: &mut HttpRequest) -> Result<(), ConnectorError> {
        let uri: Uri = request.uri().parse().map_err(|error| ConnectorError::user(Box::new(error)))?;
        let host = uri.authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        request
            .set_uri(format!("http://{}{path}", self.address))
            .map_err(|error| ConnectorError::user(Box::new(error)))?;
        request.headers_mut().insert("host", host);
        Ok(())
    }
}

impl HttpConnector for Loopback {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        match self.redirect(&mut request) {
            Ok(()) => self.inner.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(error)),
        }
    }
}

#[derive(Debug)]
struct Panicking {
    inner: SharedHttpConnector,
}

impl HttpConnector for Panicking {
    #[expect(clippy::panic, reason = "panicking is what this connector is for")]
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let command = PANIC_COMMAND.as_bytes();
        let body = request.body().bytes().unwrap_or_default();
        if body.windows(command.len()).any(|window| window == command) {
            panic!("{PANIC_CANARY}: the prompt asked the transport to panic");
        }
        self.inner.call(request)
    }
}

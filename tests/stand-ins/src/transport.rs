//! The way from the function to the stand-ins: a client that dials the loopback interface, whatever host is asked for.

mod mischief;

use std::net::SocketAddr;

use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::Uri;

use self::mischief::Mischief;

/// What a prompt says to make the connector of [`wilful`] panic.
pub const PANIC_COMMAND: &str = "stand-in: panic";

/// What a prompt says to make the body of its answer panic after a few frames of a stream.
pub const STREAM_PANIC_COMMAND: &str = "let the transport panic in mid-stream";

/// What a prompt says before the sizes in bytes, with blanks between them, of the pieces in which its answer then arrives,
/// one size after another and from the start again: no reader may depend on where a network cuts.
pub const CUT_COMMAND: &str = "let the transport cut the answer into pieces of ";

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

/// The same for several services: each host is known by its first label, such as `sqs`. A host that is not listed cannot be
/// reached, as if there were no network.
#[must_use]
pub fn loopback_by_service(services: Vec<(&'static str, SocketAddr)>) -> SharedHttpClient {
    let clients: Vec<_> = services.into_iter().map(|(service, address)| (service, loopback(address))).collect();
    http_client_fn(move |settings: &HttpConnectorSettings, components| {
        let connect =
            |(service, client): &(_, SharedHttpClient)| (*service, client.http_connector(settings, components));
        SharedHttpConnector::new(ByService(clients.iter().map(connect).collect()))
    })
}

/// The same client with a will of its own: it panics in the middle of a call whose body says [`PANIC_COMMAND`], and in the
/// middle of the answer to one that says [`STREAM_PANIC_COMMAND`]; after [`CUT_COMMAND`] it cuts the answer into pieces.
/// So a test can make a handler panic from outside, without a line in the function that knows of it.
#[must_use]
pub fn wilful(inner: SharedHttpClient) -> SharedHttpClient {
    http_client_fn(move |settings: &HttpConnectorSettings, components| {
        SharedHttpConnector::new(Wilful { inner: inner.http_connector(settings, components) })
    })
}

/// The same client, which panics in the middle of every call to a path that begins so.
#[must_use]
pub fn panicking_at(path: String, inner: SharedHttpClient) -> SharedHttpClient {
    http_client_fn(move |settings: &HttpConnectorSettings, components| {
        let inner = inner.http_connector(settings, components);
        SharedHttpConnector::new(PanickingAt { path: path.clone(), inner })
    })
}

#[derive(Debug)]
struct PanickingAt {
    path: String,
    inner: SharedHttpConnector,
}

impl HttpConnector for PanickingAt {
    #[expect(clippy::panic, reason = "panicking is what this connector is for")]
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().parse::<Uri>().is_ok_and(|uri| uri.path().starts_with(&self.path)) {
            panic!("{PANIC_CANARY}: the test asked the transport to panic");
        }
        self.inner.call(request)
    }
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
struct ByService(Vec<(&'static str, SharedHttpConnector)>);

impl HttpConnector for ByService {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let label = request.uri().split_once("://").and_then(|(_, rest)| rest.split_once('.')).map(|(label, _)| label);
        match self.0.iter().find(|(service, _)| Some(*service) == label) {
            Some((_, connector)) => connector.call(request),
            None => HttpConnectorFuture::ready(Err(ConnectorError::io("nothing stands in for this host".into()))),
        }
    }
}

#[derive(Debug)]
struct Wilful {
    inner: SharedHttpConnector,
}

impl HttpConnector for Wilful {
    #[expect(clippy::panic, reason = "panicking is a part of what this connector is for")]
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let prompt = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        if prompt.contains(PANIC_COMMAND) {
            panic!("{PANIC_CANARY}: the prompt asked the transport to panic");
        }
        let answer = self.inner.call(request);
        let Some(mischief) = Mischief::asked_for_in(&prompt) else {
            return answer;
        };
        HttpConnectorFuture::new(async move { Ok(answer.await?.map(|body| mischief.upon(body))) })
    }
}

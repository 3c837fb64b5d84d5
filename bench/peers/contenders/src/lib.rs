//! The way from the functions in Rust to the stand-in: production's TLS stack with a root of the benchmark's, dialling loopback.

#![expect(clippy::disallowed_methods, reason = "where the stand-in listens is the benchmark's own, and no setting")]

use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::Uri;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// The port of the stand-in, and the file with the only root that is trusted.
const PORT: &str = "PEERS_PORT";
const ROOT: &str = "PEERS_ROOT";

/// The roots that the production function trusts, so that reading them is a part of the first connection here too.
const AMAZON: &[u8] = include_bytes!("../../../../src/residency/amazon-roots.pem");

/// As long as the production function keeps an idle connection.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// A client whose every request goes to the stand-in on loopback, over TLS, with the name of the host that was asked for as its
/// SNI and its `Host`: so the signature stays valid, and the certificate is checked against that name.
///
/// # Errors
/// When the benchmark has not said where the stand-in is.
pub fn transport() -> Result<SharedHttpClient, Box<dyn Error + Send + Sync>> {
    let port = std::env::var(PORT)?.parse()?;
    let root = std::fs::read(std::env::var(ROOT)?)?;
    let trust = TrustStore::empty().with_pem_certificate(AMAZON).with_pem_certificate(root.as_slice());
    let context: TlsContext = tls::TlsContext::builder().with_trust_store(trust).build()?;
    let inner = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .pool_idle_timeout(POOL_IDLE)
        .build_with_resolver(Loopback);
    Ok(http_client_fn(move |settings: &HttpConnectorSettings, components| {
        SharedHttpConnector::new(AtPort { port, inner: inner.http_connector(settings, components) })
    }))
}

/// Every name is this machine's.
#[derive(Clone, Debug)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, _name: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))
    }
}

/// Adds the port, which nobody but root could bind if it were 443.
#[derive(Debug)]
struct AtPort {
    port: u16,
    inner: SharedHttpConnector,
}

impl AtPort {
    fn redirect(&self, request: &mut HttpRequest) -> Result<(), ConnectorError> {
        let user = |error: Box<dyn Error + Send + Sync>| ConnectorError::user(error);
        let uri: Uri = request.uri().parse().map_err(|error: http::uri::InvalidUri| user(error.into()))?;
        let host = uri.host().unwrap_or_default().to_owned();
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("https://{host}:{}{path}", self.port);
        request.set_uri(uri).map_err(|error| user(error.into()))?;
        request.headers_mut().insert("host", host);
        Ok(())
    }
}

impl HttpConnector for AtPort {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        match self.redirect(&mut request) {
            Ok(()) => self.inner.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(error)),
        }
    }
}

//! Somebody in the middle, with a certificate authority of their own, to which the environment points.

use super::child::{self, keys, tell};
use super::trap::Trap;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::{Client, Config};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// How the child of a test is told where to dial, and with whose trust.
const DIAL: &str = "KOKUNAI_TEST_DIAL";
const TRUST: &str = "KOKUNAI_TEST_TRUST";

/// A server with a certificate of its own making; it tells what it could read of each connection, or that it could not.
async fn somebody_in_the_middle() -> (String, String, mpsc::UnboundedReceiver<Result<String, String>>) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let (heard, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let reading = async {
                let mut stream = acceptor.accept(connection).await.map_err(|error| error.to_string())?;
                let mut bytes = [0; 4096];
                let read = stream.read(&mut bytes).await.map_err(|error| error.to_string())?;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
                Ok(String::from_utf8_lossy(&bytes[..read]).into_owned())
            };
            let _ = heard.send(reading.await);
        }
    });
    (url, certified.cert.pem(), hears)
}

/// Dials somebody in the middle from a process whose environment says that their authority is to be trusted.
async fn dialled(trust: &str) -> (Vec<String>, Result<String, String>) {
    let trap = Trap::set().await;
    let (url, certificate, mut hears) = somebody_in_the_middle().await;
    std::fs::write(trap.folder.join("certificates/ca.pem"), certificate).unwrap();
    let mut environment = trap.everything();
    environment.extend(keys());
    environment.extend([(DIAL, url.as_str()), (TRUST, trust)].map(|(name, value)| (name.to_owned(), value.to_owned())));
    let told = child::run("residency::roots::dialling", &environment).await;
    assert_eq!((trap.caught(), trap.marks()), (0, Vec::new()));
    (told, hears.recv().await.unwrap())
}

#[tokio::test]
async fn nobody_in_the_middle_is_believed_whatever_the_environment_trusts() {
    let (told, heard) = dialled("kokunai").await;
    assert!(told.join("\n").contains("UnknownIssuer"), "{told:?}");
    assert!(heard.is_err(), "a prompt was read: {heard:?}");
}

#[tokio::test]
async fn a_client_that_trusts_the_system_believes_them() {
    let (told, heard) = dialled("system").await;
    assert_eq!(told, ["answered"]);
    assert!(heard.is_ok_and(|request| request.contains("/invoke HTTP/1.1")));
}

#[tokio::test]
#[ignore = "the tests above start it, each with an environment of its own"]
#[expect(clippy::disallowed_methods, reason = "it is told what to do through its environment")]
async fn dialling() {
    let transport: SharedHttpClient = match std::env::var(TRUST).unwrap().as_str() {
        "kokunai" => kokunai::residency::https(),
        _ => Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https(),
    };
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(std::env::var(DIAL).unwrap())
        .http_client(transport)
        .build();
    let call = Client::from_conf(config).invoke_model().model_id("model").body(Blob::new("{}"));
    match call.send().await {
        Ok(_) => tell("answered"),
        Err(error) => tell(&DisplayErrorContext(error).to_string()),
    }
}

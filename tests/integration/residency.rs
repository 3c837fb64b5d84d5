//! The pin, from outside: traps on loopback that every variable and file points at, and that must stay empty.

use crate::stage::{Stage, event, example, production};
use stand_ins::bedrock::Bedrock;
use stand_ins::function::Function;
use stand_ins::gateway::{GatewayAnswer, Mode};
use stand_ins::runtime_api::{Invocation, RuntimeApi};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

/// A listener that counts who falls for it.
struct Trap {
    url: String,
    caught: Arc<AtomicUsize>,
    folder: std::path::PathBuf,
}

impl Trap {
    async fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let caught = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&caught);
        tokio::spawn(async move {
            while let Ok(connection) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        let folder = std::env::temp_dir().join(format!("kokunai-trap-{}", url.rsplit(':').next().unwrap()));
        std::fs::create_dir_all(&folder).unwrap();
        Self { url, caught, folder }
    }

    /// Every variable that redirects a client which is built as the SDK's guides say.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let config = self.folder.join("config");
        let services = format!(
            "[services trap]\nbedrock_runtime =\n  endpoint_url = {url}\nsts =\n  endpoint_url = {url}\n",
            url = self.url
        );
        let profile = format!(
            "[profile trap]\nregion = us-east-1\nendpoint_url = {url}\nservices = trap\nuse_fips_endpoint = true\n",
            url = self.url
        );
        std::fs::write(&config, format!("{profile}{}{services}", profile.replace("profile trap", "default"))).unwrap();
        let config = config.to_str().unwrap().to_owned();
        let urls = [
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
            "AWS_ENDPOINT_URL_STS",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ];
        let mut environment: Vec<_> = urls.into_iter().map(|name| (name, self.url.clone())).collect();
        environment.extend([
            ("AWS_BEARER_TOKEN_BEDROCK", "bearer-token".to_owned()),
            ("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth".to_owned()),
            ("AWS_USE_FIPS_ENDPOINT", "true".to_owned()),
            ("AWS_USE_DUALSTACK_ENDPOINT", "true".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_PROFILE", "trap".to_owned()),
            ("AWS_CONFIG_FILE", config.clone()),
            ("AWS_SHARED_CREDENTIALS_FILE", config),
        ]);
        environment
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn borrowed<'a>(environment: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    environment.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn the_production_binary_sends_the_trap_nothing() {
    let trap = Trap::set().await;
    let environment = trap.environment();
    let runtime = RuntimeApi::start().await.unwrap();
    let function = Function::spawn(&production(), runtime.address(), &borrowed(&environment)).unwrap();
    let outcome = runtime.invoke(Invocation::new(event("http-messages")).timeout(Duration::from_secs(15))).await;
    let answer = GatewayAnswer::from_outcome(&outcome, Mode::Buffered);
    // Its credentials are no real ones: without a network it reaches nobody, and with one Tokyo refuses it.
    assert!(answer.status >= 500, "{}: {}", answer.status, answer.text());
    let line = function.wait_for_line(|line| line.contains("residency.profile"), Duration::from_secs(20)).await;
    assert!(line.is_some(), "it did try to call Bedrock");
    assert_eq!(trap.caught.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_twins_requests_stay_pinned_whatever_the_environment_says() {
    let trap = Trap::set().await;
    let environment = trap.environment();
    let stage = Stage::with(&borrowed(&environment)).await;
    assert_eq!(stage.http(event("http-messages")).await.status, 200);
    stage.bedrock.everything_was_pinned().unwrap();
    let call = &stage.bedrock.calls()[0];
    assert_eq!(call.host, "bedrock-runtime.ap-northeast-1.amazonaws.com");
    assert_eq!(call.path.replace("%3A", ":"), "/model/jp.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke");
    assert_eq!(trap.caught.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_trap_counts_who_falls_for_it() {
    let trap = Trap::set().await;
    let address = trap.url.strip_prefix("http://").unwrap();
    drop(tokio::net::TcpStream::connect(address).await.unwrap());
    tokio::time::timeout(Duration::from_secs(20), async {
        while trap.caught.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn without_credentials_the_prompt_fails_and_says_why() {
    let bedrock = Bedrock::start().await.unwrap();
    let runtime = RuntimeApi::start().await.unwrap();
    let address = bedrock.address().to_string();
    let environment = [
        ("STAND_IN_BEDROCK", address.as_str()),
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_SESSION_TOKEN", ""),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("HOME", "/nonexistent"),
    ];
    let function = Function::spawn(&example("twin"), runtime.address(), &environment).unwrap();
    let outcome = runtime.invoke(Invocation::new(event("http-messages"))).await;
    let answer = GatewayAnswer::from_outcome(&outcome, Mode::Buffered);
    assert_eq!(answer.status, 500, "{}", answer.text());
    let line =
        function.wait_for_line(|line| line.contains("\"error.label\":\"credentials\""), Duration::from_secs(20)).await;
    assert!(line.is_some(), "{:?}", function.lines());
    assert!(bedrock.calls().is_empty());
}

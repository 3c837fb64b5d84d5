//! The Runtime API as a function meets it, spoken by hand over a socket.

mod streams;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::fake::{Post, send, take};
use super::*;

/// The trailers of a function that failed after it had begun to answer.
const BROKEN: &str = "lambda-runtime-function-error-type: Broken\r\nlambda-runtime-function-error-body: eA==\r\n";

async fn post(api: SocketAddr, path: &str, headers: &str, body: &[u8]) -> String {
    let head = format!("POST /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}");
    let head = format!("{head}content-length: {}\r\n\r\n", body.len());
    send(api, &[head.as_bytes(), body].concat()).await
}

async fn start() -> (RuntimeApi, SocketAddr) {
    let api = RuntimeApi::start().await.expect("a free port");
    let address = api.address();
    (api, address)
}

#[tokio::test]
async fn an_event_goes_in_and_its_answer_comes_out() {
    let (api, address) = start().await;
    let outcome = api.invoke(Invocation::new("{\"prompt\":\"x\"}").trace_id("Root=1-a-b"));
    let (id, next) = take(address).await;
    api.polled().await;
    for expected in ["{\"prompt\":\"x\"}", "lambda-runtime-deadline-ms: 1", FUNCTION_ARN, "trace-id: Root=1-a-b"] {
        assert!(next.contains(expected), "{next}");
    }
    let posted = post(address, &format!("invocation/{id}/response"), "", b"{\"a\":1}").await;
    assert!(posted.starts_with("HTTP/1.1 202"), "{posted}");
    let answered = outcome.await.answered();
    assert_eq!((&answered.request_id, answered.streamed), (&id, false));
    assert_eq!(answered.json(), json!({ "a": 1 }));
    let again = post(address, &format!("invocation/{id}/response"), "", b"{}").await;
    assert!(again.starts_with("HTTP/1.1 403"), "{again}");
}

#[tokio::test]
async fn several_polls_wait_at_once_and_each_gets_an_event() {
    let (api, address) = start().await;
    let polls = [tokio::spawn(take(address)), tokio::spawn(take(address))];
    api.polled().await;
    let _outcomes = [api.invoke(Invocation::new("1")), api.invoke(Invocation::new("2"))];
    let mut ids = Vec::new();
    for poll in polls {
        ids.push(poll.await.expect("an event").0);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_stream_is_put_together_with_the_error_in_its_trailers() {
    let (api, address) = start().await;
    let outcome = api.invoke(Invocation::new("{}"));
    let (id, _) = take(address).await;
    let mut post = Post::begin(address, &id, "text/x").await;
    for chunk in ["one", "two"] {
        post.chunk(chunk).await.expect("a written chunk");
    }
    post.end(BROKEN).await;
    let answered = outcome.await.answered();
    assert_eq!((&answered.body[..], answered.streamed), (&b"onetwo"[..], true));
    assert_eq!(answered.content_type.as_deref(), Some("text/x"));
    assert_eq!(answered.stream_error, Some(("Broken".to_owned(), "eA==".to_owned())));
}

#[tokio::test]
async fn an_error_comes_out_as_a_failure() {
    let (api, address) = start().await;
    let outcome = api.invoke(Invocation::new("{}"));
    let (id, _) = take(address).await;
    let body = br#"{"errorType":"Throttled","errorMessage":"Too many","stackTrace":[]}"#;
    post(address, &format!("invocation/{id}/error"), "", body).await;
    let Outcome::Failed(failed) = outcome.await else { panic!("not a failure") };
    assert_eq!((failed.error_type.as_str(), failed.message.as_str()), ("Throttled", "Too many"));
    assert!(failed.raw.contains("stackTrace"));
}

#[tokio::test]
async fn a_response_that_breaks_off_is_a_failure() {
    let (api, address) = start().await;
    let outcome = api.invoke(Invocation::new("{}"));
    let (id, _) = take(address).await;
    let head = format!(
        "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf"
    );
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("a written request");
    drop(stream);
    assert!(matches!(outcome.await, Outcome::Failed(failed) if failed.error_type == "Runtime.TruncatedResponse"));
}

#[tokio::test]
async fn a_response_over_six_megabytes_is_refused_unless_it_is_streamed() {
    let (api, address) = start().await;
    let body = vec![b' '; MAX_RESPONSE + 1];
    let outcome = api.invoke(Invocation::new("{}"));
    let (id, _) = take(address).await;
    let posted = post(address, &format!("invocation/{id}/response"), "", &body).await;
    assert!(posted.starts_with("HTTP/1.1 413") && posted.contains("RequestEntityTooLarge"), "{posted}");
    assert!(matches!(outcome.await, Outcome::TooLarge { .. }));
    let outcome = api.invoke(Invocation::new("{}"));
    let (id, _) = take(address).await;
    let streaming = "lambda-runtime-function-response-mode: streaming\r\n";
    post(address, &format!("invocation/{id}/response"), streaming, &body).await;
    assert_eq!(outcome.await.answered().body.len(), body.len());
}

#[tokio::test]
async fn an_invocation_without_an_answer_times_out_after_its_deadline() {
    let (api, address) = start().await;
    let outcome = api.invoke(Invocation::new("{}").timeout(Duration::from_millis(50)));
    take(address).await;
    assert!(matches!(outcome.await, Outcome::TimedOut));
}

#[tokio::test]
async fn an_abandoned_event_is_not_handed_out() {
    let (api, address) = start().await;
    drop(api.invoke(Invocation::new("abandoned")));
    let _outcome = api.invoke(Invocation::new("wanted"));
    assert!(take(address).await.1.ends_with("wanted"));
}

#[tokio::test]
async fn unknown_requests_and_paths_are_refused() {
    let (_api, address) = start().await;
    let posted = post(address, "invocation/unknown/response", "", b"{}").await;
    assert!(posted.starts_with("HTTP/1.1 400") && posted.contains("InvalidRequestID"), "{posted}");
    assert!(post(address, "invocation/next", "", b"").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_failed_start_is_reported() {
    let (api, address) = start().await;
    let body = br#"{"errorType":"Settings","errorMessage":"AWS_REGION is not Tokyo"}"#;
    post(address, "init/error", "lambda-runtime-function-error-type: Runtime.InitError\r\n", body).await;
    let error = api.init_error().await;
    assert_eq!((error.error_type.as_str(), error.message.as_str()), ("Settings", "AWS_REGION is not Tokyo"));
    assert_eq!(error.header.as_deref(), Some("Runtime.InitError"));
}

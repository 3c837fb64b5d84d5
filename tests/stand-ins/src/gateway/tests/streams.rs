//! Streamed answers, handed on as they come.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::*;
use crate::runtime_api::fake::{Post, send, take};
use crate::runtime_api::{Invocation, Opened, RuntimeApi};

/// Far more than any step here takes, and far less than an invocation lasts.
const SOON: Duration = Duration::from_secs(10);

const NULS: &str = "\0\0\0\0\0\0\0\0";

async fn begin(content_type: &str, invocation: Invocation) -> (RuntimeApi, Opened, Post) {
    let api = RuntimeApi::start().await.expect("a free port");
    let opened = api.stream(invocation);
    let (id, _) = take(api.address()).await;
    let post = Post::begin(api.address(), &id, content_type).await;
    (api, opened.await, post)
}

/// What becomes of a post of these chunks that does not end.
async fn opened(content_type: &str, mode: Mode, chunks: &[&str]) -> (RuntimeApi, GatewayResponse, Post) {
    let (api, opened, mut post) = begin(content_type, Invocation::new("{}")).await;
    let sending = async {
        for chunk in chunks {
            post.chunk(chunk).await.expect("a written chunk");
            // On its own way, so that it cannot be read together with the next one.
            sleep(Duration::from_millis(5)).await;
        }
    };
    let (response, ()) = timeout(SOON, async { tokio::join!(open(opened, mode), sending) }).await.expect("a response");
    (api, response, post)
}

async fn stream(chunks: &[&str]) -> (RuntimeApi, GatewayStream, Post) {
    match opened(HTTP_STREAM, Mode::Stream, chunks).await {
        (api, GatewayResponse::Stream(stream), post) => (api, stream, post),
        (_, GatewayResponse::Whole(answer), _) => panic!("refused: {answer:?}"),
    }
}

async fn next(stream: &mut GatewayStream) -> Option<Result<Bytes, BrokenOff>> {
    timeout(SOON, stream.chunk()).await.expect("a chunk or the end")
}

fn status(response: &GatewayResponse) -> u16 {
    match response {
        GatewayResponse::Whole(answer) => answer.status,
        GatewayResponse::Stream(stream) => panic!("a stream: {stream:?}"),
    }
}

#[tokio::test]
async fn the_metadata_may_come_in_pieces_and_the_body_flows_before_the_end() {
    let pieces = [r#"{"statusCode":201,"headers":{"x-a":"1"},"#, r#""cookies":["a=1"]}"#, "\0\0\0", "\0\0\0\0\0one"];
    let (_api, mut stream, mut post) = stream(&pieces).await;
    assert_eq!(stream.status, 201);
    let headers = [("x-a", "1"), ("Set-Cookie", "a=1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(stream.headers, headers);
    assert_eq!(next(&mut stream).await, Some(Ok(Bytes::from("one"))));
    assert!(timeout(Duration::from_millis(50), stream.chunk()).await.is_err(), "the post goes on");
    post.chunk("t\0wo").await.expect("a written chunk");
    assert_eq!(next(&mut stream).await, Some(Ok(Bytes::from("t\0wo"))));
    post.end("").await;
    assert_eq!((next(&mut stream).await, next(&mut stream).await), (None, None));
}

#[tokio::test]
async fn the_status_is_known_before_the_body_begins() {
    let (_api, mut stream, post) = stream(&["{\"statusCode\":200}", NULS]).await;
    assert_eq!((stream.status, stream.headers.len()), (200, 0));
    post.end("").await;
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test]
async fn a_malformed_stream_is_refused_before_its_end() {
    let far = format!("{{\"statusCode\":200}}{}", " ".repeat(16 * 1024));
    for chunks in [&[far.as_str(), NULS][..], &["{}", NULS], &["not JSON", NULS]] {
        let (_api, response, _post) = opened(HTTP_STREAM, Mode::Stream, chunks).await;
        assert_eq!(status(&response), 500, "{chunks:?}");
    }
    let (_api, response, _post) = opened("application/octet-stream", Mode::Stream, &[]).await;
    assert_eq!(status(&response), 500);
}

#[tokio::test]
async fn a_stream_without_its_delimiter_is_refused_at_its_end() {
    for (breaks_off, expected) in [(false, 500), (true, 502)] {
        let (_api, opened, mut post) = begin(HTTP_STREAM, Invocation::new("{}")).await;
        post.chunk("{\"statusCode\":200}\0\0\0\0\0\0\0").await.expect("a written chunk");
        if breaks_off {
            drop(post);
        } else {
            post.end("").await;
        }
        assert_eq!(status(&open(opened, Mode::Stream).await), expected);
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_an_error() {
    for trailers in [None, Some("lambda-runtime-function-error-type: Broken\r\n")] {
        let (_api, mut stream, mut post) = stream(&["{\"statusCode\":200}", NULS]).await;
        post.chunk("half").await.expect("a written chunk");
        match trailers {
            None => drop(post),
            Some(trailers) => drop(post.end(trailers).await),
        }
        assert_eq!(next(&mut stream).await, Some(Ok(Bytes::from("half"))));
        assert_eq!((next(&mut stream).await, next(&mut stream).await), (Some(Err(BrokenOff)), None), "{trailers:?}");
    }
}

#[tokio::test]
async fn a_stream_breaks_off_when_the_functions_time_is_over() {
    let late = Invocation::new("{}").timeout(Duration::from_millis(50));
    let (_api, opened, mut post) = begin(HTTP_STREAM, late).await;
    post.chunk(format!("{{\"statusCode\":200}}{NULS}half")).await.expect("a written chunk");
    let GatewayResponse::Stream(mut stream) = open(opened, Mode::Stream).await else { panic!("refused") };
    assert_eq!(next(&mut stream).await, Some(Ok(Bytes::from("half"))));
    assert_eq!(next(&mut stream).await, Some(Err(BrokenOff)));
}

#[tokio::test]
async fn the_two_modes_do_not_understand_each_other() {
    let (_api, unread, mut post) = begin(HTTP_STREAM, Invocation::new("{}")).await;
    post.chunk(format!("{{\"statusCode\":200}}{NULS}x")).await.expect("a written chunk");
    post.end("").await;
    assert_eq!(status(&open(unread, Mode::Buffered).await), 502);
    let api = RuntimeApi::start().await.expect("a free port");
    for (mode, expected) in [(Mode::Stream, 500), (Mode::Buffered, 200)] {
        let whole = api.stream(Invocation::new("{}"));
        let (id, _) = take(api.address()).await;
        let request = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-length: 18\r\n\r\n{{\"statusCode\":200}}"
        );
        send(api.address(), request.as_bytes()).await;
        assert_eq!(status(&open(whole.await, mode).await), expected);
    }
}

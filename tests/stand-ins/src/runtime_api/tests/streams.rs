//! Streamed responses: read as they come, slowly, not to the end, or longer than the function has.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::{sleep, timeout};

use bytes::Bytes;

use super::*;

/// Far more than any step here takes, and far less than an invocation lasts.
const SOON: Duration = Duration::from_secs(10);

/// An invocation whose streamed response has begun, and the post that it comes from.
async fn begin(invocation: Invocation) -> (RuntimeApi, Streaming, Post) {
    let (api, address) = start().await;
    let opened = api.stream(invocation);
    let (id, _) = take(address).await;
    let post = Post::begin(address, &id, "text/x").await;
    let streaming = timeout(SOON, opened).await.expect("a response that has begun").streaming();
    assert_eq!((streaming.request_id(), streaming.content_type()), (id.as_str(), Some("text/x")));
    (api, streaming, post)
}

/// The next chunk, at once.
async fn next(streaming: &mut Streaming) -> Option<Bytes> {
    timeout(SOON, streaming.chunk()).await.expect("a chunk or the end")
}

/// Asserts that the function gets the next event as if nothing had happened.
async fn is_served_again(api: &RuntimeApi) {
    let outcome = api.invoke(Invocation::new("next"));
    let (id, _) = take(api.address()).await;
    post(api.address(), &format!("invocation/{id}/response"), "", b"{}").await;
    assert_eq!(outcome.await.answered().request_id, id);
}

#[tokio::test]
async fn a_chunk_is_read_before_the_next_one_is_sent() {
    let (api, mut streaming, mut sent) = begin(Invocation::new("{}")).await;
    let path = format!("invocation/{}/error", streaming.request_id());
    assert!(post(api.address(), &path, "", b"{}").await.starts_with("HTTP/1.1 403"), "it is being answered already");
    for chunk in ["one", "two"] {
        sent.chunk(chunk).await.expect("a written chunk");
        assert_eq!(next(&mut streaming).await.as_deref(), Some(chunk.as_bytes()));
    }
    assert!(timeout(Duration::from_millis(50), streaming.chunk()).await.is_err(), "the post goes on");
    sent.chunk("three").await.expect("a written chunk");
    let answer = sent.end(BROKEN).await;
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert_eq!(next(&mut streaming).await.as_deref(), Some(&b"three"[..]));
    assert_eq!((next(&mut streaming).await, next(&mut streaming).await), (None, None));
    let answered = streaming.outcome().await.answered();
    assert_eq!((&answered.body[..], answered.streamed), (&b"onetwothree"[..], true));
    assert_eq!(answered.content_type.as_deref(), Some("text/x"));
    assert_eq!(answered.stream_error, Some(("Broken".to_owned(), "eA==".to_owned())));
    is_served_again(&api).await;
}

#[tokio::test]
async fn what_is_no_stream_has_ended_when_it_is_opened() {
    let (api, address) = start().await;
    let opened = api.stream(Invocation::new("{}"));
    let (id, _) = take(address).await;
    post(address, &format!("invocation/{id}/response"), "", b"{}").await;
    assert!(matches!(opened.await, Opened::Ended(Outcome::Answered(Answered { streamed: false, .. }))));
}

#[tokio::test]
async fn the_rest_is_read_after_the_client_has_gone() {
    let (api, mut streaming, mut post) = begin(Invocation::new("{}")).await;
    post.chunk("one").await.expect("a written chunk");
    next(&mut streaming).await;
    drop(streaming);
    for _ in 0..100 {
        // More in all than the sockets would hold if nobody read.
        timeout(SOON, post.chunk(vec![b'x'; 1 << 18])).await.expect("a reader").expect("an open connection");
    }
    let answer = timeout(SOON, post.end("")).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    is_served_again(&api).await;
}

#[tokio::test]
async fn the_post_of_a_client_who_has_gone_can_be_closed() {
    let (api, streaming, mut post) = begin(Invocation::new("{}").departure(Departure::Close)).await;
    drop(streaming);
    let failing = async { while post.chunk(vec![b'x'; 1 << 16]).await.is_ok() {} };
    timeout(SOON, failing).await.expect("a closed connection");
    is_served_again(&api).await;
}

#[tokio::test]
async fn a_post_is_closed_while_it_is_silent_and_while_it_is_not_read() {
    for chunks in [0, 3] {
        let (_api, streaming, mut post) = begin(Invocation::new("{}").departure(Departure::Close)).await;
        for _ in 0..chunks {
            post.chunk("x").await.expect("a written chunk");
        }
        sleep(Duration::from_millis(50)).await;
        drop(streaming);
        assert_eq!(timeout(SOON, post.answer()).await.expect("a closed connection"), "");
    }
}

#[tokio::test]
async fn a_client_can_leave_before_the_first_byte() {
    let (api, address) = start().await;
    let opened = api.stream(Invocation::new("{}").departure(Departure::Close));
    let (id, _) = take(address).await;
    drop(opened);
    let post = Post::begin(address, &id, "text/x").await;
    assert_eq!(timeout(SOON, post.answer()).await.expect("a closed connection"), "");
    is_served_again(&api).await;
}

#[tokio::test]
async fn a_slow_reader_slows_the_post() {
    const CHUNKS: usize = 128;
    const CHUNK: usize = 1 << 18;
    let (_api, streaming, mut post) = begin(Invocation::new("{}")).await;
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let posting = tokio::spawn(async move {
        for _ in 0..CHUNKS {
            post.chunk(vec![b'x'; CHUNK]).await.expect("an open connection");
            count.fetch_add(1, Ordering::Relaxed);
        }
        post.end("").await
    });
    // The sockets hold some megabytes; when nothing more goes into them, the post stands still.
    let mut before = usize::MAX;
    while sent.load(Ordering::Relaxed) != before {
        before = sent.load(Ordering::Relaxed);
        sleep(Duration::from_millis(300)).await;
    }
    assert!(before < CHUNKS, "all was taken in, although nobody read it");
    assert_eq!(streaming.outcome().await.answered().body.len(), CHUNKS * CHUNK);
    assert!(posting.await.expect("a post").starts_with("HTTP/1.1 202"));
}

#[tokio::test]
async fn a_stream_ends_with_the_functions_time() {
    let (api, mut streaming, mut post) = begin(Invocation::new("{}").timeout(Duration::from_millis(50))).await;
    sleep(Duration::from_millis(200)).await;
    post.chunk("late").await.expect("a written chunk");
    assert_eq!(next(&mut streaming).await.as_deref(), Some(&b"late"[..]), "there is a second of grace");
    assert_eq!(next(&mut streaming).await, None);
    for _ in 0..3 {
        post.chunk("too late").await.expect("a written chunk");
    }
    let answer = timeout(SOON, post.end("")).await.expect("a post that nobody holds up any more");
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert_eq!(next(&mut streaming).await, None);
    assert!(matches!(streaming.outcome().await, Outcome::TimedOut));
    is_served_again(&api).await;
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_a_failure() {
    let (_api, mut streaming, mut post) = begin(Invocation::new("{}")).await;
    post.chunk("half").await.expect("a written chunk");
    drop(post);
    assert_eq!(next(&mut streaming).await.as_deref(), Some(&b"half"[..]));
    assert_eq!(next(&mut streaming).await, None);
    let outcome = streaming.outcome().await;
    assert!(matches!(outcome, Outcome::Failed(failed) if failed.error_type == "Runtime.TruncatedResponse"));
}

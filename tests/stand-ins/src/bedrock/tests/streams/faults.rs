//! Streams that go wrong: before their first byte, in the middle, and in silence.

use aws_sdk_bedrockruntime::error::DisplayErrorContext;

use super::*;

#[tokio::test]
async fn each_exception_arrives_after_a_few_deltas_as_the_error_that_it_names() {
    let tokyo = Tokyo::start().await;
    let lines = COMMANDS.lines().filter(|line| line.contains("stand-in: stream-") && line.contains("Exception"));
    let mut seen = 0;
    for line in lines {
        let (usage, meaning) = line.split_once("  ").expect("a usage and a meaning");
        let named = meaning.split_whitespace().next().expect("a name");
        let (events, error) = tokyo.read(&body(&format!("canary {usage}"))).await;
        let error = error.expect(usage);
        let service = error.as_service_error().expect(usage);
        let shown = format!("{service:?}");
        assert!(shown.to_lowercase().starts_with(&named.to_lowercase()), "{named}: {shown}");
        assert_eq!(service.meta().message().is_some_and(|message| message.contains("canary")), usage.contains("valid"));
        assert_eq!((events.len(), tokyo.last_call().chunks_sent), (5, 5), "a start, a block's start, three deltas");
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[tokio::test]
async fn an_exception_can_take_the_place_of_the_first_frame() {
    let tokyo = Tokyo::start().await;
    let (events, error) = tokyo.read(&body("stand-in: first-throttle")).await;
    assert!(events.is_empty(), "{events:?}");
    let error = error.expect("an error");
    assert!(error.as_service_error().is_some_and(ResponseStreamError::is_throttling_exception), "{error:?}");
    let call = tokyo.last_call();
    assert_eq!((call.status, call.chunks_sent), (Some(200), 0));
}

#[tokio::test]
async fn a_broken_frame_and_a_dropped_connection_are_errors() {
    let tokyo = Tokyo::start().await;
    for (command, words) in [("stream-broken", "message checksum"), ("stream-drop", "")] {
        let (events, error) = tokyo.read(&body(&format!("stand-in: {command}"))).await;
        let error = error.expect(command);
        assert!(error.as_service_error().is_none());
        let shown = DisplayErrorContext(&error).to_string();
        assert!(shown.contains(words), "{shown}");
        assert_eq!(events.len(), 5, "{command}");
    }
    assert!(!tokyo.last_call().stream_ended);
}

#[tokio::test]
async fn a_stalled_stream_stays_open_in_silence() {
    let tokyo = Tokyo::start().await;
    let mut stream = tokyo.open("stand-in: stream-stall").await;
    for _ in 0..5 {
        stream.body.recv().await.expect("a stream").expect("a chunk");
    }
    assert!(tokio::time::timeout(Duration::from_millis(200), stream.body.recv()).await.is_err());
    assert_eq!(tokyo.bedrock.open_connections(), 1);
}

#[tokio::test]
async fn commands_work_before_the_first_byte_of_a_stream() {
    let tokyo = Tokyo::start().await;
    for (prompt, named) in [
        ("stand-in: throttle", "ThrottlingException"),
        ("stand-in: denied", "AccessDeniedException"),
        ("stand-in: trottle", "ValidationException"),
    ] {
        let error = tokyo.open_with(&body(prompt)).await.expect_err(prompt);
        assert_eq!(error.code(), Some(named));
    }
    assert!(matches!(tokyo.open_with(&body("stand-in: drop")).await, Err(SdkError::DispatchFailure(_))));
    let patience = Duration::from_millis(100);
    assert!(tokio::time::timeout(patience, tokyo.open_with(&body("stand-in: stall"))).await.is_err());
    let odd = tokyo.events(&body("stand-in: odd-shape")).await;
    assert_eq!(odd, [json!({ "hello": 1 })]);
    assert!(tokyo.events(&body("stand-in: empty")).await.is_empty());
    let truncated = tokyo.events(&body("stand-in: truncated")).await;
    assert_eq!(truncated.last().map(|event| &event["type"]), Some(&json!("content_block_delta")));
}

#[tokio::test]
async fn a_whole_answer_refuses_what_needs_a_stream() {
    let tokyo = Tokyo::start().await;
    for command in ["pace 10", "chunks 3", "quiet 10", "first-throttle", "stream-throttle", "stream-stall"] {
        let refusal = tokyo.ask(&format!("stand-in: {command}")).await.expect_err(command);
        assert_eq!(refusal.code(), Some("ValidationException"));
        assert!(refusal.message().is_some_and(|message| message.contains("needs a stream")), "{command}");
    }
}

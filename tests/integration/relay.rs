//! The relay: chunk by chunk, to the end when the client leaves, and with an error event when it panics itself.

use crate::stage::Stage;
use crate::streams::{events, streamed};
use serde_json::{Value, json};
use stand_ins::gateway::GatewayStream;
use stand_ins::runtime_api::Departure;
use stand_ins::transport::STREAM_PANIC_COMMAND;
use std::time::Duration;

/// Reads a stream until an event of this kind has come.
async fn read_until(stream: &mut GatewayStream, kind: &str) {
    let mut read = String::new();
    while !read.contains(kind) {
        // What was searched before is kept only as far as a name may be cut in two.
        let tail = read.char_indices().rev().nth(kind.len()).map_or(0, |(index, _)| index);
        read.drain(..tail);
        let chunk = stream.chunk().await.unwrap_or_else(|| panic!("the stream ended before {kind}: {read}"));
        read += &String::from_utf8_lossy(&chunk.unwrap());
    }
}

/// A question whose answer is a stream that `command` shapes.
fn question(command: &str) -> Value {
    let mut body = streamed(&format!("stand-in: {command}"));
    body["max_tokens"] = json!(64_000);
    body
}

#[tokio::test]
async fn an_event_arrives_before_the_next_one_is_sent() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    let mut stream = stage.open(&question("pace 300"), Departure::ReadOn).await;
    assert_eq!(stream.status, 200);
    read_until(&mut stream, "message_start").await;
    let call = stage.bedrock.calls().pop().unwrap();
    assert!(call.chunks_sent <= 2 && !call.stream_ended, "the first event was not held back: {}", call.chunks_sent);
    read_until(&mut stream, "message_stop").await;
    assert!(stream.chunk().await.is_none());
}

#[tokio::test]
async fn a_client_that_leaves_leaves_a_line_with_the_true_usage() {
    for departure in [Departure::ReadOn, Departure::Close] {
        let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
        let mut stream = stage.open(&question("chunks 3000"), departure).await;
        read_until(&mut stream, "content_block_delta").await;
        drop(stream);
        let line = &stage.prompt_lines(1).await[0];
        let call = stage.bedrock.calls().pop().unwrap();
        assert!(call.stream_ended, "{departure:?}: Bedrock was read to the end");
        let end = call.events_sent.iter().rev().find(|event| event.starts_with(br#"{"type":"message_delta""#)).unwrap();
        let end: Value = serde_json::from_slice(end).unwrap();
        assert_eq!(line["tokens.output"], end["usage"]["output_tokens"], "{departure:?}");
        assert!(line["cost_usd"].as_f64().unwrap() > 0.0, "{departure:?}");
        assert_eq!((&line["status"], &line["stop_reason"]), (&json!(200), &json!("end_turn")), "{departure:?}");
        if departure == Departure::Close {
            assert_eq!(line["client_gone"], true);
        }
        let errors = stage.function.json_lines().into_iter().filter(|line| line["level"] == "ERROR");
        assert_eq!(errors.collect::<Vec<_>>(), Vec::<Value>::new(), "a departure is no error");
        assert_eq!(stage.ask("the next prompt").await.status, 200, "{departure:?}: the process goes on");
        assert_eq!(stage.prompt_lines(2).await[1]["cold_start"], false, "{departure:?}: it is the same process");
    }
}

#[tokio::test]
async fn the_next_poll_waits_for_a_stream_that_nobody_reads() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    let mut stream = stage.open(&question("pace 100"), Departure::Close).await;
    read_until(&mut stream, "message_start").await;
    drop(stream);
    // It is handed to the function at its next poll, and so after the first prompt's line.
    assert_eq!(stage.ask("the next prompt").await.status, 200);
    let lines = stage.prompt_lines(2).await;
    assert_eq!((&lines[0]["stream"], &lines[1]["stream"]), (&json!(true), &json!(false)));
    assert!(stage.bedrock.calls()[0].stream_ended);
}

#[tokio::test]
async fn a_client_that_leaves_a_broken_stream_leaves_its_label() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream"), ("STREAM_IDLE_SECONDS", "1")]).await;
    let mut stream = stage.open(&question("stream-stall"), Departure::Close).await;
    read_until(&mut stream, "content_block_delta").await;
    drop(stream);
    let line = &stage.prompt_lines(1).await[0];
    assert_eq!((&line["error.label"], &line["stream"]), (&json!("timeout"), &json!(true)));
    // The answer quotes the prompt, so that it is much longer than what waits for a client.
    let long = format!("truncated\n{}", "x".repeat(100_000));
    let mut stream = stage.open(&question(&long), Departure::Close).await;
    read_until(&mut stream, "message_start").await;
    drop(stream);
    assert_eq!(stage.prompt_lines(2).await[1]["error.label"], "unreachable", "gone or not, it was no whole answer");
}

#[tokio::test]
async fn a_panic_in_mid_stream_is_an_error_event_and_the_process_goes_on() {
    for mode in ["stream", "buffered"] {
        let stage = Stage::with(&[("RESPONSE_MODE", mode)]).await;
        let answer = stage.post("/v1/messages", &streamed(STREAM_PANIC_COMMAND)).await;
        let events = events(&answer);
        assert_eq!(events.first().unwrap().kind, "message_start", "{mode}");
        let last = events.last().unwrap();
        assert!(last.kind == "error" && last.data.contains("api_error"), "{mode}: {last:?}");
        assert_eq!(stage.prompt_lines(1).await[0]["error.label"], "internal", "{mode}");
        assert_eq!(stage.ask("the next prompt").await.status, 200, "{mode}");
    }
}

/// How many chunks of its last stream the stand-in has sent, once that is no longer growing.
async fn held_back_at(stage: &Stage) -> usize {
    let mut sent = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let now = stage.bedrock.calls().pop().unwrap().chunks_sent;
        if now == sent {
            return now;
        }
        sent = now;
    }
}

/// More than all buffers on the way hold, 64 KiB in each chunk: Linux gives a socket that receives up to 32 MB, and one that sends up
/// to 4, and there are two of each. On a busy machine the stand-in takes seconds to think of it.
const WIDE_CHUNKS: usize = 1_300;

#[tokio::test]
async fn a_stream_waits_for_a_slow_client() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream"), ("STREAM_IDLE_SECONDS", "6")]).await;
    let mut stream = stage.open(&question(&format!("wide {WIDE_CHUNKS}")), Departure::ReadOn).await;
    read_until(&mut stream, "message_start").await;
    let held_back = held_back_at(&stage).await;
    assert!(held_back < WIDE_CHUNKS, "Bedrock is held back, or all of it would be in memory");
    // The client's own slowness is not the model's silence.
    tokio::time::sleep(Duration::from_secs(6)).await;
    read_until(&mut stream, "message_stop").await;
    assert_eq!(stage.prompt_lines(1).await[0]["status"], 200);
}

#[tokio::test]
async fn a_client_that_reads_too_slowly_for_the_budget_is_told_so_in_the_end() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream"), ("TIME_BUDGET_SECONDS", "10")]).await;
    let mut stream = stage.open(&question(&format!("wide {WIDE_CHUNKS}")), Departure::ReadOn).await;
    read_until(&mut stream, "message_start").await;
    let line = &stage.prompt_lines(1).await[0];
    assert_eq!(line["error.label"], "timeout", "the prompt ends with its budget, whether anybody reads or not");
    read_until(&mut stream, "event: error").await;
    assert!(stream.chunk().await.is_none(), "that was the last event");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn two_thousand_chunks_need_no_more_memory_than_a_few() {
    let stage = Stage::with(&[("RESPONSE_MODE", "stream")]).await;
    stage.post("/v1/messages", &streamed("warm up")).await;
    let peak = || stand_ins::usage::peak_memory(stage.function.pid()).unwrap();
    let before = peak();
    let answer = stage.post("/v1/messages", &question("chunks 2000")).await;
    assert!(events(&answer).len() > 2000);
    let more = peak() - before;
    assert!(more < 3 << 20, "{more} bytes more than an idle function's {before}");
}

//! Streams as the function meets them: assembled, paced, and left by their client.

mod assembly;
mod faults;

use std::time::Instant;

use aws_sdk_bedrockruntime::operation::invoke_model_with_response_stream::{
    InvokeModelWithResponseStreamError, InvokeModelWithResponseStreamOutput,
};
use aws_sdk_bedrockruntime::types::ResponseStream;
use aws_sdk_bedrockruntime::types::error::ResponseStreamError;

use self::assembly::{anonymous, assembled};
use super::*;

type Opened = Result<InvokeModelWithResponseStreamOutput, SdkError<InvokeModelWithResponseStreamError>>;
type Stopped = SdkError<ResponseStreamError, aws_smithy_types::event_stream::RawMessage>;

impl Tokyo {
    async fn open_with(&self, body: &Value) -> Opened {
        let call = self.client.invoke_model_with_response_stream().model_id(door::PROFILE);
        call.content_type("application/json").body(Blob::new(body.to_string())).send().await
    }

    async fn open(&self, prompt: &str) -> InvokeModelWithResponseStreamOutput {
        self.open_with(&body(prompt)).await.expect("a stream")
    }

    /// Every event of a stream, and the error that ended it if one did.
    async fn read(&self, body: &Value) -> (Vec<Bytes>, Option<Stopped>) {
        let mut stream = self.open_with(body).await.expect("a stream");
        let mut events = Vec::new();
        loop {
            match stream.body.recv().await {
                Ok(Some(chunk)) => events.push(bytes_of(&chunk)),
                Ok(None) => return (events, None),
                Err(error) => return (events, Some(error)),
            }
        }
    }

    /// The events of a stream that ends well, read as JSON.
    async fn events(&self, body: &Value) -> Vec<Value> {
        let (events, error) = self.read(body).await;
        assert!(error.is_none(), "{error:?}");
        events.iter().map(|event| serde_json::from_slice(event).expect("JSON")).collect()
    }

    fn last_call(&self) -> Call {
        self.bedrock.calls().pop().expect("a call")
    }
}

fn bytes_of(event: &ResponseStream) -> Bytes {
    let chunk = event.as_chunk().expect("a chunk");
    Bytes::copy_from_slice(chunk.bytes().expect("bytes").as_ref())
}

fn thinking() -> Value {
    let mut body = body("こんにちは、東京。");
    body["max_tokens"] = json!(2_000);
    body["thinking"] = json!({ "type": "enabled", "budget_tokens": 1_024 });
    body
}

fn forced_tool() -> Value {
    let mut body = body("Say \"東京\"\nand \\ stop");
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" }, "n": { "type": "integer" } }, "required": ["city", "n"] });
    body["tools"] = json!([{ "name": "weather", "input_schema": schema }]);
    body["tool_choice"] = json!({ "type": "any" });
    body
}

/// A thought, words, and two uses of tools.
fn tools() -> Value {
    let mut body = thinking();
    body["messages"][0]["content"] = json!("Is it 5 o'clock in \"東京\"?\nstand-in: tool 2");
    body["tools"] = forced_tool()["tools"].take();
    body
}

fn stopped() -> Value {
    let mut body = body("one END two");
    body["stop_sequences"] = json!(["END"]);
    body
}

#[tokio::test]
async fn a_stream_adds_up_to_the_whole_answer() {
    let tokyo = Tokyo::start().await;
    for body in [
        body("Hello"),
        body("stand-in: long 9000"),
        body("stand-in: refusal"),
        thinking(),
        forced_tool(),
        tools(),
        stopped(),
    ] {
        let whole = anonymous(tokyo.answer(body.clone()).await);
        let events = tokyo.events(&body).await;
        assert_eq!(assembled(&events), whole, "{body}");
        let metrics = &events.last().expect("an event")["amazon-bedrock-invocationMetrics"];
        assert_eq!(metrics["inputTokenCount"], whole["usage"]["input_tokens"]);
        assert_eq!(metrics["outputTokenCount"], whole["usage"]["output_tokens"]);
        assert!(metrics["firstByteLatency"].as_u64() > Some(0));
        assert!(metrics["invocationLatency"].as_u64() >= metrics["firstByteLatency"].as_u64());
    }
    assert_eq!(tokyo.bedrock.everything_was_pinned(), Ok(()));
}

#[tokio::test]
async fn events_have_anthropics_order_and_small_deltas_of_every_kind() {
    let tokyo = Tokyo::start().await;
    let mut kinds: Vec<String> = Vec::new();
    for body in [thinking(), forced_tool(), tools()] {
        for event in tokyo.events(&body).await {
            let kind = event["delta"]["type"].as_str().or(event["type"].as_str()).expect("a type").to_owned();
            if kinds.last() != Some(&kind) {
                kinds.push(kind);
            }
        }
    }
    let block = |deltas: &str| format!("content_block_start {deltas} content_block_stop");
    let message = |blocks: &str| format!("message_start {blocks} message_delta message_stop");
    let thought = block("thinking_delta signature_delta");
    let first = message(&format!("{thought} {}", block("text_delta")));
    let tool = block("input_json_delta");
    let both = message(&format!("{thought} {} {tool} {tool}", block("text_delta")));
    assert_eq!(kinds.join(" "), format!("{first} {} {both}", message(&tool)));
}

#[tokio::test]
async fn a_stream_is_recorded_to_its_last_byte() {
    let tokyo = Tokyo::start().await;
    let (events, _) = tokyo.read(&body("Hello")).await;
    let call = tokyo.last_call();
    assert!(call.path.ends_with("/invoke-with-response-stream"), "{}", call.path);
    assert_eq!((call.streamed, call.status, call.stream_ended), (true, Some(200), true));
    assert_eq!((call.chunks_sent, &call.events_sent), (events.len(), &events));
    tokyo.ask("Hello").await.expect("an answer");
    let call = tokyo.last_call();
    assert_eq!((call.streamed, call.chunks_sent, call.stream_ended), (false, 0, false));
}

#[tokio::test]
async fn chunks_are_as_many_as_asked_for() {
    let tokyo = Tokyo::start().await;
    for wanted in [0, 1, 2_000] {
        let mut body = body(&format!("stand-in: chunks {wanted}"));
        body["max_tokens"] = json!(1);
        let events = tokyo.events(&body).await;
        assert_eq!(events.iter().filter(|event| event["delta"]["type"] == "text_delta").count(), wanted);
    }
}

#[tokio::test]
async fn an_answer_is_as_large_as_asked_for_whole_and_streamed() {
    let tokyo = Tokyo::start().await;
    for wanted in [0, 1, 1_000_000] {
        let mut body = body(&format!("stand-in: size {wanted}"));
        body["max_tokens"] = json!(1);
        let whole = tokyo.answer(body.clone()).await;
        let text = whole["content"][0]["text"].as_str().expect("a text");
        assert_eq!((text.len(), &whole["stop_reason"]), (wanted, &json!("end_turn")));
        let events = tokyo.events(&body).await;
        let deltas: Vec<_> = events.iter().filter_map(|event| event["delta"]["text"].as_str()).collect();
        assert_eq!((deltas.len(), deltas.concat() == text), (wanted.div_ceil(1024), true));
        let call = tokyo.last_call();
        assert_eq!((call.chunks_sent, call.events_sent.len(), call.stream_ended), (events.len(), events.len(), true));
    }
}

#[tokio::test]
async fn a_paced_stream_arrives_chunk_by_chunk_and_stops_when_its_client_leaves() {
    let tokyo = Tokyo::start().await;
    let opened = Instant::now();
    let mut stream = tokyo.open("stand-in: pace 40").await;
    for _ in 0..3 {
        stream.body.recv().await.expect("a stream").expect("a chunk");
    }
    assert!(opened.elapsed() >= Duration::from_millis(120));
    assert!(tokyo.last_call().chunks_sent < 10, "the rest was sent ahead of its time");
    drop(stream);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let sent = tokyo.last_call().chunks_sent;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let call = tokyo.last_call();
    assert_eq!((call.chunks_sent, call.stream_ended), (sent, false));
}

#[tokio::test]
async fn a_quiet_stream_is_silent_after_a_few_deltas_and_then_goes_on_to_its_end() {
    let tokyo = Tokyo::start().await;
    let through = tokyo.events(&body("stand-in: quiet 000")).await;
    let mut stream = tokyo.open("stand-in: quiet 800").await;
    let mut silences = Vec::new();
    let mut waiting = Instant::now();
    while stream.body.recv().await.expect("a stream").is_some() {
        silences.push(waiting.elapsed() >= Duration::from_millis(700));
        waiting = Instant::now();
    }
    let silent: Vec<usize> = silences.iter().enumerate().filter(|(_, silent)| **silent).map(|(at, _)| at).collect();
    assert_eq!(silent, [5], "a start, a block's start and three deltas come before the one silence");
    assert_eq!((silences.len(), &through[silences.len() - 1]["type"]), (through.len(), &json!("message_stop")));
    assert!(tokyo.last_call().stream_ended);
}

#[tokio::test]
async fn a_slow_stream_has_no_status_before_its_time() {
    let tokyo = Tokyo::start().await;
    let patience = Duration::from_millis(100);
    assert!(tokio::time::timeout(patience, tokyo.open("stand-in: slow 5000")).await.is_err());
    assert_eq!(tokyo.last_call().status, None);
    let opened = Instant::now();
    let (events, error) = tokyo.read(&body("stand-in: slow 150")).await;
    assert!(opened.elapsed() >= Duration::from_millis(150));
    assert!(error.is_none() && !events.is_empty());
}

#[tokio::test]
async fn an_events_type_comes_first_and_bedrocks_account_last() {
    let tokyo = Tokyo::start().await;
    let (events, _) = tokyo.read(&body("Hello")).await;
    assert!(events[2].starts_with(br#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"#));
    let last = events.last().expect("an event");
    assert!(last.starts_with(br#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"#));
}

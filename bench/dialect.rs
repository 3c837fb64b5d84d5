//! What OpenAI's dialect costs: the same prompts asked at `/v1/chat/completions` and at `/v1/messages`, whole and streamed.
//!
//! `cargo bench-dialect` asks one process of the function at both doors in turns, and prints the medians and their ratio.
//! The function is a process of its own, as in Lambda: this program started again, in its release build.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where it cannot go on"
)]

mod figures;
#[expect(dead_code, reason = "its process is not looked at")]
mod relayed;

use figures::{FLOOD, Figures, PACED, ROUNDS, milliseconds, row, table};
use relayed::{Client, Door, MESSAGES};
use serde_json::{Value, json};
use stand_ins::bedrock::Bedrock;
use stand_ins::gateway::GatewayResponse;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// OpenAI's language. Its first chunk names the role beside a text of nothing, and is no delta.
const CHAT: Door = Door {
    path: "/v1/chat/completions",
    is_delta: |frame| frame.contains(r#""delta":{"content":""#) && !frame.contains(r#""role":"#),
};

/// Whole answers for one figure: one alone takes too little time to be measured well.
const WHOLE_IN_A_ROW: u32 = 20;

fn main() -> ExitCode {
    if let Some(address) = relayed::role() {
        return relayed::run(address);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(compare());
    ExitCode::SUCCESS
}

async fn compare() {
    let bedrock = Bedrock::start().await.expect("a free port");
    let client = Client::start(bedrock.address()).await;
    // The first prompts open the connections, and are not counted.
    for door in [MESSAGES, CHAT] {
        client.read(door, PACED).await;
    }
    let (mut messages, mut chat) = (Figures::default(), Figures::default());
    let (mut messages_whole, mut chat_whole) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        messages_whole.push(whole(&client, MESSAGES, &messages_request()).await);
        chat_whole.push(whole(&client, CHAT, &chat_request()).await);
        messages.add_first_byte(&bedrock, &client.read(MESSAGES, PACED).await);
        chat.add_first_byte(&bedrock, &client.read(CHAT, PACED).await);
        messages.add_rate(&client.read(MESSAGES, FLOOD).await);
        chat.add_rate(&client.read(CHAT, FLOOD).await);
    }
    let whole = [milliseconds(&mut messages_whole), milliseconds(&mut chat_whole)];
    let mut rows = vec![row("a whole answer, ms", 2, whole)];
    rows.extend(messages.beside(&mut chat));
    println!("{}", table([MESSAGES.path, CHAT.path], &rows));
}

/// How long a whole answer takes, in the mean of a few in a row.
async fn whole(client: &Client, door: Door, body: &Value) -> Duration {
    let start = Instant::now();
    for _ in 0..WHOLE_IN_A_ROW {
        let GatewayResponse::Stream(mut stream) = client.open(door, body).await else {
            panic!("the gateway refused the answer");
        };
        assert_eq!(stream.status, 200);
        while let Some(bytes) = stream.chunk().await {
            bytes.expect("an unbroken answer");
        }
    }
    start.elapsed() / WHOLE_IN_A_ROW
}

/// A question with instructions, a tool, and the turns before it.
fn messages_request() -> Value {
    json!({
        "max_tokens": 1000,
        "system": "You answer in one sentence.",
        "messages": turns(),
        "tools": [{ "name": "weather", "description": "The weather of a city.", "input_schema": schema() }],
    })
}

/// The same in OpenAI's words.
fn chat_request() -> Value {
    let mut messages = vec![json!({ "role": "system", "content": "You answer in one sentence." })];
    messages.extend(turns());
    let function = json!({ "name": "weather", "description": "The weather of a city.", "parameters": schema() });
    json!({ "max_tokens": 1000, "messages": messages, "tools": [{ "type": "function", "function": function }] })
}

fn turns() -> [Value; 3] {
    [
        json!({ "role": "user", "content": "Hello." }),
        json!({ "role": "assistant", "content": "Hello!" }),
        json!({ "role": "user", "content": "What is the capital of Japan?" }),
    ]
}

fn schema() -> Value {
    json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] })
}

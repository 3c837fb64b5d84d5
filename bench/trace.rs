//! What X-Ray costs: the same prompts, asked of a function that has a daemon to tell and of one that has none.
//!
//! `cargo bench-trace` asks both in turns, and prints the medians and their ratio.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where it cannot go on"
)]

#[expect(dead_code, reason = "only whole answers are compared")]
mod figures;
#[expect(dead_code, reason = "only whole answers are compared")]
mod relayed;

use figures::{ROUNDS, milliseconds, row, table};
use relayed::{Client, MESSAGES};
use serde_json::json;
use stand_ins::bedrock::Bedrock;
use stand_ins::gateway::GatewayResponse;
use stand_ins::xray::Xray;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Answers for one figure: one alone takes too little time to be measured well.
const IN_A_ROW: u32 = 100;

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
    let xray = Xray::start().await.expect("a free port");
    let address = xray.address().to_string();
    let plain = Client::start(bedrock.address()).await;
    let traced = Client::start_with(bedrock.address(), &[("AWS_XRAY_DAEMON_ADDRESS", &address)]).await;
    // The first prompts open the connections, and are not counted.
    for client in [&plain, &traced] {
        answers(client).await;
    }
    xray.next(Duration::from_secs(5)).await.expect("a subsegment");
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(answers(&plain).await);
        with.push(answers(&traced).await);
    }
    let whole = [milliseconds(&mut without), milliseconds(&mut with)];
    println!("{}", table(["without", "with a daemon"], &[row("a whole answer, ms", 3, whole)]));
}

/// How long a whole answer takes, in the mean of some in a row.
async fn answers(client: &Client) -> Duration {
    let body = json!({ "max_tokens": 100, "messages": [{ "role": "user", "content": "Hello." }] });
    let start = Instant::now();
    for _ in 0..IN_A_ROW {
        let GatewayResponse::Stream(mut stream) = client.open(MESSAGES, &body).await else {
            panic!("the gateway refused the answer");
        };
        while let Some(bytes) = stream.chunk().await {
            bytes.expect("an unbroken answer");
        }
    }
    start.elapsed() / IN_A_ROW
}

//! What the relay costs: a stream read through the function, beside the same stream read with the bare SDK.
//!
//! `cargo bench-streams` runs both against one stand-in for Bedrock, in turns, and prints the medians and their ratio.
//! The function is a process of its own, as in Lambda: this program started again, in its release build.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark prints, and ends where it cannot go on")]

mod direct;
mod figures;
#[expect(dead_code, reason = "its process is not looked at")]
mod relayed;

use figures::{FLOOD, Figures, PACED, ROUNDS, table};
use relayed::MESSAGES;
use stand_ins::bedrock::Bedrock;
use std::process::ExitCode;

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
    let direct = direct::Client::new(bedrock.address());
    let relayed = relayed::Client::start(bedrock.address()).await;
    // The first prompts open the connections, and are not counted.
    direct.read(PACED).await;
    relayed.read(MESSAGES, PACED).await;
    let (mut direct_figures, mut relayed_figures) = (Figures::default(), Figures::default());
    for _ in 0..ROUNDS {
        direct_figures.add_first_byte(&bedrock, &direct.read(PACED).await);
        relayed_figures.add_first_byte(&bedrock, &relayed.read(MESSAGES, PACED).await);
        direct_figures.add_rate(&direct.read(FLOOD).await);
        relayed_figures.add_rate(&relayed.read(MESSAGES, FLOOD).await);
    }
    println!("{}", table(["bare SDK", "through the function"], &direct_figures.beside(&mut relayed_figures)));
}

//! The whole pipeline on real parts: moto's SQS and DynamoDB, the poller, and function processes that are killed.
//!
//! Run by `tests/pipeline/run`, which starts moto.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test ends where it cannot go on, and is told by the environment where moto is"
)]

mod ledger;
mod parts;

use ledger::Ledger;
use parts::Parts;
use serde_json::json;
use stand_ins::poller::{Poller, PollerSettings};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How many messages are sent, unless `KOKUNAI_SOAK_MESSAGES` says otherwise.
const MESSAGES: usize = 2000;

/// More messages than this make moto slow: it walks through all of them for each call.
const WAITING: usize = 60;

/// How often a process of the function is killed.
const KILLS: usize = 5;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// What the stand-in for Bedrock does with a message.
fn command(number: usize) -> &'static str {
    match number % 100 {
        0..10 => "stand-in: throttle 1",
        10..15 => "stand-in: validation",
        15 => "stand-in: panic",
        16 => "stand-in: stall",
        _ => "answer this",
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto: run tests/pipeline/run"]
async fn every_message_is_accounted_for() {
    let messages = std::env::var("KOKUNAI_SOAK_MESSAGES").map_or(MESSAGES, |number| number.parse().unwrap());
    let mut parts = Parts::start().await;
    let settings = PollerSettings {
        timeout: Duration::from_secs(20),
        maximum_concurrency: parts.functions(),
        wait: Duration::ZERO,
        ..PollerSettings::new(parts.prompts())
    };
    let poller = Poller::start(parts.moto(), settings, parts.runtime());
    let (mut ledger, mut sent, mut kills, start) = (Ledger::default(), 0, 0, Instant::now());
    let mut at_risk: HashSet<String> = HashSet::new();
    while ledger.settled() < messages {
        assert!(start.elapsed() < PATIENCE, "{}", ledger.report(sent));
        while sent < messages && sent - ledger.settled().min(sent) < WAITING {
            let prompt = format!("{}\nmessage {sent}.", command(sent));
            let id = parts.send(&json!({ "prompt": prompt, "max_tokens": 50 }).to_string()).await;
            ledger.sent(id, sent);
            sent += 1;
        }
        if kills < KILLS && ledger.settled() > (kills + 1) * messages / (KILLS + 2) {
            at_risk.extend(poller.in_hand());
            parts.kill_one();
            kills += 1;
        }
        parts.collect(&mut ledger).await;
    }
    // What a killed process had in hand may still come twice.
    tokio::time::sleep(Duration::from_secs(2)).await;
    parts.collect(&mut ledger).await;
    println!("{}", ledger.report(sent));
    println!("lines of the processes that live: {:?}", parts.labels());
    println!("killed {kills} times, with {} messages in hand; {:?} in all", at_risk.len(), start.elapsed());
    ledger.check(&parts.paid(), &at_risk);
}

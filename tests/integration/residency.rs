//! The residency suite: no event, no environment and no config file gives a request to another host, Region, profile or
//! protocol. `cargo test --test integration -- residency::` runs it by name, after a `cargo build --examples`.
//!
//! [`inventory`] keeps the list of what could be read from outside, `environment.md`, true to the crates' sources; [`twin`] sets
//! all of it.

mod change;
mod child;
mod credentials;
mod events;
mod graph;
mod guide;
mod hostile;
mod inside;
mod inventory;
mod judge;
mod lens;
mod reads;
mod recorder;
mod roots;
mod table;
mod tokens;
mod trap;
mod twin;

use crate::stage::{event, production, while_it_runs};
use stand_ins::function::Function;
use stand_ins::gateway::{GatewayAnswer, Mode};
use stand_ins::runtime_api::{Invocation, Outcome, RuntimeApi};
use std::time::Duration;
use trap::{Trap, borrowed};

/// The events that each ask Bedrock in another way: whole, as a stream, and for a count.
const ASKING: [&str; 3] = ["http-messages", "http-stream", "http-count-tokens"];

/// What Lambda gives an invocation: enough to find that there is no network.
const PATIENCE: Duration = Duration::from_secs(15);

/// The paths that these ask for.
fn pinned_paths() -> [&'static str; 3] {
    [
        "/model/jp.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke",
        "/model/jp.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke-with-response-stream",
        "/model/anthropic.claude-sonnet-4-5-20250929-v1:0/count-tokens",
    ]
}

/// The ways out of a worker, as they stand in its environment.
const OUTLETS: [(&str, &str); 3] = [
    ("RESULTS_QUEUE_URL", "https://sqs.ap-northeast-1.amazonaws.com/123456789012/results"),
    ("DEAD_LETTER_QUEUE_URL", "https://sqs.ap-northeast-1.amazonaws.com/123456789012/dead"),
    ("IDEMPOTENCY_TABLE", "arn:aws:dynamodb:ap-northeast-1:123456789012:table/kokunai-answers"),
];

#[tokio::test]
async fn the_production_binary_sends_the_trap_nothing() {
    let trap = Trap::set().await;
    let trapped = trap.everything();
    let mut environment = borrowed(&trapped);
    environment.extend([("COUNT_TOKENS", "on"), ("RETRY_BUDGET_SECONDS", "1")]);
    environment.extend(OUTLETS);
    let runtime = RuntimeApi::start().await.unwrap();
    let function = Function::spawn(&production(), runtime.address(), &environment).unwrap();
    for name in ASKING {
        let outcome = while_it_runs(&function, runtime.invoke(Invocation::new(event(name)).timeout(PATIENCE))).await;
        let answer = GatewayAnswer::from_outcome(&outcome, Mode::Buffered);
        // Its credentials are no real ones: without a network it reaches nobody, and with one Tokyo refuses it.
        assert!(answer.status >= 500, "{name}: {}: {}", answer.status, answer.text());
        let request_id = outcome.request_id().unwrap().to_owned();
        let tried = |line: &str| line.contains(&request_id) && line.contains("residency.region");
        let line = function.wait_for_line(tried, Duration::from_secs(20)).await;
        assert!(line.is_some(), "{name}: it did try to call Bedrock");
    }
    let asking = runtime.invoke(Invocation::new(event("sqs-one")).timeout(PATIENCE));
    let outcome = while_it_runs(&function, asking).await;
    assert_eq!(outcome.answered().json()["batchItemFailures"].as_array().unwrap().len(), 1, "its table is not reached");
    let asking = runtime.invoke(Invocation::new(event("schedule-check")).timeout(PATIENCE));
    let outcome = while_it_runs(&function, asking).await;
    assert_eq!(outcome.answered().json()["verdict"], "unanswered", "nor is the control plane");
    let asking = runtime.invoke(Invocation::new(event("deployment-delete")).timeout(PATIENCE));
    let outcome = while_it_runs(&function, asking).await;
    assert!(matches!(outcome, Outcome::Failed(failed) if failed.error_type == "undelivered"), "nor is the bucket");
    assert_eq!((trap.caught(), trap.marks()), (0, Vec::new()));
}

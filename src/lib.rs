//! kokunai (国内, "within the country"): an AWS Lambda function that is an organisation's door to Claude Sonnet 4.5
//! on Amazon Bedrock, and that cannot send a prompt outside Japan.
//!
//! ```text
//! API Gateway ──┐            ┌ http/  ─┐                                      ┌ http/  → response
//! SQS batch ────┼ event.rs ──┼ queue.rs ┼─ prompt.rs ─ claude.rs ─ Bedrock ───┼ queue.rs → batchItemFailures
//! direct invoke ┘            └ direct.rs┘   (pinned by residency.rs)          └ direct.rs → prompt answer
//!                        every step → error.rs → telemetry.rs (one line per prompt, once)
//! ```
//!
//! In reading order:
//! - [`start()`] starts the function, or says why not; [`settings`] is what the operator can choose;
//! - [`function`] takes an event to its door and answers each prompt; [`event`] tells which event it is;
//! - [`http`], [`queue`] and [`direct`] are the doors;
//! - [`prompt`] is the question, [`budget`] the time it may take, [`claude`] asks it, [`answer`] is what comes back;
//! - [`residency`] is the pin: the Region, host, profile and model, spelt here only;
//! - [`error`] is every way to fail, [`telemetry`] the log, [`cost`] the prices.

pub mod answer;
pub mod budget;
pub mod claude;
pub mod cost;
pub mod direct;
pub mod error;
pub mod event;
pub mod function;
pub mod http;
pub mod prompt;
pub mod queue;
pub mod residency;
pub mod settings;
mod start;
pub mod telemetry;

pub use start::start;

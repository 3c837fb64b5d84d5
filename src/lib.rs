//! kokunai (国内, "within the country"): an AWS Lambda function that is an organisation's door to Claude Sonnet 4.5
//! on Amazon Bedrock, and that cannot send a prompt outside Japan.
//!
//! ```text
//! API Gateway ──┐            ┌ http/  ─┐                                      ┌ http/  → response
//! SQS batch ────┼ event.rs ──┼ queue.rs ┼─ prompt.rs ─ claude.rs ─ Bedrock ───┼ queue.rs → batchItemFailures
//! direct invoke ┤            ├ direct.rs┘   (pinned by residency.rs)          └ direct.rs → prompt answer
//! CloudTrail ───┤            ├ audit.rs ───────────────────────────────────────── verdict
//! the schedule ─┤            ├ profile.rs ── Bedrock's control plane ──────────── verdict
//! CloudFormation┤            ├ deployment.rs ─ profile.rs ─────────────────────── its answer
//! the authoriser┘            └ authoriser.rs ── the keys of the usage plan ───────── its policy
//!                        every step → error.rs → telemetry.rs (one line per prompt, once)
//! ```
//!
//! In reading order:
//! - [`start()`] starts the function, or says why not; [`settings`] is what the operator can choose;
//! - [`function`] takes an event to its door and answers each prompt; [`event`] tells which event it is;
//! - [`http`], [`queue`] and [`direct`] are the doors; no prompt comes through the other four: [`audit`] judges where
//!   prompts were answered, [`profile`] asks AWS every day whether the profile is still what it must be, [`deployment`] does so for
//!   CloudFormation, and [`authoriser`] tells API Gateway whose key is valid;
//! - [`prompt`] is the question, [`budget`] the time it may take, [`claude`] asks it, [`answer`] is what comes back;
//! - [`residency`] is the pin: the Region, host, profile and model, spelt here only;
//! - [`error`] is every way to fail, [`refusal`] what AWS said to it, [`telemetry`] the log, [`trace`] what X-Ray
//!   hears, [`cost`] the prices.

mod after_answer;
pub mod answer;
pub mod audit;
pub mod authoriser;
pub mod budget;
pub mod chat;
pub mod claude;
pub mod cost;
pub mod deployment;
pub mod direct;
pub mod error;
pub mod event;
pub mod function;
pub mod http;
mod json;
pub mod once;
pub mod profile;
pub mod prompt;
pub mod queue;
pub mod refusal;
pub mod relay;
pub mod residency;
pub mod settings;
mod sse;
mod start;
pub mod tally;
pub mod telemetry;
pub mod trace;
pub mod wiring;

pub use start::start;

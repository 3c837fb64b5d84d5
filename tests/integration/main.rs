//! The function's own process between a stand-in for Lambda and one for Bedrock, driven by the files in `events/`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions that they share"
)]

mod audit;
mod authoriser;
mod chat;
mod concurrency;
mod documents;
mod events;
mod http;
mod local;
mod log_line;
mod metrics;
mod once;
mod page;
mod pipeline;
mod profile;
mod queue;
mod relay;
mod report;
mod residency;
mod resilience;
mod silence;
mod sources;
mod stage;
mod start;
mod streams;
mod surface;
mod trace;

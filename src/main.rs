//! The production binary: the function over HTTPS to Tokyo.

use std::process::ExitCode;
use std::time::Instant;

/// A prompt waits on the network for nearly all of its time, so one thread is enough, also for many prompts at once, and the
/// lightest to start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    kokunai::start(Instant::now(), kokunai::residency::https()).await
}

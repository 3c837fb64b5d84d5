//! The production binary: the function over HTTPS to Tokyo.

use std::process::ExitCode;

/// One prompt at a time waits on the network, so one thread is enough, and the lightest to start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    kokunai::start(kokunai::residency::https()).await
}

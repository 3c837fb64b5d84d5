//! The production function, over the benchmark's transport.

use std::process::ExitCode;
use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let began = Instant::now();
    match peers_contenders::transport() {
        Ok(transport) => kokunai::start(began, transport).await,
        Err(_) => ExitCode::FAILURE,
    }
}

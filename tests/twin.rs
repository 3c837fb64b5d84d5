//! The binary's twin: the same function, over a transport that dials the stand-in for Bedrock on loopback.
//!
//! The stand-in sees what Tokyo would see: the signed request, its `Host` header and all. A prompt that says
//! `stand-in: panic` makes the transport panic, which is how tests make a handler panic.

use stand_ins::transport;
use std::process::ExitCode;

/// Where the stand-in for Bedrock listens.
const ADDRESS: &str = "STAND_IN_BEDROCK";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the address is the twin's own, not a setting of the function")]
    let address = std::env::var(ADDRESS).ok().and_then(|address| address.parse().ok());
    let Some(address) = address else {
        #[expect(clippy::print_stderr, reason = "there is no log before the function starts")]
        {
            eprintln!("{ADDRESS} must be set to the stand-in's address; `cargo test` does so");
        }
        return ExitCode::FAILURE;
    };
    kokunai::start(transport::panicking(transport::loopback(address))).await
}

//! The binary's twin: the same function, over a transport that dials the stand-in for Bedrock on loopback.
//!
//! The stand-in sees what Tokyo would see: the signed request, its `Host` header and all. A prompt that says
//! `stand-in: panic` makes the transport panic, which is how tests make a handler panic.

use stand_ins::transport;
use std::process::ExitCode;
use std::time::Instant;

/// Where the stand-ins listen, by the first label of the host that each stands in for. Only the first is always there.
const STAND_INS: [(&str, &str); 6] = [
    ("bedrock-runtime", "STAND_IN_BEDROCK"),
    ("sqs", "STAND_IN_SQS"),
    ("dynamodb", "STAND_IN_DYNAMODB"),
    ("bedrock", "STAND_IN_CONTROL_PLANE"),
    ("apigateway", "STAND_IN_API_GATEWAY"),
    (stand_ins::cloudformation::LABEL, "STAND_IN_CLOUDFORMATION"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let began = Instant::now();
    #[expect(clippy::disallowed_methods, reason = "the addresses are the twin's own, not settings of the function")]
    let address = |variable: &str| std::env::var(variable).ok()?.parse().ok();
    let services: Vec<_> =
        STAND_INS.into_iter().filter_map(|(service, variable)| Some((service, address(variable)?))).collect();
    if services.is_empty() {
        #[expect(clippy::print_stderr, reason = "there is no log before the function starts")]
        {
            eprintln!("{} must be set to the stand-in's address; `cargo test` does so", STAND_INS[0].1);
        }
        return ExitCode::FAILURE;
    }
    let transport = transport::wilful(transport::loopback_by_service(services));
    #[expect(clippy::disallowed_methods, reason = "where the transport panics is the twin's own, and no setting")]
    let panics_at = std::env::var("STAND_IN_PANICS_AT");
    let transport = match panics_at {
        Ok(path) => transport::panicking_at(path, transport),
        Err(_) => transport,
    };
    kokunai::start(began, transport).await
}

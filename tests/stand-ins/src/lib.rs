//! What surrounds kokunai in production, as small servers on the loopback interface: for its tests and its local server.
//!
//! ```text
//!  GatewayRequest ── gateway ──▶ RuntimeApi ◀── polls ── Function ── transport ──▶ Bedrock
//!  GatewayAnswer  ◀─ gateway ──  (Outcome)               (the real process)        (refuses what Bedrock refuses)
//!                                    ▲                                    └───────▶ Sqs, DynamoDb
//!                                    └──── Poller ◀──── receives, deletes ──────────┘
//! ```
//!
//! - [`gateway`] turns an HTTP request into the event that API Gateway sends, and an outcome into an HTTP answer.
//! - [`runtime_api`] hands events to the function, as Lambda does, and waits for what it says.
//! - [`function`] runs the function's own executable, in the environment that Lambda would give it, and holds each of its lines
//!   to the schema of [`log_line`].
//! - [`transport`] takes the function's signed requests to the loopback interface, unchanged.
//! - [`bedrock`] judges them as strictly as Bedrock, answers, or fails in the way that the prompt asks for.
//! - [`sqs`] keeps messages as SQS does, under the same rules, and fails where the test asks it to.
//! - [`poller`] takes batches from a queue to the function, and deletes what it has done, as Lambda's event source mapping does.
//! - [`dynamodb`] keeps tables as DynamoDB does, under the same rules, and fails where the test asks it to.
//! - [`control_plane`] says what the JP profile is and how long its model will be there, or what a test has it say.
//! - [`usage_plan`] lists the API keys of a usage plan, as API Gateway's control plane does.
//! - [`usage`] says what a process has taken of memory and processor.
//! - [`xray`] is the daemon that takes what is told to X-Ray.
//! - [`cloudformation`] asks as a custom resource's owner does, and hears what is put into its bucket.
//!
//! Every server binds a free port, keeps its own state and stops when it is dropped, so that any number of
//! tests can run at once in one process.

mod aws;
pub mod bedrock;
pub mod cloudformation;
pub mod control_plane;
pub mod dynamodb;
pub mod function;
pub mod gateway;
mod identifiers;
pub mod log_line;
pub mod poller;
pub mod runtime_api;
mod server;
pub mod sqs;
pub mod transport;
pub mod usage;
pub mod usage_plan;
pub mod xray;

/// The access key that the stand-ins accept, shaped like one of a Lambda execution role (`ASIA…`).
pub const TEST_ACCESS_KEY_ID: &str = "ASIAKOKUNAISTANDIN01";

/// The secret that signatures are verified with; it says what it is, so that finding it in a log is a plain test.
pub const TEST_SECRET_ACCESS_KEY: &str = "stand-in-secret-access-key-canary-000000";

/// The session token that goes with the temporary access key, and that must arrive signed with every call.
pub const TEST_SESSION_TOKEN: &str = "stand-in-session-token-canary";

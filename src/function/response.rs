//! What the function returns to Lambda.

use crate::answer::PromptAnswer;
use crate::{audit, authoriser, deployment, http, profile, queue};
use lambda_runtime::FunctionResponse;
use serde::Serialize;

/// A response that is one JSON document.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Document {
    /// For API Gateway: status, headers and body.
    Http(Box<http::Buffered>),
    /// For SQS: the messages to keep.
    Batch(queue::BatchResponse),
    /// For a direct invocation.
    Answer(Box<PromptAnswer>),
    /// For EventBridge, which does not read it, and for whoever invokes by hand.
    Audit(audit::Response),
    /// For EventBridge's schedule, likewise.
    Profile(profile::Response),
    /// For CloudFormation, which reads another document, at a URL of its own.
    Deployment(deployment::Response),
    /// For API Gateway, of a client that wants to pass.
    Policy(Box<authoriser::Policy>),
}

/// What the function returns to Lambda.
pub type Response = FunctionResponse<Document, http::Body>;

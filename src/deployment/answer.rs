//! The answer to CloudFormation, and how it gets to the URL at which that waits.

use super::Request;
use crate::refusal::Refusal;
use crate::residency::ResponseUrl;
use crate::wiring::Wiring;
use serde::Serialize;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

/// The most that CloudFormation reads is 4,096 bytes. Beside the reason, which may quote what AWS says of a profile, an answer
/// holds IDs that came with the request, of which the largest may have a thousand bytes.
const LONGEST_REASON: usize = 1024;

/// A document that CloudFormation understands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Answer<'a> {
    status: &'static str,
    reason: &'a str,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
}

impl<'a> Answer<'a> {
    /// A success, or a failure for a reason.
    pub(super) fn new(request: &'a Request<'_>, failure: Option<&'a str>) -> Self {
        let reason = failure.unwrap_or_default();
        Self {
            status: if failure.is_none() { "SUCCESS" } else { "FAILED" },
            reason: &reason[..reason.floor_char_boundary(LONGEST_REASON)],
            physical_resource_id: request.resource_id(),
            stack_id: request.stack_id(),
            request_id: request.request_id(),
            logical_resource_id: request.logical_resource_id(),
        }
    }

    pub(super) fn status(&self) -> &'static str {
        self.status
    }

    /// Puts it at the URL, unless that takes longer than until then.
    pub(super) async fn put(&self, wiring: &Wiring, url: &ResponseUrl, until: Instant) -> Result<(), Refusal> {
        let putting = wiring.put(url, json!(self).to_string());
        let outcome = timeout_at(until, putting).await;
        let code = match outcome {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(Some(status))) => status.to_string(),
            Ok(Err(None)) => "unreachable".to_owned(),
            Err(_) => "timeout".to_owned(),
        };
        Err(Refusal { service: "stack", code })
    }
}

//! What CloudFormation makes of a document in its bucket.

use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The most that it reads.
const MAX_BYTES: usize = 4096;

/// What CloudFormation hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The resource is there, or gone, under this ID.
    Success(String),
    /// It is not, for this reason.
    Failed(String),
    /// Nothing that it understands: the stack waits on, until the resource's time is over.
    Nothing(&'static str),
}

impl Heard {
    /// What a document says, at the place where it was put.
    pub(super) fn of(parts: &Parts, body: &[u8]) -> Self {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return Self::Nothing("it is no JSON");
        };
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
        let place = format!("/{}|{}|{}", text("StackId"), text("LogicalResourceId"), text("RequestId"));
        let resource = text("PhysicalResourceId");
        match text("Status") {
            _ if body.len() > MAX_BYTES => Self::Nothing("it is too long"),
            _ if place != path => Self::Nothing("it answers another request"),
            _ if resource.is_empty() || resource.len() > 1024 => Self::Nothing("it names no resource"),
            "SUCCESS" => Self::Success(resource.to_owned()),
            "FAILED" if text("Reason").is_empty() => Self::Nothing("it gives no reason"),
            "FAILED" => Self::Failed(text("Reason").to_owned()),
            _ => Self::Nothing("it has no status"),
        }
    }
}

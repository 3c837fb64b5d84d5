//! Who asked, and through which door: what a line says before anything is answered.

use crate::cost::Prices;
use crate::trace::Place;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Through which door a prompt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// API Gateway or a function URL.
    Http,
    /// An SQS queue.
    Queue,
    /// A prompt event as the event itself.
    Direct,
    /// No prompt: a record of CloudTrail.
    Audit,
    /// No prompt: the time has come to check the profile.
    Schedule,
    /// No prompt: CloudFormation wants it checked.
    Deployment,
    /// No prompt: API Gateway wants to know whether a client may pass.
    Authoriser,
    /// None: the event was refused.
    Unknown,
}

impl Source {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Queue => "queue",
            Self::Direct => "direct",
            Self::Audit => "audit",
            Self::Schedule => "schedule",
            Self::Deployment => "deployment",
            Self::Authoriser => "authoriser",
            Self::Unknown => "unknown",
        }
    }
}

/// Who asked, and how: what a log line says of a prompt before it is answered.
#[derive(Clone, Debug)]
pub struct Asker {
    /// When the prompt came to its door.
    pub start: Instant,
    /// The door.
    pub source: Source,
    /// The route, one of a fixed set; empty where there is none.
    pub route: Option<&'static str>,
    /// The IAM principal or the API key's ID, never the key.
    pub caller: Option<String>,
    /// The queue message's ID.
    pub message_id: Option<String>,
    /// How often the queue has given it, this time included.
    pub receives: Option<u32>,
    /// Lambda's ID of the invocation.
    pub request_id: String,
    /// X-Ray's root ID.
    pub trace_id: Option<String>,
    /// Where in X-Ray its invocation stands, if that is traced.
    pub place: Option<Place>,
    /// Whether this is the first invocation of its process.
    pub cold_start: bool,
    /// What the start of the process took, if this is that invocation.
    pub init: Option<Duration>,
    /// The name that this function was deployed under.
    pub function: Arc<str>,
    /// What tokens cost there.
    pub prices: Prices,
}

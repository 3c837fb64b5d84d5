//! What a recorded call says about where it was bound, for who holds it against a log line.

use percent_encoding::percent_decode_str;

use super::{Bedrock, Call};
use crate::server::lock;

impl Bedrock {
    /// The calls that were made within a trace, in their order, whether they were answered or not.
    #[must_use]
    pub fn calls_within(&self, trace_id: &str) -> Vec<Call> {
        lock(&self.state.calls).iter().filter(|call| call.trace_id() == Some(trace_id)).cloned().collect()
    }
}

impl Call {
    /// The root of X-Ray's header; nothing if the call has none.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        let (_, header) = self.headers.iter().find(|(name, _)| name == "x-amzn-trace-id")?;
        header.split(';').find_map(|part| part.strip_prefix("Root="))
    }

    /// The inference profile or the model in the path, whatever it is; nothing if the path has none.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        let (model, _) = self.path.strip_prefix("/model/")?.split_once('/')?;
        Some(percent_decode_str(model).decode_utf8().ok()?.into_owned())
    }

    /// The Region in the credential scope of the signature; nothing if the call is not signed with SigV4.
    #[must_use]
    pub fn signed_region(&self) -> Option<&str> {
        let (_, authorization) = self.headers.iter().find(|(name, _)| name == "authorization")?;
        // Credential=<access key ID>/<day>/<Region>/<service>/aws4_request
        authorization.strip_prefix("AWS4-HMAC-SHA256 Credential=")?.split('/').nth(2)
    }
}

//! What a recorded call says about where it was bound, for who holds it against a log line.

use percent_encoding::percent_decode_str;

use super::{Bedrock, Call};
use crate::server::lock;

impl Bedrock {
    /// The call that was answered under this request ID, if there was one.
    #[must_use]
    pub fn call(&self, request_id: &str) -> Option<Call> {
        lock(&self.state.calls).iter().find(|call| call.request_id == request_id).cloned()
    }
}

impl Call {
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

//! What was sent to Bedrock for one prompt, kept while it is sent: a time-out or a panic leaves it readable.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Bedrock's ID of a request, which CloudTrail calls `requestID`.
const REQUEST_ID: &str = "x-amzn-requestid";

/// The facts of the calls that one prompt took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Bedrock's IDs of the attempts that it answered, in their order: each of them is evidence.
    pub request_ids: Vec<String>,
    /// How many requests were sent, retries included.
    pub attempts: u32,
    /// From the first attempt's start to the last one's end.
    pub latency: Duration,
}

/// The record of one prompt, written by the SDK's hooks.
#[derive(Clone, Debug, Default)]
pub struct Record(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    request_ids: Vec<String>,
    attempts: u32,
    start: Option<Instant>,
}

impl Record {
    /// The facts so far. Nothing was sent if there is no attempt.
    #[must_use]
    pub fn call(&self) -> Call {
        let state = self.state();
        let latency = state.start.map(|start| start.elapsed()).unwrap_or_default();
        Call { request_ids: state.request_ids.clone(), attempts: state.attempts, latency }
    }

    /// The state, even if a panic struck while it was locked: nothing in it can be half written.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Record {
    fn name(&self) -> &'static str {
        "Record"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut state = self.state();
        state.attempts += 1;
        state.start.get_or_insert_with(Instant::now);
        Ok(())
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request_id = context.response().headers().get(REQUEST_ID);
        self.state().request_ids.extend(request_id.map(str::to_owned));
        Ok(())
    }
}

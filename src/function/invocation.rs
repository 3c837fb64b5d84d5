//! One invocation: what all its prompts share.

use crate::budget::Budget;
use crate::cost::Prices;
use crate::telemetry::{Asker, Source};
use crate::trace::Place;
use lambda_runtime::Context;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// What all prompts of one invocation share.
pub struct Invocation {
    request_id: String,
    function_name: Arc<str>,
    trace_id: Option<String>,
    place: Option<Place>,
    cold_start: bool,
    init: Option<Duration>,
    budget: Budget,
    deadline: SystemTime,
    prices: Prices,
}

impl Invocation {
    /// One of a process that has had others.
    pub(super) fn new(context: &Context, budget: Budget, prices: Prices) -> Self {
        Self {
            request_id: context.request_id.clone(),
            function_name: context.env_config.function_name.as_str().into(),
            trace_id: context.xray_trace_id.as_deref().and_then(root_of),
            place: context.xray_trace_id.as_deref().and_then(Place::read),
            cold_start: false,
            init: None,
            budget,
            deadline: context.deadline(),
            prices,
        }
    }

    /// The same as the first one of its process, whose start took `init`.
    pub(super) fn of_a_cold_start(self, init: Option<Duration>) -> Self {
        Self { cold_start: true, init, ..self }
    }

    /// Lambda's ID of the invocation.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The time that Lambda and the settings leave to its prompts.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// When Lambda ends it, whatever it is at.
    #[must_use]
    pub fn deadline(&self) -> SystemTime {
        self.deadline
    }

    /// Where in X-Ray it stands, if it is traced.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// An asker at the door `source`, of whom nothing more is known yet.
    #[must_use]
    pub fn asker(&self, source: Source) -> Asker {
        Asker {
            start: Instant::now(),
            source,
            route: None,
            caller: None,
            message_id: None,
            receives: None,
            request_id: self.request_id.clone(),
            trace_id: self.trace_id.clone(),
            place: self.place.clone(),
            cold_start: self.cold_start,
            init: self.init,
            function: Arc::clone(&self.function_name),
            prices: self.prices,
        }
    }
}

/// The root ID of X-Ray's header `Root=1-…;Parent=…;Sampled=…`.
pub(crate) fn root_of(header: &str) -> Option<String> {
    header.split(';').find_map(|part| part.trim().strip_prefix("Root=")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_id_is_the_root() {
        assert_eq!(root_of("Root=1-5e-ab;Parent=53;Sampled=1").as_deref(), Some("1-5e-ab"));
        assert_eq!(root_of("Parent=53"), None);
    }
}

//! The function in this process, from its events to its transport, with everything of its own in between.

use super::recorder::{Recorder, Sent};
use futures_util::StreamExt;
use kokunai::function::Function;
use kokunai::settings::Settings;
use kokunai::wiring::Wiring;
use lambda_runtime::{Context, FunctionResponse, LambdaEvent};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A function that sends to a recorder.
pub(super) struct Inside {
    function: Arc<Function>,
    recorder: Recorder,
}

/// What Lambda sets, as far as the settings ask for it.
const LAMBDA: [(&str, &str); 6] = [
    ("AWS_REGION", "ap-northeast-1"),
    ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
    ("AWS_LAMBDA_FUNCTION_NAME", "kokunai"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("RETRY_BUDGET_SECONDS", "0"),
];

impl Inside {
    /// With these settings. Its credentials come from the environment of the process.
    pub(super) fn with(settings: &[(&str, &str)]) -> Self {
        Self::sending_to(Recorder::default(), settings)
    }

    /// The same with a recorder of the caller's.
    pub(super) fn sending_to(recorder: Recorder, settings: &[(&str, &str)]) -> Self {
        let find = |name: &str| LAMBDA.iter().chain(settings).find(|(known, _)| *known == name);
        let settings = Settings::read(|name| find(name).map(|(_, value)| (*value).to_owned())).unwrap();
        let wiring = Wiring::new(recorder.transport());
        Self { function: Arc::new(Function::new(settings, &wiring)), recorder }
    }

    /// Handles an event to its end, as Lambda's runtime would; gives what was sent for it.
    pub(super) async fn handle(&self, event: &str) -> Vec<Sent> {
        let mut context = Context::default();
        context.request_id = "request".to_owned();
        let deadline = SystemTime::now() + Duration::from_secs(60);
        context.deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap();
        let payload = RawValue::from_string(event.to_owned()).unwrap();
        // A refusal is an answer like any other here.
        if let Ok(FunctionResponse::StreamingResponse(mut response)) =
            Arc::clone(&self.function).handle(LambdaEvent::new(payload, context)).await
        {
            while response.stream.next().await.is_some() {}
        }
        self.function.settled("request").await;
        self.recorder.take()
    }
}

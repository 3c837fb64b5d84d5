//! Start-up: settings, logs, client, run; or one line that says why not.

use crate::after_answer::AfterAnswer;
use crate::function::Function;
use crate::settings::{Mistakes, Settings};
use crate::telemetry;
use crate::wiring::Wiring;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use lambda_runtime_api_client::{PooledClient, body::Body};
use serde_json::value::RawValue;
use std::panic::resume_unwind;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tracing::level_filters::LevelFilter;

/// Runs the function over `transport` until Lambda ends it. The transport is the one thing that tests replace. The process `began`
/// with its `main`: what the system took to load it, nobody in here can see.
pub async fn start(began: Instant, transport: SharedHttpClient) -> ExitCode {
    let settings = match Settings::from_environment() {
        Ok(settings) => settings,
        Err(mistakes) => {
            telemetry::start(LevelFilter::INFO);
            telemetry::stopped(&mistakes);
            report_to_lambda(&mistakes).await;
            return ExitCode::FAILURE;
        }
    };
    telemetry::start(settings.log_level);
    telemetry::started(&settings);
    let wiring = Wiring::new(transport);
    let function = Arc::new(Function::new(settings, &wiring));
    let answering = Arc::clone(&function);
    let handler = move |event: LambdaEvent<Box<RawValue>>| Arc::clone(&answering).handle(event);
    let runtime = Runtime::new(service_fn(handler)).layer(AfterAnswer(Arc::clone(&function)));
    function.ready(began);
    // One event after another, or as many at once as AWS_LAMBDA_MAX_CONCURRENCY says: Lambda sets it on Managed Instances only.
    // In a task, because to wake a task takes nothing, and to wake the future that the thread blocks on takes a system call.
    let running = tokio::spawn(runtime.run_concurrent());
    match running.await.unwrap_or_else(|ended| resume_unwind(ended.into_panic())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::runtime_ended(&error);
            ExitCode::FAILURE
        }
    }
}

/// Tells Lambda the reason, so that whoever invokes the function reads it and not "exit status 1".
/// Where there is no Lambda to tell, the log line and the exit status have said it.
async fn report_to_lambda(mistakes: &Mistakes) {
    let Some(endpoint) = mistakes.runtime_api().and_then(|address| address.parse().ok()) else {
        return;
    };
    let diagnostic = Diagnostic { error_type: "settings".to_owned(), error_message: mistakes.to_string() };
    let request = http::Request::post("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", "settings")
        .body(Body::from(serde_json::to_vec(&diagnostic).unwrap_or_default()));
    if let Ok(request) = request {
        let _ = PooledClient::builder().with_endpoint(endpoint).build().call(request).await;
    }
}

//! `cargo local events/NAME.json`: events in, answers and log lines out.

use crate::memory::Memory;
use crate::output::{complain, note, say};
use crate::sandbox::Sandbox;
use serde_json::Value;
use stand_ins::gateway::{GatewayAnswer, Mode};
use stand_ins::runtime_api::{Answered, Invocation, Outcome};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// How long a line may take from the function's output to ours, once its answer is there.
const LINE_PATIENCE: Duration = Duration::from_millis(500);

/// Sends each event in its order, and prints what came back. Fails if the function failed on one of them.
pub(crate) async fn send(files: &[PathBuf], bedrock: bool) -> Result<ExitCode, String> {
    let events = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let mut memory = Memory::start().await?;
    // The production transport reaches no queue on this machine.
    let outlets = if bedrock { Vec::new() } else { memory.outlets() };
    let sandbox = Sandbox::start(bedrock, 1, outlets).await?;
    sandbox.ready().await?;
    let mut failed = 0;
    for (file, event) in files.iter().zip(events) {
        note(&format!("── {} ──", file.display()));
        let outcome = sandbox.runtime.invoke(Invocation::new(event)).await;
        if !print(&outcome) {
            failed += 1;
        }
        memory.show();
        print_new_lines(&sandbox, &outcome).await;
    }
    if files.len() > 1 {
        note(&format!("── {} sent, {failed} of them failed ──", files.len()));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &Path) -> Result<String, String> {
    let wrong = |what: String| format!("{}: {what}", file.display());
    let bytes = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8; save it as UTF-8".to_owned()))?;
    if text.starts_with('\u{feff}') {
        return Err(wrong("begins with a byte order mark; save it as UTF-8 without one".to_owned()));
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(_) => Ok(text),
        // Lambda refuses such an event before any function sees it.
        Err(error) => Err(wrong(format!("is not JSON: {error}"))),
    }
}

/// Prints an outcome, and tells whether the function answered.
fn print(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Answered(answered) => {
            print_answer(answered, outcome);
            if let Some((error_type, _)) = &answered.stream_error {
                complain(&format!("the function failed in the middle of its answer: {error_type}"));
            }
        }
        Outcome::Failed(failed) => {
            complain(&format!("the function failed: {}: {}", failed.error_type, failed.message));
            if failed.error_type == "credentials" {
                complain("log in with the AWS CLI (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID");
            }
        }
        Outcome::TimedOut => complain("the function did not answer before its deadline"),
        Outcome::TooLarge { .. } => complain("the function's answer was larger than Lambda takes"),
    }
    matches!(outcome, Outcome::Answered(answered) if answered.stream_error.is_none())
}

/// An HTTP answer is printed as the caller would see it, anything else as the document that it is.
fn print_answer(answered: &Answered, outcome: &Outcome) {
    let document: Option<Value> = serde_json::from_slice(&answered.body).ok();
    let is_http = answered.streamed || document.as_ref().is_some_and(|it| it.get("statusCode").is_some());
    if !is_http {
        say(&document.map_or_else(|| "null".to_owned(), |it| pretty(&it)));
        return;
    }
    let mode = if answered.streamed { Mode::Stream } else { Mode::Buffered };
    let answer = GatewayAnswer::from_outcome(outcome, mode);
    say(&format!("HTTP {}", answer.status));
    for (name, value) in &answer.headers {
        say(&format!("{name}: {value}"));
    }
    let text = answer.text();
    // What is no JSON document, such as server-sent events, is shown as it came.
    let text = serde_json::from_str(&text).map_or(text, |it: Value| pretty(&it));
    say(&format!("\n{}", text.trim_end()));
}

fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap_or_else(|_| document.to_string())
}

/// Prints the log lines of an invocation, which carry its request ID.
async fn print_new_lines(sandbox: &Sandbox, outcome: &Outcome) {
    let Some(request_id) = outcome.request_id().map(str::to_owned) else {
        return;
    };
    say("");
    for function in &sandbox.functions {
        let of_this = |line: &str| line.contains(&request_id);
        function.wait_for_line(of_this, LINE_PATIENCE).await;
        function.lines().iter().filter(|line| of_this(line)).for_each(|line| say(line));
    }
}

//! A prompt's log line beside what the stand-in for Bedrock recorded of its calls.

use super::lines::{Line, Lines};
use crate::sandbox::Sandbox;
use serde::Serialize;
use serde_json::value::RawValue;
use stand_ins::bedrock::{Bedrock, Call};

/// The last prompts.
#[derive(Serialize)]
pub(super) struct List {
    /// Whether a stand-in answers; if not, Claude itself does.
    stand_in: bool,
    /// Their log lines, the newest first.
    lines: Vec<Box<RawValue>>,
}

/// One prompt.
#[derive(Serialize)]
pub(super) struct Record {
    line: Box<RawValue>,
    /// What the stand-in recorded of the prompt's calls, which it finds without the line's help; nothing if there is no stand-in.
    recorded: Option<Vec<Recorded>>,
}

/// A call as it arrived: this side knows nothing of what the function says of it.
#[derive(Serialize)]
struct Recorded {
    request_id: String,
    /// The `Host` header.
    host: String,
    /// The profile in the path.
    profile: Option<String>,
    /// The Region in the credential scope of the signature.
    region: Option<String>,
    /// The status of the answer; nothing if there was none.
    status: Option<u16>,
}

impl From<Call> for Recorded {
    fn from(call: Call) -> Self {
        let (profile, region) = (call.model(), call.signed_region().map(str::to_owned));
        Self { request_id: call.request_id, host: call.host, profile, region, status: call.status }
    }
}

/// What the page lists.
pub(super) fn list(lines: &Lines, sandbox: &Sandbox) -> List {
    let texts = lines.all().into_iter().map(|line| line.text);
    List { stand_in: sandbox.bedrock().is_some(), lines: texts.collect() }
}

/// What the page shows of the prompt with this request ID.
pub(super) fn of(request_id: &str, lines: &Lines, sandbox: &Sandbox) -> Option<Record> {
    let Line { text, trace_id, .. } = lines.of(request_id)?;
    // Here each prompt has an invocation of its own, and so a trace.
    let calls = |bedrock: &Bedrock| bedrock.calls_within(trace_id.as_deref().unwrap_or_default());
    let recorded = |bedrock: &Bedrock| calls(bedrock).into_iter().map(Recorded::from).collect();
    Some(Record { line: text, recorded: sandbox.bedrock().map(recorded) })
}

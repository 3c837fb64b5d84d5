//! `cargo local --queue`: the worker of a queue, with the poller, on queues in memory or on those of an emulator.

mod emulator;

use crate::memory::{MAX_RECEIVES, Memory};
use crate::output::{complain, note};
use crate::sandbox::{Sandbox, worker_defaults};
use serde_json::Value;
use stand_ins::poller::{Poller, PollerSettings};
use std::process::ExitCode;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};

/// How many batches are worked on at once.
const PROCESSES: usize = 2;

/// The time-out of the template's worker.
const TIMEOUT: Duration = Duration::from_secs(300);

/// How often it is looked whether something has arrived.
const LOOK: Duration = Duration::from_millis(100);

/// Works on the queue of an emulator until it is interrupted, or on the messages of standard input until all are settled.
pub(crate) async fn work(url: Option<&str>) -> Result<ExitCode, String> {
    match url {
        Some(url) => emulator::work(url).await,
        None => in_memory().await,
    }
}

fn settings(url: impl Into<String>) -> PollerSettings {
    PollerSettings { timeout: TIMEOUT, maximum_concurrency: PROCESSES, ..PollerSettings::new(url) }
}

async fn in_memory() -> Result<ExitCode, String> {
    let mut memory = Memory::start().await?;
    let surroundings = [memory.outlets(), memory.table(), worker_defaults()].concat();
    let sandbox = Sandbox::start(false, PROCESSES, surroundings).await?;
    sandbox.ready().await?;
    let (address, prompts) = memory.prompts();
    let _poller = Poller::start(address, settings(prompts), &sandbox.runtime);
    note("type messages, one body a line, such as {\"prompt\": \"こんにちは\"}; Ctrl-D ends when all are settled");
    let (mut bodies, mut lines) = (BufReader::new(tokio::io::stdin()).split(b'\n'), Lines::of(&sandbox));
    let (mut number, mut is_open, mut refused) = (0, true, 0);
    while is_open || memory.is_busy() {
        tokio::select! {
            body = bodies.next_segment(), if is_open => match body {
                Ok(Some(body)) => {
                    number += 1;
                    if let Err(reason) = send(&memory, &body) {
                        complain(&format!("line {number} is not sent: {reason}"));
                        refused += 1;
                    }
                }
                Ok(None) => is_open = false,
                Err(error) => return Err(format!("standard input cannot be read: {error}")),
            },
            () = tokio::time::sleep(LOOK) => {}
        }
        memory.show();
        lines.show(&sandbox, |line| announce(&memory, line));
    }
    memory.show();
    lines.show(&sandbox, |_| {});
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends a line of standard input; an empty one is none.
fn send(memory: &Memory, body: &[u8]) -> Result<(), String> {
    let body = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?.trim_end_matches('\r');
    if body.trim().is_empty() { Ok(()) } else { memory.send(body) }
}

/// Says when a message comes again that has been returned, so that nobody wonders what the terminal waits for.
fn announce(memory: &Memory, line: &str) {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let Some(message) = line["queue.message_id"].as_str().filter(|_| line["fate"] == "returned") else {
        return;
    };
    if let Some((waiting, hidden)) = memory.waiting(message).and_then(|it| Some((it.receives, it.hidden_for?))) {
        let what = if waiting < MAX_RECEIVES { "comes again" } else { "becomes a dead letter" };
        note(&format!("{message} {what} in {} s (receive {waiting} of {MAX_RECEIVES})", hidden.as_secs()));
    }
}

/// The log lines of the function's processes, and how many of each have been printed.
struct Lines(Vec<usize>);

impl Lines {
    fn of(sandbox: &Sandbox) -> Self {
        Self(vec![0; sandbox.functions.len()])
    }

    /// Prints those that have come since.
    fn show(&mut self, sandbox: &Sandbox, after: impl Fn(&str)) {
        for (function, printed) in sandbox.functions.iter().zip(&mut self.0) {
            for line in function.lines().split_off(*printed) {
                note(&line);
                after(&line);
                *printed += 1;
            }
        }
    }
}

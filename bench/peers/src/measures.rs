//! One round of one contender: whole answers, streams, and a crowd, each in a fresh process.

use crate::Failure;
use crate::authority::Authority;
use crate::client::Caller;
use crate::contender::Contender;
use crate::figures::{Figures, Kind};
use crate::sandbox::{Mode, Sandbox};
use futures_util::future::try_join_all;
use stand_ins::usage::{peak_memory, processor_time};
use std::path::Path;
use std::time::Instant;

const PROMPT: &str = "What is the capital of Japan?";

/// Prompts that are not counted, in which a contender comes up to its speed; and those that are.
const WARMING: usize = 20;
const WARM: u32 = 100;

/// A stream at about the pace of a model: what the first byte takes, while nothing else presses.
const PACED: &str = "stand-in: pace 10";
const PACED_STREAMS: usize = 3;

/// A long answer as fast as the stand-in can send it.
const FLOOD: &str = "stand-in: chunks 2000";
const FLOOD_DELTAS: usize = 2000;

const CALLERS: usize = 16;
const WARMING_OF_A_CALLER: usize = 5;
const PROMPTS_OF_A_CALLER: usize = 25;

/// Asked by all callers at once, it keeps every worker busy for so long that the last of them has started.
const SLOW: &str = "stand-in: slow 3000";

pub(crate) async fn round(
    contender: Contender,
    authority: &Authority,
    place: &Path,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let sandbox = Sandbox::open(contender, Mode::Whole, authority, place).await?;
    whole(&sandbox, figures).await?;
    // A proxy has no modes, and takes long to start.
    if contender.is_proxy() {
        streams(&sandbox, figures).await?;
        return crowd(&sandbox, contender, figures).await;
    }
    drop(sandbox);
    if contender.streams() {
        streams(&Sandbox::open(contender, Mode::Stream, authority, place).await?, figures).await?;
    }
    crowd(&Sandbox::open(contender, Mode::Crowd(CALLERS), authority, place).await?, contender, figures).await
}

async fn whole(sandbox: &Sandbox, figures: &mut Figures) -> Result<(), Failure> {
    let mut caller = sandbox.client.caller().await?;
    figures.add_time(Kind::Start, sandbox.start);
    figures.add_time(Kind::FirstPrompt, caller.ask(PROMPT).await?);
    for _ in 0..WARMING {
        caller.ask(PROMPT).await?;
    }
    let before = processor_time(sandbox.pid())?;
    for _ in 0..WARM {
        figures.add_time(Kind::WarmPrompt, caller.ask(PROMPT).await?);
    }
    let taken = processor_time(sandbox.pid())?.saturating_sub(before);
    figures.add_time(Kind::Processor, taken / WARM);
    #[expect(clippy::cast_precision_loss, reason = "no machine has 2^52 bytes of memory")]
    figures.add(Kind::Memory, peak_memory(sandbox.pid())? as f64 / 1e6);
    Ok(())
}

async fn streams(sandbox: &Sandbox, figures: &mut Figures) -> Result<(), Failure> {
    let mut caller = sandbox.client.caller().await?;
    // The first stream opens the connection, and is not counted.
    caller.read(PACED).await?;
    for _ in 0..PACED_STREAMS {
        let reading = caller.read(PACED).await?;
        figures.add_time(Kind::FirstByte, reading.first.saturating_duration_since(sent(sandbox)?));
    }
    let reading = caller.read(FLOOD).await?;
    if reading.deltas != FLOOD_DELTAS {
        return Err(format!("{} deltas instead of {FLOOD_DELTAS}", reading.deltas).into());
    }
    #[expect(clippy::cast_precision_loss, reason = "two thousand chunks are far below 2^52")]
    figures.add(Kind::Chunks, FLOOD_DELTAS as f64 / (reading.last - sent(sandbox)?).as_secs_f64());
    Ok(())
}

/// When the stand-in sent the first chunk of the last stream.
fn sent(sandbox: &Sandbox) -> Result<Instant, Failure> {
    let last = sandbox.bedrock.calls().pop();
    Ok(last.and_then(|call| call.first_chunk_at).ok_or("no stream was sent")?)
}

async fn crowd(sandbox: &Sandbox, contender: Contender, figures: &mut Figures) -> Result<(), Failure> {
    let callers = try_join_all((0..CALLERS).map(|_| sandbox.client.caller())).await?;
    // The first prompts open the connections, and are not counted.
    let first = if contender.forks() { SLOW } else { PROMPT };
    let callers = try_join_all(callers.into_iter().map(|it| in_a_row(it, first, 1))).await?;
    let callers = try_join_all(callers.into_iter().map(|it| in_a_row(it, PROMPT, WARMING_OF_A_CALLER))).await?;
    let began = Instant::now();
    try_join_all(callers.into_iter().map(|it| in_a_row(it, PROMPT, PROMPTS_OF_A_CALLER))).await?;
    #[expect(clippy::cast_precision_loss, reason = "some hundred prompts are far below 2^52")]
    figures.add(Kind::Throughput, (CALLERS * PROMPTS_OF_A_CALLER) as f64 / began.elapsed().as_secs_f64());
    Ok(())
}

async fn in_a_row<'a>(mut caller: Caller<'a>, prompt: &str, times: usize) -> Result<Caller<'a>, Failure> {
    for _ in 0..times {
        caller.ask(prompt).await?;
    }
    Ok(caller)
}

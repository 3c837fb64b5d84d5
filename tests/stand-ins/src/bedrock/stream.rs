//! An answer as a stream: its events, cut and framed, sent one frame at a time, and what can happen in between.

mod events;
mod frame;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::json;

use super::answer::{Answer, DELTA_CHARACTERS, WIDE_DELTA_CHARACTERS};
use super::command::{Command, Exception, Interruption, Kind, Moment};
use super::prepared::Prepared;
use super::state::{Entry, milliseconds_since};
use crate::server::{Body, Hangup};

/// How many deltas go before an interruption: enough that the client has begun to show the answer.
const DELTAS_BEFORE_AN_INTERRUPTION: usize = 3;

/// One thing that happens on the wire.
#[derive(Debug)]
enum Step {
    Chunk(String),
    /// An event that was framed before.
    Framed(Framed),
    /// The last chunk, whose latencies are known only when it is sent.
    Metrics,
    Exception(&'static Exception, String),
    Broken(String),
    /// Half a frame, after which the connection closes.
    Half(String),
    Close,
    Stall,
}

/// An event, and the frame in which it travels.
#[derive(Debug, Clone)]
pub(super) struct Framed {
    event: Bytes,
    frame: Bytes,
}

/// What is left of a stream, and where to note what has gone.
#[derive(Debug)]
struct Script {
    /// What to send, and how long to wait before each.
    steps: VecDeque<(Duration, Step)>,
    entry: Entry,
    arrived: Instant,
    first_byte_latency: Option<u64>,
    input_tokens: usize,
    output_tokens: usize,
}

/// The answer to a streaming call, which goes on after this function has returned.
pub(super) fn answered(
    answer: &Answer,
    command: Option<&Command>,
    prompt: &str,
    entry: Entry,
    arrived: Instant,
) -> Response<Body> {
    let events = events::of(&answer.message, delta_characters(command));
    let few = first_few(&events);
    let steps = steps(events, few, command, prompt).into_iter().enumerate();
    respond(steps.map(|(index, step)| (wait(command, index, few), step)).collect(), answer, entry, arrived)
}

/// The same of an answer whose events were framed before.
pub(super) fn prepared(answer: &Prepared, entry: Entry, arrived: Instant) -> Response<Body> {
    let steps = answer.events.iter().cloned().map(Step::Framed).chain([Step::Metrics]);
    respond(steps.map(|step| (Duration::ZERO, step)).collect(), &answer.answer, entry, arrived)
}

/// The events of an answer with so much text in each delta, framed, but for the last, whose latencies are not known yet.
pub(super) fn framed(answer: &Answer, delta_characters: usize) -> Vec<Framed> {
    let framed = |event: String| Framed { frame: frame::chunk(event.as_bytes()), event: event.into() };
    events::of(&answer.message, delta_characters).into_iter().map(framed).collect()
}

fn respond(steps: VecDeque<(Duration, Step)>, answer: &Answer, entry: Entry, arrived: Instant) -> Response<Body> {
    let script = Script {
        steps,
        entry,
        arrived,
        first_byte_latency: None,
        input_tokens: answer.input_tokens,
        output_tokens: answer.output_tokens,
    };
    let frames = stream::unfold(script, |mut script| async move { Some((script.next().await?, script)) });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/vnd.amazon.eventstream"));
    headers.insert("x-amzn-bedrock-content-type", HeaderValue::from_static("application/json"));
    response
}

/// How much text each delta carries.
fn delta_characters(command: Option<&Command>) -> usize {
    if matches!(command, Some(Command::Wide(_))) { WIDE_DELTA_CHARACTERS } else { DELTA_CHARACTERS }
}

/// How many events go before what happens in the middle of a stream: up to the last of the first few deltas.
fn first_few(events: &[String]) -> usize {
    let deltas = events.iter().enumerate().filter(|(_, event)| events::is_delta(event));
    deltas.map(|(index, _)| index + 1).nth(DELTAS_BEFORE_AN_INTERRUPTION - 1).unwrap_or(events.len() - 1)
}

/// How long nothing is sent before this step.
fn wait(command: Option<&Command>, index: usize, few: usize) -> Duration {
    match command {
        Some(Command::Pace(pace)) => *pace,
        Some(Command::Quiet(silence)) if index == few => *silence,
        _ => Duration::ZERO,
    }
}

/// The whole stream of a message, or what the command makes of it.
fn steps(events: Vec<String>, few: usize, command: Option<&Command>, prompt: &str) -> VecDeque<Step> {
    match command {
        Some(Command::Interrupt(interruption)) => interrupted(events, few, interruption, prompt),
        Some(Command::Empty) => VecDeque::new(),
        Some(Command::OddShape) => VecDeque::from([Step::Chunk(json!({ "hello": 1 }).to_string())]),
        Some(Command::Truncated) => {
            let half = events.len() / 2;
            events.into_iter().take(half).map(Step::Chunk).collect()
        }
        _ => events.into_iter().map(Step::Chunk).chain([Step::Metrics]).collect(),
    }
}

/// The first few deltas, or none, and then the interruption, which takes the place of the next event where it needs one.
fn interrupted(events: Vec<String>, few: usize, interruption: &'static Interruption, prompt: &str) -> VecDeque<Step> {
    let before = match interruption.moment {
        Moment::First => 0,
        Moment::AfterAFewDeltas => few,
        Moment::AfterTheEnd => events.len(),
    };
    let mut events = events.into_iter();
    let mut steps: VecDeque<Step> = events.by_ref().take(before).map(Step::Chunk).collect();
    if interruption.moment == Moment::AfterTheEnd {
        steps.push_back(Step::Metrics);
    }
    let next = events.next().unwrap_or_default();
    match &interruption.kind {
        Kind::Exception(exception) => steps.push_back(Step::Exception(exception, exception.message(prompt))),
        Kind::Broken => steps.push_back(Step::Broken(next)),
        Kind::Drop => steps.extend([Step::Half(next), Step::Close]),
        Kind::Stall => steps.push_back(Step::Stall),
    }
    steps
}

impl Script {
    /// The next frame; nothing after the last one.
    async fn next(&mut self) -> Option<Result<Frame<Bytes>, Hangup>> {
        // hyper flushes what it has when it must wait for more, so that no two frames travel together.
        tokio::task::yield_now().await;
        let Some((wait, step)) = self.steps.pop_front() else {
            self.entry.update(|call| call.stream_ended = true);
            return None;
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let bytes = match step {
            Step::Chunk(event) => self.chunk(event),
            Step::Framed(Framed { event, frame }) => self.sent(event, frame),
            Step::Metrics => self.chunk(self.last_event()),
            Step::Exception(exception, message) => frame::exception(exception.exception_type, &message),
            Step::Broken(event) => frame::broken(&frame::chunk(event.as_bytes())),
            Step::Half(event) => frame::half(&frame::chunk(event.as_bytes())),
            Step::Close => return Some(Err(Hangup)),
            Step::Stall => std::future::pending().await,
        };
        Some(Ok(Frame::data(bytes)))
    }

    /// Frames an event.
    fn chunk(&mut self, event: String) -> Bytes {
        let event = Bytes::from(event);
        let frame = frame::chunk(&event);
        self.sent(event, frame)
    }

    /// Notes that an event goes, and gives its frame.
    fn sent(&mut self, event: Bytes, frame: Bytes) -> Bytes {
        let arrived = self.arrived;
        self.first_byte_latency.get_or_insert_with(|| milliseconds_since(arrived));
        self.entry.update(|call| {
            call.first_chunk_at.get_or_insert_with(Instant::now);
            call.chunks_sent += 1;
            call.events_sent.push(event);
        });
        frame
    }

    fn last_event(&self) -> String {
        let latency = milliseconds_since(self.arrived);
        events::message_stop(&json!({
            "inputTokenCount": self.input_tokens,
            "outputTokenCount": self.output_tokens,
            "invocationLatency": latency,
            "firstByteLatency": self.first_byte_latency.unwrap_or(latency),
        }))
    }
}

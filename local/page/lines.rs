//! The log lines of the last prompts, and their arrival as server-sent events.

use crate::integration::Body;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, Receiver, Sender};

/// How many prompts are remembered, and so the most that the page lists.
const KEPT: usize = 100;

/// First on every stream: how long a browser waits, in ms, before it asks a server that has gone whether it is back.
const RETRY: &str = "retry: 1000\n\n";

/// A line of one prompt, as the function wrote it.
#[derive(Clone)]
pub(crate) struct Line {
    request_id: String,
    pub(super) text: Box<RawValue>,
    /// The trace of its invocation, which its calls carry too.
    pub(super) trace_id: Option<String>,
}

impl Line {
    /// The line of a prompt; nothing if it is another one, such as that of the function's start.
    fn read(text: &str) -> Option<Self> {
        let fields: Value = serde_json::from_str(text).ok()?;
        fields.get("duration_ms")?;
        Some(Self {
            request_id: fields["request_id"].as_str()?.to_owned(),
            text: RawValue::from_string(text.to_owned()).ok()?,
            trace_id: fields["trace_id"].as_str().map(str::to_owned),
        })
    }
}

/// The last lines, and who waits for the next.
pub(crate) struct Lines {
    last: Mutex<VecDeque<Line>>,
    arrivals: Sender<Line>,
}

impl Default for Lines {
    fn default() -> Self {
        Self { last: Mutex::default(), arrivals: Sender::new(KEPT) }
    }
}

impl Lines {
    /// Keeps a line of the function's output, if it is a prompt's, in place of the oldest.
    pub(crate) fn keep(&self, text: &str) {
        let Some(line) = Line::read(text) else { return };
        let mut last = self.last();
        last.truncate(KEPT - 1);
        last.push_front(line.clone());
        // Nobody may be waiting.
        let _ = self.arrivals.send(line);
    }

    /// The lines that are kept, the newest first.
    pub(super) fn all(&self) -> Vec<Line> {
        self.last().iter().cloned().collect()
    }

    /// The line of the prompt with this request ID.
    pub(super) fn of(&self, request_id: &str) -> Option<Line> {
        self.last().iter().find(|line| line.request_id == request_id).cloned()
    }

    /// Every line from now on, as the data of one event each.
    pub(super) fn arrivals(&self) -> Body {
        let arrivals = self.arrivals.subscribe();
        let events = stream::unfold((Some(RETRY.to_owned()), arrivals), |(first, mut arrivals)| async move {
            let event = match first {
                Some(first) => first,
                None => next(&mut arrivals).await?,
            };
            Some((Ok(Frame::data(event.into())), (None, arrivals)))
        });
        StreamBody::new(events).boxed_unsync()
    }

    fn last(&self) -> MutexGuard<'_, VecDeque<Line>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next event. A page that has missed some is let go: when it comes back, it asks for the whole list.
async fn next(arrivals: &mut Receiver<Line>) -> Option<String> {
    match arrivals.recv().await {
        Ok(line) => Some(format!("data: {}\n\n", line.text.get())),
        Err(broadcast::error::RecvError::Lagged(_) | broadcast::error::RecvError::Closed) => None,
    }
}

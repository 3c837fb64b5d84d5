//! A streamed response on its way from the function's post to whoever reads it, chunk by chunk.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::outcome::{Answered, Departure, Failed, Outcome};
use super::post::stream_error as stream_error_in;
use crate::server::Hangup;

/// What the function's response turns out to be, as soon as it begins.
#[derive(Debug)]
pub enum Opened {
    /// A streamed response has begun.
    Streaming(Streaming),
    /// Anything else: a buffered answer, an error, an answer that was too large, or nothing in time.
    Ended(Outcome),
}

impl Opened {
    /// Waits for the end of a stream that has begun.
    pub async fn outcome(self) -> Outcome {
        match self {
            Self::Streaming(streaming) => streaming.outcome().await,
            Self::Ended(outcome) => outcome,
        }
    }

    /// The stream, for tests in which anything else is a failure.
    ///
    /// # Panics
    ///
    /// When the function did not stream; the message says what it did instead.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that expects a stream should end where there is none")]
    pub fn streaming(self) -> Streaming {
        match self {
            Self::Streaming(streaming) => streaming,
            Self::Ended(outcome) => panic!("the function did not stream: {outcome:?}"),
        }
    }
}

/// A streamed response that is being read; dropping it is the client leaving. Then, and when its time is over, the rest
/// is dealt with as [`Departure`] says. (Lambda would stop a function that is late; a stand-in owns no process.)
#[derive(Debug)]
pub struct Streaming {
    begun: Begun,
    chunks: mpsc::Receiver<Bytes>,
    ended: oneshot::Receiver<End>,
    /// What has been read already, because the outcome holds the whole body.
    read: Vec<Bytes>,
    end: Option<End>,
}

impl Streaming {
    /// The invocation's request ID, which the function's log lines carry.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.begun.request_id
    }

    /// The content type that the function gave its post, by which Lambda tells an HTTP stream from any other.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.begun.content_type.as_deref()
    }

    /// The next bytes as the function sent them; nothing at the end, whatever that was: [`Streaming::outcome`] tells.
    /// Whoever stops waiting for it misses nothing.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        if self.end.is_some() {
            return None;
        }
        match timeout_at(self.begun.deadline, self.chunks.recv()).await {
            Ok(Some(chunk)) => {
                self.read.push(chunk.clone());
                return Some(chunk);
            }
            // A post that has not told its end has gone with its connection.
            Ok(None) => self.end = Some(self.ended.try_recv().unwrap_or(End::BrokenOff)),
            Err(_) => {
                self.end = Some(End::TimedOut);
                self.chunks.close();
            }
        }
        None
    }

    /// Reads the rest, and gives the outcome of the invocation, with the whole body from its first byte.
    pub async fn outcome(mut self) -> Outcome {
        while self.chunk().await.is_some() {}
        let Begun { request_id, content_type, .. } = self.begun;
        match self.end {
            Some(End::Complete { stream_error, elapsed }) => {
                let mut body = BytesMut::new();
                self.read.iter().for_each(|chunk| body.extend_from_slice(chunk));
                let body = body.freeze();
                Outcome::Answered(Answered { request_id, body, streamed: true, content_type, stream_error, elapsed })
            }
            Some(End::TimedOut) => Outcome::TimedOut,
            Some(End::BrokenOff) | None => Outcome::Failed(Failed::broken_off(request_id)),
        }
    }

    /// Whether the function has sent the stream to its end, and has not said there that it failed.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self.end, Some(End::Complete { stream_error: None, .. }))
    }
}

/// What is known of a response once it has begun.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) request_id: String,
    pub(super) content_type: Option<String>,
    pub(super) since: Instant,
    pub(super) deadline: Instant,
}

/// How a stream ended.
#[derive(Debug)]
enum End {
    Complete { stream_error: Option<(String, String)>, elapsed: Duration },
    BrokenOff,
    TimedOut,
}

/// The post's side of a stream.
#[derive(Debug)]
pub(super) struct Relay {
    chunks: mpsc::Sender<Bytes>,
    ended: oneshot::Sender<End>,
    since: Instant,
    departure: Departure,
}

impl Relay {
    /// The two sides of a stream, of which `held` chunks may be on their way between them.
    pub(super) fn new(begun: Begun, departure: Departure, held: usize) -> (Self, Streaming) {
        let (chunks, received) = mpsc::channel(held);
        let (ended, is_ended) = oneshot::channel();
        let relay = Self { chunks, ended, since: begun.since, departure };
        (relay, Streaming { begun, chunks: received, ended: is_ended, read: Vec::new(), end: None })
    }

    /// Hands a post on as it comes, no faster than it is read at the other side.
    pub(super) async fn run(self, mut body: Incoming) -> Result<(), Hangup> {
        let closes = self.departure == Departure::Close;
        let mut stream_error = None;
        loop {
            let frame = tokio::select! {
                biased;
                () = self.chunks.closed(), if closes => return Err(Hangup),
                frame = body.frame() => frame,
            };
            // A post that breaks off has no end to tell.
            let Some(frame) = frame.transpose().map_err(|_| Hangup)? else {
                break;
            };
            match frame.into_data() {
                // Fails once nobody reads any more; whether to go on then is decided above.
                Ok(chunk) => drop(self.chunks.send(chunk).await),
                Err(frame) => stream_error = frame.trailers_ref().and_then(stream_error_in),
            }
        }
        // Told before the chunks end, because the reader asks when they do. A client that has gone does not.
        let _ = self.ended.send(End::Complete { stream_error, elapsed: self.since.elapsed() });
        Ok(())
    }
}

//! What goes in at the Runtime API, and what comes out.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

/// The time that an invocation has unless it says otherwise; shorter than a patient test runner's own limit.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// One event for the function, and the conditions under which it is to be handled.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The event as bytes, so that a test can send what is not JSON.
    pub event: Bytes,
    /// How long the function has, from when it takes the event; the deadline that it is told follows from this.
    pub timeout: Duration,
    /// The X-Ray header to send; one is made up when there is none, because Lambda always sends one.
    pub trace_id: Option<String>,
    /// What is done with a streamed response once nobody reads it any more.
    pub departure: Departure,
}

/// What Lambda does with the rest of a streamed response once its client has gone. AWS does not say which, so a function
/// has to stand both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Departure {
    /// It goes on reading the post and throws away what it reads.
    #[default]
    ReadOn,
    /// It closes the connection of the post, so that the function's next bytes cannot be sent.
    Close,
}

impl Invocation {
    /// An event with thirty seconds and a trace ID of its own.
    #[must_use]
    pub fn new(event: impl Into<Bytes>) -> Self {
        Self { event: event.into(), timeout: DEFAULT_TIMEOUT, trace_id: None, departure: Departure::default() }
    }

    /// The same event with another deadline.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same event within a trace that the test knows.
    #[must_use]
    pub fn trace_id(mut self, trace_id: impl Into<String>) -> Self {
        self.trace_id = Some(trace_id.into());
        self
    }

    /// The same event, with a client that may leave before the end of a streamed response.
    #[must_use]
    pub fn departure(mut self, departure: Departure) -> Self {
        self.departure = departure;
        self
    }
}

/// What came of an invocation.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The function posted a response.
    Answered(Answered),
    /// The function posted an error, or broke off while it posted a response.
    Failed(Failed),
    /// The response was larger than Lambda takes, so the caller got an error although the function meant to answer.
    TooLarge {
        /// The invocation's request ID.
        request_id: String,
    },
    /// The function's response had not come, or not come to its end, a second after the deadline; or the function never
    /// took the event at all.
    TimedOut,
}

impl Outcome {
    /// The invocation's request ID, which its log lines carry; nothing if the function said nothing.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Answered(answered) => Some(&answered.request_id),
            Self::Failed(failed) => Some(&failed.request_id),
            Self::TooLarge { request_id } => Some(request_id),
            Self::TimedOut => None,
        }
    }

    /// The response, for tests in which anything else is a failure.
    ///
    /// # Panics
    ///
    /// When the function did not answer; the message says what it did instead.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that expects an answer should end where there is none")]
    pub fn answered(self) -> Answered {
        match self {
            Self::Answered(answered) => answered,
            other => panic!("the function did not answer: {other:?}"),
        }
    }
}

/// A response, as the function posted it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The invocation's request ID, which the function's log lines carry.
    pub request_id: String,
    /// The whole body; that of a stream is put together again.
    pub body: Bytes,
    /// Whether the function declared a stream, which decides how everything downstream reads the body.
    pub streamed: bool,
    /// The content type that the function gave its post, by which Lambda tells an HTTP stream from any other.
    pub content_type: Option<String>,
    /// The type and the body of an error that the function reported in the trailers of a stream.
    pub stream_error: Option<(String, String)>,
    /// From when the function took the event until the last byte of its response.
    pub elapsed: Duration,
}

impl Answered {
    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is not JSON; the message quotes it.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that expects JSON should end where there is none")]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {:?}", String::from_utf8_lossy(&self.body)),
        }
    }
}

/// An error, as the function posted it.
#[derive(Debug, Clone)]
pub struct Failed {
    /// The invocation's request ID, which the function's log lines carry.
    pub request_id: String,
    /// `errorType`, on which a Step Functions retry or an alarm matches; empty if the function sent none.
    pub error_type: String,
    /// `errorMessage`, which ends up in front of the caller; empty if the function sent none.
    pub message: String,
    /// The whole body, to look for what may not be in it.
    pub raw: String,
}

impl Failed {
    pub(super) fn read(request_id: String, body: &[u8]) -> Self {
        let raw = String::from_utf8_lossy(body).into_owned();
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        Self { request_id, error_type: string(&json, "errorType"), message: string(&json, "errorMessage"), raw }
    }

    /// The connection ended in the middle of a response, as when the process dies.
    pub(super) fn broken_off(request_id: String) -> Self {
        let message = "The function broke off its response.".to_owned();
        Self { request_id, error_type: "Runtime.TruncatedResponse".to_owned(), message, raw: String::new() }
    }
}

/// Why the function did not start, as it reported it.
#[derive(Debug, Clone)]
pub struct InitError {
    /// `errorType` of the body.
    pub error_type: String,
    /// `errorMessage` of the body, which is what an operator reads first.
    pub message: String,
    /// The header `Lambda-Runtime-Function-Error-Type`, which Lambda counts errors by.
    pub header: Option<String>,
}

impl InitError {
    pub(super) fn read(body: &[u8], header: Option<String>) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        Self { error_type: string(&json, "errorType"), message: string(&json, "errorMessage"), header }
    }
}

fn string(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_default().to_owned()
}

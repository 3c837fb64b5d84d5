//! The desk between the tests and the function: what is queued, what is being worked on, what is done.

use std::collections::{HashMap, HashSet};
use std::future::{Future, pending};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::outcome::{Departure, InitError, Invocation, Outcome};
use super::streaming::{Begun, Opened, Relay};
use crate::identifiers;
use crate::server::lock;

/// How long an event may wait for the function to take it: room for a slow start on a busy machine and for a queue.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an invocation gets after its deadline, in which a function that minds it can still say that it is late.
const GRACE: Duration = Duration::from_secs(1);

/// Why a post of the function is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// No invocation has this request ID.
    UnknownRequest,
    /// This invocation is over.
    AnsweredBefore,
    /// The response is larger than Lambda takes.
    TooLarge,
}

/// An event on its way to the function.
#[derive(Debug, Clone)]
pub(super) struct Delivered {
    pub(super) request_id: String,
    pub(super) event: Bytes,
    pub(super) timeout: Duration,
    pub(super) trace_id: String,
}

#[derive(Debug)]
struct Queued {
    delivered: Delivered,
    /// Told, when the function takes the event, until when the caller waits.
    taken: oneshot::Sender<Instant>,
    caller: Caller,
}

/// Who waits for the response, and how they will read it if it is a stream.
#[derive(Debug)]
struct Caller {
    opened: oneshot::Sender<Opened>,
    departure: Departure,
    chunks: usize,
}

#[derive(Debug)]
struct Running {
    since: Instant,
    deadline: Instant,
    caller: Caller,
}

#[derive(Debug)]
pub(super) struct Desk {
    queue: mpsc::UnboundedSender<Queued>,
    /// Polls wait for this lock in the order in which they came, so each gets the next event.
    waiting: AsyncMutex<mpsc::UnboundedReceiver<Queued>>,
    running: Mutex<HashMap<String, Running>>,
    done: Mutex<HashSet<String>>,
    polled: watch::Sender<bool>,
    init_error: watch::Sender<Option<InitError>>,
}

impl Default for Desk {
    fn default() -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        Self {
            queue,
            waiting: AsyncMutex::new(waiting),
            running: Mutex::default(),
            done: Mutex::default(),
            polled: watch::Sender::new(false),
            init_error: watch::Sender::new(None),
        }
    }
}

impl Desk {
    /// Queues an event. Of a streamed response at most `chunks` chunks are held ready for a caller who does not read them.
    pub(super) fn stream(&self, invocation: Invocation, chunks: usize) -> impl Future<Output = Opened> + Send + use<> {
        let Invocation { event, timeout: limit, trace_id, departure } = invocation;
        let trace_id = trace_id.unwrap_or_else(new_trace_id);
        let delivered = Delivered { request_id: identifiers::uuid(), event, timeout: limit, trace_id };
        let (taken, is_taken) = oneshot::channel();
        let (opened, is_opened) = oneshot::channel();
        let caller = Caller { opened, departure, chunks };
        // The receiver lives as long as the desk, so this cannot fail; if it did, nobody would take the event.
        let _ = self.queue.send(Queued { delivered, taken, caller });
        async move {
            let Ok(Ok(deadline)) = timeout(PATIENCE, is_taken).await else {
                return Opened::Ended(Outcome::TimedOut);
            };
            match timeout_at(deadline, is_opened).await {
                Ok(Ok(opened)) => opened,
                _ => Opened::Ended(Outcome::TimedOut),
            }
        }
    }

    /// The next event that somebody still waits for.
    pub(super) async fn next(&self) -> Delivered {
        self.polled.send_replace(true);
        let mut waiting = self.waiting.lock().await;
        while let Some(Queued { delivered, taken, caller }) = waiting.recv().await {
            if caller.opened.is_closed() {
                continue;
            }
            let since = Instant::now();
            let deadline = since + delivered.timeout + GRACE;
            let running = Running { since, deadline, caller };
            lock(&self.running).insert(delivered.request_id.clone(), running);
            // The receiver may have given up since the line above, and then a late answer goes nowhere.
            let _ = taken.send(deadline);
            return delivered;
        }
        // The queue ends only with the desk, and then with this future.
        pending().await
    }

    /// Ends an invocation, with an outcome made from its request ID and the time that it took.
    pub(super) fn close(
        &self,
        request_id: &str,
        outcome: impl FnOnce(String, Duration) -> Outcome,
    ) -> Result<(), Problem> {
        let Running { since, caller, .. } = self.finish(request_id)?;
        let outcome = outcome(request_id.to_owned(), since.elapsed());
        // Whoever invoked may have stopped waiting, as a caller whose time is over does.
        let _ = caller.opened.send(Opened::Ended(outcome));
        Ok(())
    }

    /// Begins a streamed response. Nothing else can be said about this invocation from now on.
    pub(super) fn open(&self, request_id: &str, content_type: Option<String>) -> Result<Relay, Problem> {
        let Running { since, deadline, caller: Caller { opened, departure, chunks } } = self.finish(request_id)?;
        let begun = Begun { request_id: request_id.to_owned(), content_type, since, deadline };
        let (relay, streaming) = Relay::new(begun, departure, chunks);
        // A caller who has stopped waiting is a client that has gone, which the relay notices by itself.
        let _ = opened.send(Opened::Streaming(streaming));
        Ok(relay)
    }

    /// Takes an invocation off the list of those that may be answered.
    fn finish(&self, request_id: &str) -> Result<Running, Problem> {
        let Some(running) = lock(&self.running).remove(request_id) else {
            let over = lock(&self.done).contains(request_id);
            return Err(if over { Problem::AnsweredBefore } else { Problem::UnknownRequest });
        };
        lock(&self.done).insert(request_id.to_owned());
        Ok(running)
    }

    pub(super) fn fail_init(&self, error: InitError) {
        self.init_error.send_replace(Some(error));
    }

    pub(super) async fn polled(&self) {
        // The sender is a field of this desk, so the wait cannot end for want of one.
        let _ = self.polled.subscribe().wait_for(|polled| *polled).await;
    }

    pub(super) async fn init_error(&self) -> InitError {
        let mut errors = self.init_error.subscribe();
        loop {
            if let Some(error) = errors.borrow_and_update().clone() {
                return error;
            }
            if errors.changed().await.is_err() {
                return pending().await;
            }
        }
    }
}

/// An X-Ray header of a sampled trace that starts now.
fn new_trace_id() -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("Root=1-{seconds:08x}-{};Parent={};Sampled=1", identifiers::hex(24), identifiers::hex(16))
}

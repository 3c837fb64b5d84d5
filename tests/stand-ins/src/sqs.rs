//! A stand-in for Amazon SQS in Tokyo: queues in memory that take what SQS takes, and refuse or fail as it does.
//!
//! It listens on plain HTTP, but believes in the `Host` header: a request reaches it through [`crate::transport`],
//! signed for the real endpoint. It speaks the JSON protocol, and the words of its refusals are those that SQS was recorded to
//! use, where they are known. Time is real: what is hidden for a second is visible after a second.
//!
//! It is a single honest queue: nothing is delivered twice unless its visibility time-out ends, and a standard queue keeps
//! its order. Where SQS leaves open what happens, the worse of it does: deleting with an old receipt handle deletes nothing.

mod attribute;
mod batch;
mod describe;
mod door;
mod draft;
mod fault;
mod input;
mod message;
mod operation;
mod perform;
mod queue;
mod queues;
mod receive;
mod refusal;
mod rules;
mod settings;
mod state;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;

use self::state::State;
use crate::server::{Server, lock};

pub use self::attribute::Attribute;
pub use self::draft::Draft;
pub use self::fault::{Fault, Times};
pub use self::message::StoredMessage;
pub use self::operation::Operation;
pub use self::settings::{MAX_MESSAGE, QueueSettings};

/// A running stand-in; dropping it closes its port, and its queues are gone.
#[derive(Debug)]
pub struct Sqs {
    server: Server,
    state: Arc<State>,
}

/// A request that arrived, whether it was answered, refused or left hanging.
#[derive(Debug, Clone)]
pub struct Call {
    /// The `Host` header, which says where the request would have gone without the stand-in; empty if there was none.
    pub host: String,
    /// The headers in the order of their arrival, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The status that it was given; `None` while it waits, and for ever if the connection was dropped instead.
    pub status: Option<u16>,
    /// The request ID that the answer carries.
    pub request_id: String,
    /// What it asked for; `None` if the stand-in has no such operation.
    pub operation: Option<Operation>,
    /// The name of the queue that it asked it of, whether that exists or not.
    pub queue: Option<String>,
    /// The members of the call; null if they are not JSON.
    pub input: Value,
    /// Why this call was not bound to Tokyo, if it was not.
    stray: Option<String>,
}

impl Sqs {
    /// Starts a stand-in without queues on a free loopback port, on the caller's tokio runtime.
    ///
    /// # Errors
    ///
    /// Only when the machine has no port to give.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| Arc::clone(&shared).handle(request)).await?;
        Ok(Self { server, state })
    }

    /// Where it listens, over plain HTTP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Sets up an empty queue and returns its URL. A name that ends in `.fifo` makes it a FIFO queue.
    ///
    /// # Panics
    ///
    /// When its dead-letter queue does not exist, or is of the other type.
    #[must_use]
    pub fn create(&self, name: &str, settings: QueueSettings) -> String {
        if let Some((grave, _)) = &settings.dead_letters {
            assert!(self.state.queues.has(grave), "{grave} has to be created before {name}");
            assert_eq!(grave.ends_with(".fifo"), name.ends_with(".fifo"), "{grave} and {name} are of different types");
        }
        self.state.queues.create(name, settings);
        settings::url(name)
    }

    /// Puts a message into a queue without a call, under the rules that hold for one, and returns its ID.
    ///
    /// # Panics
    ///
    /// When there is no such queue, or SQS would not take the message.
    #[expect(clippy::panic, reason = "a test that sends what cannot be sent should end where it does")]
    pub fn put(&self, name: &str, message: impl Into<Draft>) -> String {
        self.offer(name, message).unwrap_or_else(|refusal| panic!("{name} does not take the message: {refusal}"))
    }

    /// The same for a message that SQS may not take.
    ///
    /// # Errors
    ///
    /// SQS's own words.
    pub fn offer(&self, name: &str, message: impl Into<Draft>) -> Result<String, String> {
        let draft = message.into();
        let accepted = self.state.queues.with(name, |queue| queue.send(draft)).flatten();
        accepted.map(|accepted| accepted.id).map_err(|refusal| refusal.into_message())
    }

    /// Every message that is in a queue now, be it visible or not, in the order in which they came; none if there is no queue.
    #[must_use]
    pub fn messages(&self, name: &str) -> Vec<StoredMessage> {
        self.state.queues.with(name, queue::Queue::stored).unwrap_or_default()
    }

    /// From now on an operation on a queue fails, always or a number of times, whatever it was told to do before.
    pub fn fail(&self, name: &str, operation: Operation, fault: Fault, times: Times) {
        self.state.faults.set(name, operation, fault, times);
    }

    /// From now on an operation on a queue succeeds again.
    pub fn heal(&self, name: &str, operation: Operation) {
        self.state.faults.clear(name, operation);
    }

    /// Everything that arrived so far, answered or refused, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state.calls).clone()
    }

    /// How many calls asked for this operation on this queue; a retry counts as a call of its own.
    #[must_use]
    pub fn calls_for(&self, name: &str, operation: Operation) -> usize {
        let matches = |call: &&Call| call.operation == Some(operation) && call.queue.as_deref() == Some(name);
        lock(&self.state.calls).iter().filter(matches).count()
    }

    /// Whether every call so far was bound to Tokyo, so that one assertion covers a whole test.
    ///
    /// # Errors
    ///
    /// A sentence about the first call whose host or credential scope was not Tokyo's.
    pub fn everything_was_pinned(&self) -> Result<(), String> {
        let stray = lock(&self.state.calls).iter().find_map(|call| call.stray.clone());
        stray.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests;

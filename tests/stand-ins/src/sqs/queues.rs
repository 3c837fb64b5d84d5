//! All queues together: where a call finds its queue, a message its dead-letter queue, and a receive the next message.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::queue::Queue;
use super::receive::Wanted;
use super::refusal::Refusal;
use super::settings::QueueSettings;
use crate::server::lock;

#[derive(Debug, Default)]
pub(super) struct Queues {
    by_name: Mutex<BTreeMap<String, Queue>>,
    /// Told of every change, because it may be what a receive waits for.
    changed: Notify,
}

impl Queues {
    /// Sets up an empty queue, in place of one that has this name already.
    pub(super) fn create(&self, name: &str, settings: QueueSettings) {
        lock(&self.by_name).insert(name.to_owned(), Queue::new(name, settings));
        self.changed.notify_waiters();
    }

    pub(super) fn has(&self, name: &str) -> bool {
        lock(&self.by_name).contains_key(name)
    }

    /// Does something with a queue.
    pub(super) fn with<T>(&self, name: &str, act: impl FnOnce(&mut Queue) -> T) -> Result<T, Refusal> {
        let done = lock(&self.by_name).get_mut(name).map(act).ok_or_else(Refusal::no_such_queue);
        self.changed.notify_waiters();
        done
    }

    /// Receives messages, as soon as there are any, or none when the time for waiting is over.
    pub(super) async fn receive(&self, name: &str, wanted: &Wanted) -> Result<Vec<Value>, Refusal> {
        let wait = wanted.wait.map_or_else(|| self.with(name, |queue| queue.settings.wait), Ok)?;
        let deadline = Instant::now() + wait;
        loop {
            let changed = self.changed.notified();
            let (messages, next_visible) = self.take(name, wanted)?;
            if !messages.is_empty() || Instant::now() >= deadline {
                return Ok(messages);
            }
            let until = next_visible.map_or(deadline, |next| next.min(deadline));
            // Whether something has changed or the time has come: the next round finds out.
            let _ = timeout_at(until, changed).await;
        }
    }

    /// Receives what there is now, and moves away what has been received too often.
    fn take(&self, name: &str, wanted: &Wanted) -> Result<(Vec<Value>, Option<Instant>), Refusal> {
        let mut queues = lock(&self.by_name);
        let queue = queues.get_mut(name).ok_or_else(Refusal::no_such_queue)?;
        let visibility = wanted.visibility.unwrap_or(queue.settings.visibility);
        let (taken, dead) = queue.receive(wanted.limit, visibility);
        let taken = taken.into_iter().map(|message| wanted.show(message)).collect();
        let next_visible = queue.next_visible();
        let grave = queue.settings.dead_letters.clone().map(|(grave, _)| grave);
        if let Some(grave) = grave.and_then(|grave| queues.get_mut(&grave)).filter(|_| !dead.is_empty()) {
            dead.into_iter().for_each(|message| grave.bury(message, name));
            self.changed.notify_waiters();
        }
        Ok((taken, next_visible))
    }
}

/// Whole seconds of the protocol.
pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

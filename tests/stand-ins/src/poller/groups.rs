//! The groups of a FIFO queue that the function works on, so that no two batches of one group run at once.

use std::collections::HashSet;
use std::sync::Mutex;

use tokio::sync::Notify;

use crate::server::lock;

/// SQS itself blocks a group while a message of it is in flight; this holds also when its time-out ends too soon.
#[derive(Debug, Default)]
pub(super) struct Groups {
    busy: Mutex<HashSet<String>>,
    freed: Notify,
}

/// Some groups that belong to one batch until this is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    groups: &'a Groups,
    names: Vec<String>,
}

impl Groups {
    /// Waits until all of these groups are free, and takes them at once.
    pub(super) async fn hold(&self, names: Vec<String>) -> Held<'_> {
        loop {
            let freed = self.freed.notified();
            if self.take(&names) {
                return Held { groups: self, names };
            }
            freed.await;
        }
    }

    fn take(&self, names: &[String]) -> bool {
        let mut busy = lock(&self.busy);
        let free = names.iter().all(|name| !busy.contains(name));
        if free {
            busy.extend(names.iter().cloned());
        }
        free
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        lock(&self.groups.busy).retain(|name| !self.names.contains(name));
        self.groups.freed.notify_waiters();
    }
}

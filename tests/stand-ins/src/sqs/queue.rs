//! One queue: its messages in the order in which they came, and who may have which of them.

mod handle;
mod order;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::draft::Draft;
use super::message::{Flight, Message, StoredMessage};
use super::refusal::Refusal;
use super::rules;
use super::settings::{QueueSettings, arn};
use crate::identifiers;

/// How long a FIFO queue remembers a deduplication ID, whatever became of its message.
const DEDUPLICATION: Duration = Duration::from_secs(5 * 60);

/// How long a message may be hidden after it was received, however often that is extended.
pub(super) const MAX_VISIBILITY: Duration = Duration::from_secs(43_200);

/// What became of a message that was sent.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) id: String,
    pub(super) sequence: Option<String>,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) name: String,
    pub(super) settings: QueueSettings,
    pub(super) created: SystemTime,
    messages: Vec<Message>,
    /// What was sent under each deduplication ID, and when.
    sent: HashMap<String, (Instant, Accepted)>,
    sequence: u64,
}

impl Queue {
    pub(super) fn new(name: &str, settings: QueueSettings) -> Self {
        let (created, name) = (SystemTime::now(), name.to_owned());
        Self { name, settings, created, messages: Vec::new(), sent: HashMap::new(), sequence: 0 }
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }

    /// Takes a message, or only says so if a FIFO queue has had it within five minutes.
    pub(super) fn send(&mut self, mut draft: Draft) -> Result<Accepted, Refusal> {
        rules::check(&draft, &self.settings, self.is_fifo())?;
        let now = Instant::now();
        if self.is_fifo() {
            let digest = || Sha256::digest(&draft.body).iter().map(|byte| format!("{byte:02x}")).collect();
            let id: String = draft.deduplication.clone().unwrap_or_else(digest);
            self.sent.retain(|_, (when, _)| now.duration_since(*when) < DEDUPLICATION);
            if let Some((_, accepted)) = self.sent.get(&id) {
                return Ok(accepted.clone());
            }
            draft.deduplication = Some(id);
        }
        let delay = draft.delay.map_or(self.settings.delay, Duration::from_secs);
        let accepted = Accepted { id: identifiers::uuid(), sequence: self.next_sequence() };
        if let Some(id) = &draft.deduplication {
            self.sent.insert(id.clone(), (now, accepted.clone()));
        }
        self.messages.push(Message {
            id: accepted.id.clone(),
            draft,
            sequence: accepted.sequence.clone(),
            sent: SystemTime::now(),
            stored: now,
            first_received: None,
            receives: 0,
            hidden_until: Some(now + delay).filter(|_| !delay.is_zero()),
            flight: None,
            dead_letter_of: None,
        });
        Ok(accepted)
    }

    /// Hands out up to so many messages and hides them. Those that have been received too often come second: they have
    /// left this queue.
    pub(super) fn receive(&mut self, limit: usize, visibility: Duration) -> (Vec<&Message>, Vec<Message>) {
        self.expire();
        let now = Instant::now();
        let most = self.settings.dead_letters.as_ref().map_or(u32::MAX, |(_, most)| *most);
        let (mut taken, mut dead) = (Vec::new(), Vec::new());
        for index in order::deliverable(&self.messages, self.is_fifo(), now) {
            match self.messages.get(index) {
                _ if taken.len() == limit => break,
                Some(message) if message.receives >= most => dead.push(message.id.clone()),
                Some(message) => taken.push(message.id.clone()),
                None => {}
            }
        }
        let left = self.messages.extract_if(.., |message| dead.contains(&message.id)).collect();
        for message in self.messages.iter_mut().filter(|message| taken.contains(&message.id)) {
            message.receives += 1;
            message.first_received.get_or_insert_with(SystemTime::now);
            message.hidden_until = Some(now + visibility);
            message.flight = Some(Flight { handle: handle::new(&self.name, &message.id), since: now });
        }
        let received = |id: &String| self.messages.iter().find(|message| message.id == *id);
        (taken.iter().filter_map(received).collect(), left)
    }

    /// Takes in what another queue has given up on. The ID, the time of sending and the count of receives stay.
    pub(super) fn bury(&mut self, mut message: Message, source: &str) {
        message.sequence = self.next_sequence();
        message.stored = Instant::now();
        message.hidden_until = None;
        message.flight = None;
        message.dead_letter_of = Some(arn(source));
        self.messages.push(message);
    }

    /// Ends a message. With a handle that is not its last one nothing happens; a FIFO queue says so, as it does when the time
    /// of the last one is over.
    pub(super) fn delete(&mut self, handle: &str) -> Result<(), Refusal> {
        let Some(index) = self.message_of(handle)? else { return Ok(()) };
        let (fifo, now) = (self.is_fifo(), Instant::now());
        let message = self.messages.get(index);
        if fifo && !message.is_some_and(|message| message.is_held_by(handle) && message.is_in_flight(now)) {
            return Err(Refusal::value("ReceiptHandle", handle, "The receipt handle has expired."));
        }
        if message.is_some_and(|message| message.is_held_by(handle)) {
            self.messages.remove(index);
        }
        Ok(())
    }

    /// Hides a message for another time, from now on, or not at all. A message that is visible again stays visible.
    pub(super) fn hide(&mut self, handle: &str, visibility: Duration) -> Result<(), Refusal> {
        let gone = "Message does not exist or is not available for visibility timeout change.";
        let gone = || Refusal::value("ReceiptHandle", handle, gone);
        let (fifo, now) = (self.is_fifo(), Instant::now());
        let index = self.message_of(handle)?.ok_or_else(gone)?;
        let message = self.messages.get_mut(index).filter(|message| message.is_held_by(handle)).ok_or_else(gone)?;
        let since = message.flight.as_ref().map_or(now, |flight| flight.since);
        if !message.is_in_flight(now) {
            return if fifo { Err(gone()) } else { Ok(()) };
        }
        if now.duration_since(since) + visibility > MAX_VISIBILITY {
            let reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
            return Err(Refusal::value("VisibilityTimeout", visibility.as_secs(), reason));
        }
        message.hidden_until = Some(now + visibility);
        Ok(())
    }

    /// Where the message is that this handle was given out for; nothing if it has left the queue.
    fn message_of(&self, handle: &str) -> Result<Option<usize>, Refusal> {
        let invalid = || {
            let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
            Refusal::own("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", message)
        };
        let id = handle::message_of(handle, &self.name).ok_or_else(invalid)?;
        Ok(self.messages.iter().position(|message| message.id == id))
    }

    /// When the next hidden message becomes visible, so that a receive can wait for it.
    pub(super) fn next_visible(&self) -> Option<Instant> {
        let now = Instant::now();
        self.messages.iter().filter_map(|message| message.hidden_until).filter(|until| *until > now).min()
    }

    /// Every message that is in the queue now, be it visible or not.
    pub(super) fn stored(&mut self) -> Vec<StoredMessage> {
        self.expire();
        let now = Instant::now();
        self.messages.iter().map(|message| message.to_stored(now)).collect()
    }

    fn expire(&mut self) {
        let (now, retention) = (Instant::now(), self.settings.retention);
        self.messages.retain(|message| now.duration_since(message.stored) < retention);
    }

    fn next_sequence(&mut self) -> Option<String> {
        self.sequence += 1;
        self.is_fifo().then(|| format!("188{:017}", self.sequence))
    }
}

#[cfg(test)]
mod tests;

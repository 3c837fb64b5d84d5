//! Which messages may be received now, and in which order.

use tokio::time::Instant;

use crate::sqs::message::Message;

/// The group of a FIFO queue, as far as it can be received.
#[derive(Debug, Default)]
struct Group<'a> {
    name: Option<&'a str>,
    deliverable: Vec<usize>,
    blocked: bool,
    last_received: Option<Instant>,
}

/// The places of the messages that may be received.
///
/// A standard queue gives what is visible, oldest first, although SQS promises no order. A FIFO queue gives the messages of
/// a group up to its first hidden one, and the group that has waited longest since its last receive comes first.
pub(super) fn deliverable(messages: &[Message], fifo: bool, now: Instant) -> Vec<usize> {
    let visible = messages.iter().enumerate();
    if !fifo {
        return visible.filter(|(_, message)| !message.is_hidden(now)).map(|(index, _)| index).collect();
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (index, message) in visible {
        let name = message.draft.group.as_deref();
        let place = groups.iter().position(|group| group.name == name).unwrap_or(groups.len());
        if place == groups.len() {
            groups.push(Group { name, ..Group::default() });
        }
        let Some(group) = groups.get_mut(place) else { continue };
        group.last_received = group.last_received.max(message.flight.as_ref().map(|flight| flight.since));
        group.blocked |= message.is_hidden(now);
        if !group.blocked {
            group.deliverable.push(index);
        }
    }
    groups.sort_by_key(|group| group.last_received);
    groups.into_iter().flat_map(|group| group.deliverable).collect()
}

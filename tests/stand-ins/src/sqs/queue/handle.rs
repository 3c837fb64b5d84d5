//! Receipt handles: opaque to a receiver, but a queue knows its own, also after the message has gone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::identifiers;

/// Makes every handle begin with `AQEB`, as SQS's own do.
const PREFIX: [u8; 3] = [1, 1, 1];

/// A handle for one receive of a message.
pub(super) fn new(queue: &str, message: &str) -> String {
    let text = format!("{queue} {message} {}", identifiers::hex(32));
    STANDARD.encode([&PREFIX[..], text.as_bytes()].concat())
}

/// The ID of the message that this handle was given out for, if this queue gave it out.
pub(super) fn message_of(handle: &str, queue: &str) -> Option<String> {
    let bytes = STANDARD.decode(handle).ok()?;
    let text = std::str::from_utf8(bytes.strip_prefix(&PREFIX)?).ok()?;
    let mut parts = text.split(' ');
    parts.next().filter(|name| *name == queue)?;
    parts.next().map(str::to_owned)
}

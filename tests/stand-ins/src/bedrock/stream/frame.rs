//! The frames of an event stream, written by AWS's own encoder, and two ways to spoil one.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

/// Bedrock pads each chunk with a random length of this, so that the size of a frame does not give its text away.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// A native event of the model, as Bedrock wraps it.
pub(super) fn chunk(event: &[u8]) -> Bytes {
    let padding = PADDING.get(..fastrand::usize(1..=PADDING.len()));
    message("event", ":event-type", "chunk", &json!({ "bytes": STANDARD.encode(event), "p": padding }))
}

/// An error that Bedrock reports in the stream, because the status has gone out already.
pub(super) fn exception(exception_type: &'static str, text: &str) -> Bytes {
    message("exception", ":exception-type", exception_type, &json!({ "message": text }))
}

/// A frame whose last checksum is off by one bit.
pub(super) fn broken(frame: &[u8]) -> Bytes {
    let mut bytes = frame.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.into()
}

/// The first half of a frame: its prelude and a part of its payload.
pub(super) fn half(frame: &[u8]) -> Bytes {
    Bytes::copy_from_slice(frame.get(..frame.len() / 2).unwrap_or_default())
}

#[expect(clippy::expect_used, reason = "the encoder fails only on headers or payloads far larger than any here")]
fn message(message_type: &'static str, name: &'static str, value: &'static str, payload: &Value) -> Bytes {
    let header = |name: &'static str, value: &'static str| Header::new(name, HeaderValue::String(value.into()));
    let message = Message::new(payload.to_string())
        .add_header(header(name, value))
        .add_header(header(":content-type", "application/json"))
        .add_header(header(":message-type", message_type));
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).expect("a small message");
    bytes.into()
}

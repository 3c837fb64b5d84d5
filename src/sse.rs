//! Server-sent events as Anthropic's API frames them: a line with the event's type, its data, an empty line.

use crate::tally::Event;
use bytes::{BufMut, Bytes, BytesMut};

/// What a stream of events is.
pub(crate) const MEDIA_TYPE: &str = "text/event-stream; charset=utf-8";

/// Keeps a stream alive while the model is quiet; clients know it and skip it.
pub(crate) const PING: &[u8] = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";

/// Frames an event. Its data is copied byte for byte; only a line break, which JSON allows between its parts, begins a
/// new line of data, as the format wants it.
pub(crate) fn frame(kind: &str, data: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(kind.len() + data.len() + 16);
    frame.put_slice(b"event: ");
    frame.put_slice(kind.as_bytes());
    for line in data.split(|byte| matches!(byte, b'\n' | b'\r')) {
        frame.put_slice(b"\ndata: ");
        frame.put_slice(line);
    }
    frame.put_slice(b"\n\n");
    frame.freeze()
}

/// Reads events that were framed here.
pub(crate) fn parse(stream: &str) -> impl Iterator<Item = Event> {
    stream.split_terminator("\n\n").filter_map(|frame| {
        let (kind, data) = frame.strip_prefix("event: ")?.split_once('\n')?;
        let lines: Vec<&str> = data.split('\n').map(|line| line.strip_prefix("data: ").unwrap_or(line)).collect();
        Some(Event { kind: kind.to_owned(), data: lines.join("\n").into() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads frames as the format's specification has it.
    fn parse_by_the_book(stream: &str) -> Vec<(String, String)> {
        let mut events = Vec::new();
        let (mut kind, mut data) = (String::new(), Vec::new());
        for line in stream.split('\n') {
            match line.split_once(": ") {
                Some(("event", value)) => kind = value.to_owned(),
                Some(("data", value)) => data.push(value.to_owned()),
                _ => events.push((std::mem::take(&mut kind), std::mem::take(&mut data).join("\n"))),
            }
        }
        // Behind the last empty line there is nothing.
        events.pop();
        events
    }

    #[test]
    fn a_frame_looks_as_anthropics_does() {
        let expected = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
        assert_eq!(frame("message_stop", br#"{"type":"message_stop"}"#), expected);
        assert_eq!(frame("ping", br#"{"type": "ping"}"#), PING);
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(events in prop::collection::vec(("[a-z_]{1,20}", "(?s).{0,200}"), 0..10)) {
            let stream: Vec<u8> = events.iter().flat_map(|(kind, data)| frame(kind, data.as_bytes())).collect();
            let stream = std::str::from_utf8(&stream).unwrap();
            prop_assert!(!stream.contains('\r'), "it would end a line for a reader");
            let expected: Vec<_> = events.into_iter().map(|(kind, data)| (kind, data.replace('\r', "\n"))).collect();
            prop_assert_eq!(parse_by_the_book(stream), expected.clone());
            let parsed: Vec<_> = parse(stream).map(|it| (it.kind, String::from_utf8(it.data.to_vec()).unwrap())).collect();
            prop_assert_eq!(parsed, expected);
        }
    }
}

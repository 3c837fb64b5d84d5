//! How a streamed answer is written for its reader: in Anthropic's events, or in OpenAI's chunks.

use super::{anthropic, openai};
use crate::chat::Chunks;
use crate::error::Error;
use crate::sse;
use crate::tally::Event;
use bytes::Bytes;

/// The dialect of a stream, with what it remembers between two events.
pub(super) enum Script {
    /// The model's own events, byte for byte.
    Events {
        /// Lambda's ID of the invocation, which an error names.
        request_id: String,
    },
    /// Chunks of a completion.
    Chunks(Box<Chunks>),
}

impl Script {
    /// What an event becomes; it may be nothing.
    pub(super) fn event(&mut self, event: &Event) -> Bytes {
        match self {
            Self::Events { .. } => sse::frame(&event.kind, &event.data),
            Self::Chunks(chunks) => chunks.of(&event.kind, &event.data).into(),
        }
    }

    /// What keeps the stream alive.
    pub(super) fn ping(&self) -> Bytes {
        match self {
            Self::Events { .. } => Bytes::from_static(sse::PING),
            Self::Chunks(_) => Bytes::from_static(Chunks::ping().as_bytes()),
        }
    }

    /// What ends a stream that cannot be told to its end.
    pub(super) fn error(&self, error: &Error) -> Bytes {
        match self {
            Self::Events { request_id } => anthropic::error_event(error, request_id),
            Self::Chunks(_) => openai::error_chunk(error).into(),
        }
    }

    /// What a whole stream of events becomes, that was kept as Anthropic frames it.
    pub(super) fn rewritten(mut self, events: String) -> String {
        match self {
            Self::Events { .. } => events,
            Self::Chunks(_) => {
                let chunks = sse::parse(&events).map(|event| self.event(&event)).collect::<Vec<_>>();
                String::from_utf8(chunks.concat()).unwrap_or_default()
            }
        }
    }
}

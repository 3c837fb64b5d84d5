//! An answer that is prepared once, so that whoever measures with it does not measure the stand-in.

use bytes::Bytes;

use super::answer::{Answer, SIZED_DELTA_CHARACTERS};
use super::stream::{self, Framed};

/// An answer as it goes out: as one text, and as framed events.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) answer: Answer,
    pub(super) text: Bytes,
    pub(super) events: Vec<Framed>,
}

impl Prepared {
    pub(super) fn of(answer: Answer) -> Self {
        let events = stream::framed(&answer, SIZED_DELTA_CHARACTERS);
        Self { text: answer.message.to_string().into(), events, answer }
    }
}

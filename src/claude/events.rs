//! The events of a streamed answer, as Bedrock hands them on: the model's own bytes, one chunk at a time.

use super::failure;
use crate::budget::Budget;
use crate::error::{Error, Kind};
use aws_sdk_bedrockruntime::primitives::event_stream::EventReceiver;
use aws_sdk_bedrockruntime::types::ResponseStream;
use aws_sdk_bedrockruntime::types::error::ResponseStreamError;
use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

/// A stream that Bedrock has begun to send. Dropping it breaks the call off, which Bedrock bills all the same.
pub struct Events {
    receiver: EventReceiver<ResponseStream, ResponseStreamError>,
    budget: Budget,
}

impl Events {
    pub(super) fn new(receiver: EventReceiver<ResponseStream, ResponseStreamError>, budget: Budget) -> Self {
        Self { receiver, budget }
    }

    /// The next event of the model, a JSON document; `None` at the end of the stream.
    ///
    /// # Errors
    /// An exception of Bedrock's, a broken frame or connection, or [`Kind::Timeout`] when the model is silent for too
    /// long or the budget has run out.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let received = timeout_at(self.budget.next_event(), self.receiver.recv()).await;
            match received.map_err(|_| self.too_late())?.map_err(|error| failure::translate_event(&error))? {
                Some(ResponseStream::Chunk(part)) => {
                    return Ok(Some(part.bytes.map(|it| it.into_inner().into()).unwrap_or_default()));
                }
                // An event of a kind that is newer than this SDK carries nothing of the model's.
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    fn too_late(&self) -> Error {
        let sentence = if Instant::now() >= self.budget.deadline() {
            "the time budget ended before the answer did"
        } else {
            "Claude fell silent in the middle of its answer"
        };
        Error::new(Kind::Timeout, sentence)
    }
}

//! A streamed answer on its way to the client: the status is held back until the first event, then events and pings.

use super::response::Answer;
use super::script::Script;
use crate::error::Error;
use crate::relay::Relay;
use crate::tally::Event;
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt, iter, unfold};
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::timeout;

/// How long the stream may be quiet before a ping: what stands between hangs up after minutes, some proxies after half
/// a minute.
const QUIET: Duration = Duration::from_secs(10);

/// Begins an answer. Until the first event, what goes wrong is an error with its own status; a client is not left waiting
/// for that longer than it may wait for any byte, so a model that is slow to begin is waited for with pings.
///
/// # Errors
/// What went wrong before the first event.
pub(super) async fn answer(mut relay: Relay, quiet: Option<Duration>, mut script: Script) -> Result<Answer, Error> {
    let (first, bedrock_request_id) = match next(&mut relay, quiet).await {
        Next::Event(event) => (script.event(&event), relay.bedrock_request_id()),
        // Which call will answer is not known yet.
        Next::Ping => (script.ping(), None),
        Next::Error(error) => return Err(error),
        // A relay ends with an event or an error, unless its task was taken away.
        Next::End => return Err(Error::internal()),
    };
    let body = iter([first]).chain(rest(relay, quiet, script));
    Ok(Answer::events(body.boxed()).with_bedrock_request_id(bedrock_request_id.as_deref()))
}

/// The least time between two pings, whatever a client says: a flood of them would help nobody.
const BETWEEN_PINGS: Duration = Duration::from_millis(500);

/// How long a streamed answer may be quiet for this client. One that says how long it waits for a byte gets one in half
/// that time.
pub(super) fn quiet(patience: Option<Duration>) -> Duration {
    patience.map_or(QUIET, |patience| QUIET.min(patience / 2).max(BETWEEN_PINGS))
}

enum Next {
    Event(Event),
    Error(Error),
    Ping,
    End,
}

async fn next(relay: &mut Relay, quiet: Option<Duration>) -> Next {
    let next = relay.next();
    let next = match quiet {
        Some(quiet) => timeout(quiet, next).await,
        None => Ok(next.await),
    };
    match next {
        Ok(Some(Ok(event))) => Next::Event(event),
        Ok(Some(Err(error))) => Next::Error(error),
        Ok(None) => Next::End,
        Err(_) => Next::Ping,
    }
}

/// The frames after the first.
fn rest(relay: Relay, quiet: Option<Duration>, script: Script) -> BoxStream<'static, Bytes> {
    let of_a_panic = script.error(&Error::internal());
    let frames = unfold(Some((relay, script)), move |told| async move {
        let (mut relay, mut script) = told?;
        match next(&mut relay, quiet).await {
            Next::Event(event) => Some((script.event(&event), Some((relay, script)))),
            Next::Ping => Some((script.ping(), Some((relay, script)))),
            Next::Error(error) => Some((script.error(&error), None)),
            Next::End => None,
        }
    });
    // An event may become nothing, and nothing is not worth sending.
    let frames = frames.filter(|frame| std::future::ready(!frame.is_empty()));
    outspoken(frames, of_a_panic)
}

/// Frames, of which a panic is one. Lambda's runtime polls them in a task of its own, where a panic would only cut the stream
/// off.
fn outspoken(frames: impl Stream<Item = Bytes> + Send + 'static, of_a_panic: Bytes) -> BoxStream<'static, Bytes> {
    AssertUnwindSafe(frames).catch_unwind().map(move |frame| frame.unwrap_or_else(|_| of_a_panic.clone())).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_on_the_way_out_is_told_and_is_the_end() {
        let frames = iter(0..3).map(|index| {
            assert!(index < 1, "a panic of this test");
            Bytes::from_static(b"frame")
        });
        let frames: Vec<Bytes> = outspoken(frames, Bytes::from_static(b"error")).collect().await;
        assert_eq!(frames, ["frame", "error"]);
    }

    #[test]
    fn a_client_that_waits_less_is_pinged_sooner() {
        assert_eq!(quiet(None), QUIET);
        assert_eq!(quiet(Some(Duration::from_secs(600))), QUIET);
        assert_eq!(quiet(Some(Duration::from_secs(4))), Duration::from_secs(2));
        assert_eq!(quiet(Some(Duration::from_nanos(1))), BETWEEN_PINGS);
    }
}

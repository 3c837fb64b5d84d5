//! What a prompt can have the transport do to the body of its answer.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_types::body::{Error, SdkBody};
use bytes::Bytes;
use hyper::body::{Body, Frame};

use super::{CUT_COMMAND, PANIC_CANARY, STREAM_PANIC_COMMAND};

/// How many frames of a body pass before its reader panics.
const FRAMES_BEFORE_THE_PANIC: usize = 3;

/// One thing to do to a body.
#[derive(Debug)]
pub(super) enum Mischief {
    Panic,
    /// The sizes of the pieces, none of them zero.
    Cut(Vec<usize>),
}

impl Mischief {
    pub(super) fn asked_for_in(prompt: &str) -> Option<Self> {
        if prompt.contains(STREAM_PANIC_COMMAND) {
            return Some(Self::Panic);
        }
        let (_, sizes) = prompt.split_once(CUT_COMMAND)?;
        let sizes: Vec<usize> = sizes.split(' ').map_while(|size| size.parse().ok()).filter(|size| *size > 0).collect();
        (!sizes.is_empty()).then_some(Self::Cut(sizes))
    }

    pub(super) fn upon(&self, body: SdkBody) -> SdkBody {
        match self {
            Self::Panic => SdkBody::from_body_1_x(Panicking { body, frames: FRAMES_BEFORE_THE_PANIC }),
            Self::Cut(sizes) => {
                SdkBody::from_body_1_x(Cut { body, rest: Bytes::new(), sizes: sizes.clone(), pieces: 0 })
            }
        }
    }
}

/// A body whose reader panics after so many frames.
struct Panicking {
    body: SdkBody,
    frames: usize,
}

impl Body for Panicking {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        assert!(self.frames > 0, "{PANIC_CANARY}: the prompt asked the transport to panic in mid-stream");
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.frames -= 1;
        Poll::Ready(frame)
    }
}

/// A body that arrives in pieces of these sizes, or smaller where its own frames end.
struct Cut {
    body: SdkBody,
    rest: Bytes,
    sizes: Vec<usize>,
    pieces: usize,
}

impl Body for Cut {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                // No answer of the stand-in has trailers.
                Some(Ok(Err(_))) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let size = self.sizes.get(self.pieces % self.sizes.len()).copied().unwrap_or(1).min(self.rest.len());
        self.pieces += 1;
        let piece = self.rest.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_body_is_cut_as_the_prompt_says() {
        let mischief =
            Mischief::asked_for_in("Please let the transport cut the answer into pieces of 1 3 \n").expect("some");
        let mut body = mischief.upon(SdkBody::from("abcdefghij"));
        let mut pieces = Vec::new();
        while let Some(frame) = body.frame().await {
            pieces.push(frame.expect("a frame").into_data().expect("data"));
        }
        assert_eq!(pieces, ["a", "bcd", "e", "fgh", "i", "j"]);
    }
}

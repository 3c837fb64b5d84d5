//! A streamed answer as API Gateway hands it on: the metadata becomes status and headers, the body flows as it comes.

use std::fmt;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::answer::{GatewayAnswer, Mode, headers, scalar, status};
use crate::runtime_api::{Opened, Streaming};

/// The content type by which a streamed HTTP answer is told from any other stream.
const HTTP_STREAM: &str = "application/vnd.awslambda.http-integration-response";

/// What stands between the metadata of a streamed answer and its body.
const DELIMITER: [u8; 8] = [0; 8];

/// How far API Gateway looks for the delimiter.
const MAX_METADATA: usize = 16 * 1024;

/// What the caller of the API gets, as soon as its status is known.
#[derive(Debug)]
pub enum GatewayResponse {
    /// An answer that is known to its last byte, or API Gateway's own refusal.
    Whole(GatewayAnswer),
    /// An answer whose body is still on its way.
    Stream(GatewayStream),
}

/// An answer whose body is still on its way. Dropping it is the client leaving.
#[derive(Debug)]
pub struct GatewayStream {
    /// The HTTP status.
    pub status: u16,
    /// The headers, as the function wrote them; a name may come twice.
    pub headers: Vec<(String, String)>,
    /// The part of the body that came together with the end of the metadata.
    first: Bytes,
    /// Nothing once the stream has ended, one way or the other.
    rest: Option<Streaming>,
}

impl GatewayStream {
    /// The next bytes of the body; nothing after the last ones. A stream that the function did not send to its end, or
    /// at whose end it reported an error, ends with an error, for its client must not take it for whole.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, BrokenOff>> {
        if !self.first.is_empty() {
            return Some(Ok(std::mem::take(&mut self.first)));
        }
        let rest = self.rest.as_mut()?;
        if let Some(chunk) = rest.chunk().await {
            return Some(Ok(chunk));
        }
        let is_complete = rest.is_complete();
        self.rest = None;
        if is_complete { None } else { Some(Err(BrokenOff)) }
    }
}

/// A stream that did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the function broke off its response")
    }
}

impl std::error::Error for BrokenOff {}

/// Waits for what decides the status: the metadata of a stream, or the end of anything else. What API Gateway refuses
/// is refused as in [`GatewayAnswer::from_outcome`].
pub async fn open(opened: Opened, mode: Mode) -> GatewayResponse {
    match (opened, mode) {
        (Opened::Streaming(streaming), Mode::Stream) => open_stream(streaming).await,
        (opened, _) => GatewayResponse::Whole(GatewayAnswer::from_outcome(&opened.outcome().await, mode)),
    }
}

async fn open_stream(mut streaming: Streaming) -> GatewayResponse {
    let refused = || GatewayResponse::Whole(GatewayAnswer::malformed_stream());
    if !is_http(streaming.content_type()) {
        return refused();
    }
    let mut start = Vec::new();
    while metadata_length(&start).is_none() {
        if start.len() >= MAX_METADATA {
            return refused();
        }
        let Some(chunk) = streaming.chunk().await else {
            let outcome = streaming.outcome().await;
            return GatewayResponse::Whole(GatewayAnswer::from_outcome(&outcome, Mode::Stream));
        };
        start.extend_from_slice(&chunk);
    }
    let Some(Head { status, headers, length }) = Head::read(&start) else {
        return refused();
    };
    let first = Bytes::from(start).slice(length..);
    GatewayResponse::Stream(GatewayStream { status, headers, first, rest: Some(streaming) })
}

/// Whether a stream says of itself that it is an HTTP answer.
pub(super) fn is_http(content_type: Option<&str>) -> bool {
    content_type == Some(HTTP_STREAM)
}

/// The metadata of a streamed answer.
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// Where the body begins.
    pub(super) length: usize,
}

impl Head {
    /// Reads the start of a stream; nothing if there is no metadata where it should be, or it is malformed.
    pub(super) fn read(start: &[u8]) -> Option<Self> {
        let length = metadata_length(start)?;
        let metadata: Map<String, Value> = serde_json::from_slice(start.get(..length)?).ok()?;
        let mut headers = headers(&metadata)?;
        if let Some(cookies) = metadata.get("cookies") {
            for cookie in cookies.as_array()? {
                headers.push(("Set-Cookie".to_owned(), scalar(cookie)?));
            }
        }
        Some(Self { status: status(&metadata)?, headers, length: length + DELIMITER.len() })
    }
}

/// How long the metadata is; nothing if its end is not among the bytes that API Gateway looks at.
fn metadata_length(start: &[u8]) -> Option<usize> {
    let start = start.get(..MAX_METADATA).unwrap_or(start);
    start.windows(DELIMITER.len()).position(|window| window == DELIMITER)
}

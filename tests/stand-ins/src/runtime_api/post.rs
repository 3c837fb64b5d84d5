//! The response that the function posts: read whole, or handed on as it comes.

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::desk::{Desk, Problem};
use super::outcome::{Answered, Failed, Outcome};
use super::{MAX_RESPONSE, text};
use crate::server::Hangup;

/// Takes the response to an invocation in, and says whether it is accepted; hangs up if the post breaks off.
pub(super) async fn receive(
    desk: &Desk,
    request_id: &str,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Result<(), Problem>, Hangup> {
    let content_type = text(headers, "content-type");
    let mode = text(headers, "lambda-runtime-function-response-mode");
    if !mode.is_some_and(|mode| mode.eq_ignore_ascii_case("streaming")) {
        return whole(desk, request_id, content_type, body).await;
    }
    match desk.open(request_id, content_type) {
        Ok(relay) => relay.run(body).await.map(Ok),
        // Read to its end, because a client that is still sending may not see the refusal.
        Err(problem) => body.collect().await.map(|_| Err(problem)).map_err(|_| Hangup),
    }
}

async fn whole(
    desk: &Desk,
    request_id: &str,
    content_type: Option<String>,
    body: Incoming,
) -> Result<Result<(), Problem>, Hangup> {
    let Ok(body) = body.collect().await else {
        // A post that breaks off is all that will ever be heard of this invocation, if it was one at all.
        let _ = desk.close(request_id, |id, _| Outcome::Failed(Failed::broken_off(id)));
        return Err(Hangup);
    };
    Ok(respond(desk, request_id, content_type, body.to_bytes()))
}

fn respond(desk: &Desk, request_id: &str, content_type: Option<String>, body: Bytes) -> Result<(), Problem> {
    if body.len() > MAX_RESPONSE {
        desk.close(request_id, |request_id, _| Outcome::TooLarge { request_id })?;
        return Err(Problem::TooLarge);
    }
    desk.close(request_id, |request_id, elapsed| {
        let (streamed, stream_error) = (false, None);
        Outcome::Answered(Answered { request_id, body, streamed, content_type, stream_error, elapsed })
    })
}

/// The error that a function reports at the end of a stream which it has already begun.
pub(super) fn stream_error(trailers: &HeaderMap) -> Option<(String, String)> {
    let error_type = text(trailers, "lambda-runtime-function-error-type")?;
    Some((error_type, text(trailers, "lambda-runtime-function-error-body").unwrap_or_default()))
}

//! One request at API Gateway: its limits, and the function's answer handed on as it comes.

use futures_util::stream;
use http::response::Builder;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::{Request, Response, StatusCode};
use stand_ins::gateway::{
    BrokenOff, GatewayAnswer, GatewayRequest, GatewayResponse, GatewayStream, Mode, open, rest_event,
};
use stand_ins::runtime_api::{Departure, Invocation, RuntimeApi};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// API Gateway takes bodies of 10 MB.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// What API Gateway says to a request that is too large.
const TOO_LONG: &str = r#"{"message":"Request Too Long"}"#;

/// The stage, as the template names it.
const STAGE: &str = "prod";

/// What Lambda takes as one event; API Gateway refuses what would be more.
const MAX_EVENT: usize = 6_291_556;

/// The body of an answer. An error in it breaks the connection, so that the client sees that something is missing.
pub(crate) type Body = UnsyncBoxBody<Bytes, BrokenOff>;

/// What `RESPONSE_MODE` stands for.
#[derive(Clone, Copy)]
pub(crate) struct Integration {
    mode: Mode,
    /// The function's own time-out.
    function: Duration,
    /// How long API Gateway waits for the last byte, from the arrival of the request.
    longest: Duration,
    /// How long it waits for the next byte.
    silence: Duration,
}

impl Integration {
    /// The integration that a value of `RESPONSE_MODE` asks for.
    pub(crate) fn of(response_mode: &str) -> Self {
        if response_mode.eq_ignore_ascii_case("stream") {
            let quarter_hour = Duration::from_secs(900);
            // Regional endpoints hang up after 5 min without a byte.
            Self {
                mode: Mode::Stream,
                function: quarter_hour,
                longest: quarter_hour,
                silence: Duration::from_secs(300),
            }
        } else {
            let limit = Duration::from_secs(29);
            Self { mode: Mode::Buffered, function: Duration::from_secs(30), longest: limit, silence: limit }
        }
    }

    /// Answers a request with what the function makes of it. `in_flight` is dropped when the answer has gone.
    pub(crate) async fn answer(
        self,
        runtime: &RuntimeApi,
        request: Request<Incoming>,
        in_flight: Arc<()>,
    ) -> Response<Body> {
        let Some(event) = event(request).await else {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, TOO_LONG);
        };
        let end = Instant::now() + self.longest;
        // So the function hears of it when a client leaves. AWS does not say whether Lambda lets it hear.
        let invocation = Invocation::new(event).timeout(self.function).departure(Departure::Close);
        let opened = runtime.stream(invocation);
        let response = async { open(opened.await, self.mode).await };
        match timeout_at(self.patience(end), response).await {
            Ok(GatewayResponse::Whole(answer)) => whole(answer),
            Ok(GatewayResponse::Stream(stream)) => {
                let response = head(stream.status, &stream.headers);
                finish(response, self.body(stream, end, in_flight))
            }
            Err(_) => plain(StatusCode::GATEWAY_TIMEOUT, r#"{"message":"Endpoint request timed out"}"#),
        }
    }

    /// The body as it comes. The stream is dropped with it, so that the function's client leaves when ours does.
    fn body(self, stream: GatewayStream, end: Instant, in_flight: Arc<()>) -> Body {
        let chunks = stream::unfold(Some((stream, in_flight)), move |state| async move {
            let (mut stream, in_flight) = state?;
            match timeout_at(self.patience(end), stream.chunk()).await {
                Ok(None) => None,
                Ok(Some(Ok(chunk))) => Some((Ok(Frame::data(chunk)), Some((stream, in_flight)))),
                Ok(Some(Err(BrokenOff))) | Err(_) => Some((Err(BrokenOff), None)),
            }
        });
        StreamBody::new(chunks).boxed_unsync()
    }

    /// Until when API Gateway waits for the next byte.
    fn patience(self, end: Instant) -> Instant {
        end.min(Instant::now() + self.silence)
    }
}

/// The event that a request becomes; nothing if it is too large.
async fn event(request: Request<Incoming>) -> Option<String> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.ok()?;
    let headers = parts.headers.iter();
    let request = GatewayRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: body.to_bytes().to_vec(),
    };
    let event = rest_event(&request, STAGE).to_string();
    (event.len() <= MAX_EVENT).then_some(event)
}

fn whole(answer: GatewayAnswer) -> Response<Body> {
    let response = head(answer.status, &answer.headers);
    finish(response, known(answer.body))
}

fn head(status: u16, headers: &[(String, String)]) -> Builder {
    headers.iter().fold(Response::builder().status(status), |response, (name, value)| response.header(name, value))
}

/// The answer, unless a header in it is none.
fn finish(response: Builder, body: Body) -> Response<Body> {
    let unreadable = || plain(StatusCode::BAD_GATEWAY, r#"{"message":"Internal server error"}"#);
    response.body(body).unwrap_or_else(|_| unreadable())
}

fn plain(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = Response::new(known(body));
    *response.status_mut() = status;
    response
}

/// A body whose every byte is known.
fn known(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

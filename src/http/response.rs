//! An HTTP answer, and the two shapes in which it leaves the function.

use crate::function::{Document, Response};
use crate::once::Kept;
use crate::prompt::Dropped;
use crate::settings::ResponseMode;
use crate::sse;
use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::encodings;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, once};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use lambda_runtime::{FunctionResponse, MetadataPrelude, StreamResponse};

/// The document that API Gateway and function URLs turn into an HTTP answer.
pub type Buffered = ApiGatewayProxyResponse;

/// The body of a streamed answer.
pub type Body = BoxStream<'static, Result<Bytes, lambda_runtime::Error>>;

/// By which a caller can have CloudTrail's record of the call looked up.
const BEDROCK_REQUEST_ID: &str = "bedrock-request-id";

/// Status, headers and body.
pub(super) struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Content,
}

/// What an answer says.
enum Content {
    /// A document.
    Whole(String),
    /// A stream of server-sent events, in UTF-8.
    Events(BoxStream<'static, Bytes>),
}

impl Answer {
    /// A 200 with a JSON body.
    pub(super) fn json(body: String) -> Self {
        Self::of("application/json", Content::Whole(body))
    }

    /// A 200 with a stream of events.
    pub(super) fn events(events: BoxStream<'static, Bytes>) -> Self {
        Self::of(sse::MEDIA_TYPE, Content::Events(events)).with_header("cache-control", "no-cache")
    }

    /// A 200 with this body, which is what `media_type` says.
    pub(super) fn verbatim(media_type: &str, body: String) -> Self {
        Self::of(media_type, Content::Whole(body))
    }

    /// The answer as it can be remembered; `None` if it is still to come.
    pub(super) fn kept(&self) -> Option<Kept> {
        let Content::Whole(body) = &self.body else {
            return None;
        };
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Some(Kept {
            answer: Some(body.clone()),
            media_type: header("content-type").unwrap_or_default(),
            bedrock_request_id: header(BEDROCK_REQUEST_ID),
            delivered: true,
        })
    }

    fn of(media_type: &str, body: Content) -> Self {
        Self { status: 200, headers: HeaderMap::new(), body }.with_header("content-type", media_type)
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Adds a header. IDs and our own constants are always valid values; anything else is left out.
    pub(super) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Bedrock's ID of the call, which a caller can hand to whoever reads CloudTrail.
    pub(super) fn with_bedrock_request_id(self, id: Option<&str>) -> Self {
        match id {
            Some(id) => self.with_header(BEDROCK_REQUEST_ID, id),
            None => self,
        }
    }

    /// What was left out of the request, so that nobody has to guess why it had no effect.
    pub(super) fn with_dropped(self, dropped: &Dropped) -> Self {
        let untold = (dropped.untold() > 0).then(|| dropped.untold().to_string());
        let fields = (!dropped.fields.is_empty()).then(|| dropped.fields.join(", "));
        [
            ("kokunai-dropped-betas", dropped.betas()),
            ("kokunai-dropped-betas-unnamed", untold),
            ("kokunai-dropped-fields", fields),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .fold(self, |answer, (name, value)| answer.with_header(name, &value))
    }

    /// An answer to HEAD has the headers of the one to GET, and no body.
    pub(super) fn without_body_if(self, is_head: bool) -> Self {
        let body = if is_head { Content::Whole(String::new()) } else { self.body };
        Self { body, ..self }
    }

    /// The answer as the integration expects it.
    pub(super) async fn into_response(self, mode: ResponseMode) -> Response {
        match mode {
            ResponseMode::Buffered => {
                FunctionResponse::BufferedResponse(Document::Http(Box::new(self.into_buffered().await)))
            }
            ResponseMode::Stream => FunctionResponse::StreamingResponse(self.into_streamed()),
        }
    }

    async fn into_buffered(self) -> Buffered {
        let body = match self.body {
            Content::Whole(text) => text,
            Content::Events(events) => {
                let bytes: Vec<u8> = events.fold(Vec::new(), joined).await;
                // Its events were found to be UTF-8 one by one.
                String::from_utf8(bytes).unwrap_or_default()
            }
        };
        let mut response = Buffered::default();
        response.status_code = self.status.into();
        response.headers = self.headers;
        response.body = Some(encodings::Body::Text(body));
        response
    }

    fn into_streamed(self) -> StreamResponse<Body> {
        let metadata_prelude = MetadataPrelude {
            status_code: StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: self.headers,
            cookies: Vec::new(),
        };
        let stream = match self.body {
            Content::Whole(text) => once(std::future::ready(Ok(Bytes::from(text)))).boxed(),
            Content::Events(events) => events.map(Ok).boxed(),
        };
        StreamResponse { metadata_prelude, stream }
    }
}

async fn joined(mut whole: Vec<u8>, part: Bytes) -> Vec<u8> {
    whole.extend_from_slice(&part);
    whole
}

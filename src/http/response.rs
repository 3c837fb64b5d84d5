//! An HTTP answer, and the two shapes in which it leaves the function.

use crate::function::{Document, Response};
use crate::settings::ResponseMode;
use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::encodings;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, once};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use lambda_runtime::{FunctionResponse, MetadataPrelude, StreamResponse};

/// The document that API Gateway and function URLs turn into an HTTP answer.
pub type Buffered = ApiGatewayProxyResponse;

/// The body of a streamed answer.
pub type Body = BoxStream<'static, Result<Bytes, lambda_runtime::Error>>;

/// Status, headers and body.
pub(super) struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// A 200 with a JSON body.
    pub(super) fn json(body: String) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { status: 200, headers, body }
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
            Some(id) => self.with_header("bedrock-request-id", id),
            None => self,
        }
    }

    /// An answer to HEAD has the headers of the one to GET, and no body.
    pub(super) fn without_body_if(self, is_head: bool) -> Self {
        let body = if is_head { String::new() } else { self.body };
        Self { body, ..self }
    }

    /// The answer as the integration expects it.
    pub(super) fn into_response(self, mode: ResponseMode) -> Response {
        match mode {
            ResponseMode::Buffered => {
                FunctionResponse::BufferedResponse(Document::Http(Box::new(self.into_buffered())))
            }
            ResponseMode::Stream => FunctionResponse::StreamingResponse(self.into_streamed()),
        }
    }

    fn into_buffered(self) -> Buffered {
        let mut response = Buffered::default();
        response.status_code = self.status.into();
        response.headers = self.headers;
        response.body = Some(encodings::Body::Text(self.body));
        response
    }

    fn into_streamed(self) -> StreamResponse<Body> {
        let metadata_prelude = MetadataPrelude {
            status_code: StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: self.headers,
            cookies: Vec::new(),
        };
        let stream = once(std::future::ready(Ok(Bytes::from(self.body)))).boxed();
        StreamResponse { metadata_prelude, stream }
    }
}

//! One request, whichever payload it came in: REST API (1.0), HTTP API and function URL (2.0).

use crate::error::{Error, Kind};
use crate::prompt::MAX_PROMPT_BYTES;
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyRequestContext, ApiGatewayV2httpRequest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, Method, header};
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// What an answer may take from the function to its client.
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// Where SDKs say how long they wait. That of OpenAI's package for Python counts from byte to byte, of a whole answer too.
const PATIENCE: [&str; 2] = ["x-stainless-timeout", "x-stainless-read-timeout"];

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What the doors need of a request.
pub struct Request {
    method: Method,
    path: String,
    stage: Option<String>,
    proxy: Option<String>,
    headers: HeaderMap,
    body: Option<String>,
    is_base64: bool,
    caller: Option<String>,
}

impl Request {
    /// A request through a REST API, or through an HTTP API with payload 1.0.
    #[must_use]
    pub fn from_rest_api(mut event: ApiGatewayProxyRequest) -> Self {
        let context = event.request_context;
        let caller = caller(&context);
        Self {
            method: event.http_method,
            path: event.path.unwrap_or_default(),
            stage: context.stage,
            // The root resource has no greedy parameter, and may stand behind a base path too.
            proxy: if event.resource.as_deref() == Some("/") {
                Some("/".to_owned())
            } else {
                event.path_parameters.remove("proxy").map(|proxy| format!("/{proxy}"))
            },
            // The plain map keeps only one of the headers that came twice.
            headers: if event.multi_value_headers.is_empty() { event.headers } else { event.multi_value_headers },
            body: event.body,
            is_base64: event.is_base64_encoded,
            caller,
        }
    }

    /// A request through an HTTP API with payload 2.0, or through a function URL.
    #[must_use]
    pub fn from_http_api(mut event: ApiGatewayV2httpRequest) -> Self {
        let context = event.request_context;
        Self {
            method: context.http.method,
            path: event.raw_path.unwrap_or_default(),
            stage: context.stage,
            proxy: event.path_parameters.remove("proxy").map(|proxy| format!("/{proxy}")),
            headers: event.headers,
            body: event.body,
            is_base64: event.is_base64_encoded,
            caller: context.authorizer.and_then(|authorizer| authorizer.iam).and_then(|iam| iam.user_arn),
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Whether only the headers are wanted.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// The IAM principal or the API key's ID, as API Gateway found it.
    #[must_use]
    pub fn caller(&self) -> Option<&str> {
        self.caller.as_deref()
    }

    /// The paths that may be meant, best first: as it came, without the stage that some APIs put in front, and
    /// what a greedy `{proxy+}` matched behind the base path of a custom domain.
    #[must_use]
    pub fn paths(&self) -> Vec<&str> {
        let stage = self.stage.as_deref().filter(|stage| !stage.is_empty());
        let staged = stage.and_then(|stage| self.path.strip_prefix('/')?.strip_prefix(stage));
        // What is left of a bare stage is the root.
        let staged = staged.map(|path| if path.is_empty() { "/" } else { path });
        [Some(self.path.as_str()), staged, self.proxy.as_deref()].into_iter().flatten().collect()
    }

    /// The body, which must be JSON by its headers.
    ///
    /// # Errors
    /// [`Kind::UnsupportedMediaType`], [`Kind::TooLarge`], or [`Kind::InvalidRequest`] where the base64 is broken.
    pub fn json(&self) -> Result<Cow<'_, [u8]>, Error> {
        self.check_media_type()?;
        let body = self.body.as_deref().unwrap_or_default();
        if !self.is_base64 {
            return Ok(Cow::Borrowed(body.as_bytes()));
        }
        // Four characters carry three bytes: what cannot fit is not decoded first.
        if body.len() / 4 * 3 > MAX_PROMPT_BYTES + 3 {
            return Err(Error::new(Kind::TooLarge, format!("the body is larger than {MAX_PROMPT_BYTES} bytes")));
        }
        let broken = |_| Error::invalid("body", "is marked as base64, but is not");
        BASE64_STANDARD.decode(body).map(Cow::Owned).map_err(broken)
    }

    /// Whether the client speaks Anthropic's dialect: its SDKs say which version of it.
    #[must_use]
    pub fn speaks_anthropic(&self) -> bool {
        self.headers.contains_key("anthropic-version")
    }

    /// The betas that the client asks for, as it wrote them; what is not UTF-8 in them is replaced.
    #[must_use]
    pub fn betas(&self) -> Vec<String> {
        let lists =
            self.headers.get_all("anthropic-beta").iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let betas = lists.flat_map(|list| list.split(',').map(|beta| beta.trim().to_owned()).collect::<Vec<_>>());
        betas.filter(|beta| !beta.is_empty()).collect()
    }

    /// The key under which the client wants its prompt answered only once.
    ///
    /// # Errors
    /// [`Kind::InvalidRequest`] if it is longer than 255 characters, or not of visible ASCII characters.
    pub fn idempotency_key(&self) -> Result<Option<&str>, Error> {
        let Some(value) = self.headers.get(IDEMPOTENCY_KEY) else {
            return Ok(None);
        };
        let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
        let rule = "must have 1 to 255 visible ASCII characters";
        key.map(Some).ok_or_else(|| Error::invalid(IDEMPOTENCY_KEY, rule))
    }

    /// How long the client waits, less what the answer takes to reach it. Anthropic's SDKs say so in seconds, and OpenAI's.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        let value = PATIENCE.iter().find_map(|name| self.headers.get(*name))?;
        let seconds: f64 = value.to_str().ok()?.parse().ok()?;
        let timeout = Duration::try_from_secs_f64(seconds).ok().filter(|timeout| !timeout.is_zero())?;
        Some(timeout.saturating_sub(ON_THE_WAY).max(timeout / 2))
    }

    fn check_media_type(&self) -> Result<(), Error> {
        let unsupported = |message: &'static str| Err(Error::new(Kind::UnsupportedMediaType, message));
        if self.header(header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            return unsupported("content-encoding: send the body as it is, not compressed");
        }
        match self.header(header::CONTENT_TYPE) {
            Some(media_type) if !is_json(media_type) => unsupported("content-type: must be application/json, in UTF-8"),
            Some(_) | None => Ok(()),
        }
    }

    /// A header's value; one that is not ASCII counts as a strange value, not as none.
    fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap_or("not ASCII"))
    }
}

/// Who asks through a REST API: the IAM principal, or that of the authoriser, or the ID of the API key.
fn caller(context: &ApiGatewayProxyRequestContext) -> Option<String> {
    let identity = &context.identity;
    let principal = context.authorizer.fields.get("principalId").and_then(Value::as_str);
    let names = [identity.user_arn.as_deref(), principal, identity.api_key_id.as_deref()];
    // An authoriser may name a key as its own principal. A key is never logged.
    let named = |name: &&str| !name.is_empty() && identity.api_key.as_deref() != Some(*name);
    names.into_iter().flatten().find(named).map(str::to_owned)
}

fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        Some(_) | None => true,
    };
    essence.eq_ignore_ascii_case("application/json") && parts.all(is_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, stage: &str, proxy: Option<&str>) -> Request {
        Request {
            method: Method::POST,
            path: path.to_owned(),
            stage: Some(stage.to_owned()),
            proxy: proxy.map(str::to_owned),
            headers: HeaderMap::new(),
            body: None,
            is_base64: false,
            caller: None,
        }
    }

    #[test]
    fn the_path_is_found_behind_a_stage_and_a_base_path() {
        let paths = |path, stage, proxy| request(path, stage, proxy).paths().join(" ");
        assert_eq!(paths("/v1/messages", "prod", None), "/v1/messages");
        assert_eq!(paths("/prod/v1/messages", "prod", None), "/prod/v1/messages /v1/messages");
        assert_eq!(paths("/prod", "prod", None), "/prod /");
        assert_eq!(paths("/ai/v1/messages", "prod", Some("/v1/messages")), "/ai/v1/messages /v1/messages");
        assert_eq!(paths("/v1/messages", "v1", None), "/v1/messages /messages", "the path as it came is tried first");
    }

    #[test]
    fn the_clients_patience_is_read_from_its_header() {
        for name in PATIENCE {
            let timeout = |value: &str| {
                let mut request = request("/v1/messages", "prod", None);
                request.headers.insert(name, value.parse().unwrap());
                request.timeout()
            };
            assert_eq!(timeout("600"), Some(Duration::from_secs(599)), "{name}");
            assert_eq!(timeout("1"), Some(Duration::from_millis(500)), "{name}");
            for nonsense in ["", "0", "-1", "NaN", "soon", "1e400"] {
                assert_eq!(timeout(nonsense), None, "{name}: {nonsense}");
            }
        }
    }

    #[test]
    fn betas_of_all_headers_are_told_apart() {
        let mut request = request("/v1/messages", "prod", None);
        request.headers.append("anthropic-beta", "a, b,,".parse().unwrap());
        request.headers.append("anthropic-beta", http::HeaderValue::from_bytes("café,c".as_bytes()).unwrap());
        assert_eq!(request.betas(), ["a", "b", "café", "c"]);
    }

    #[test]
    fn json_is_told_by_its_media_type() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
        ] {
            assert!(is_json(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json; charset=shift_jis",
            "application/jsonl",
        ] {
            assert!(!is_json(bad), "{bad}");
        }
    }

    #[test]
    fn a_base64_body_is_decoded_and_a_broken_one_named() {
        let with_body =
            |body: &str| Request { body: Some(body.to_owned()), is_base64: true, ..request("/prompt", "prod", None) };
        assert_eq!(with_body("eyJhIjoxfQ==").json().unwrap().as_ref(), br#"{"a":1}"#);
        assert_eq!(with_body("not base64").json().unwrap_err().kind(), Kind::InvalidRequest);
        assert_eq!(with_body(&"A".repeat(9_000_000)).json().unwrap_err().kind(), Kind::TooLarge);
    }
}

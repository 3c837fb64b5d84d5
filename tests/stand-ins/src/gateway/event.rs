//! The event of a REST API's proxy integration, in payload format 1.0, with every field that API Gateway sends.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use time::UtcDateTime;

use crate::identifiers;

/// The account that AWS's own examples use.
const ACCOUNT: &str = "123456789012";

/// The API's ID, which is also the first label of its host.
const API: &str = "kokunai000";

/// The caller's address, from the range that is reserved for documentation.
const SOURCE_IP: &str = "203.0.113.7";

/// An HTTP request as it reaches API Gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayRequest {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path without the stage, as it was sent.
    pub path: String,
    /// The query string without its question mark, as it was sent; empty if there was none.
    pub query: String,
    /// The headers in the order and the case in which they were sent; a name may come twice.
    pub headers: Vec<(String, String)>,
    /// The body; an empty one becomes `null` in the event.
    pub body: Vec<u8>,
}

/// The event that a REST API sends for a request, buffered or streamed: the two look the same, so the function must be
/// told which it serves. The caller is authorised with IAM, as the template demands.
#[must_use]
pub fn rest_event(request: &GatewayRequest, stage: &str) -> Value {
    let headers = with_gateway_headers(request);
    let query = parse_query(&request.query);
    let proxy = request.path.strip_prefix('/').filter(|path| !path.is_empty());
    let resource = if proxy.is_some() { "/{proxy+}" } else { "/" };
    let text = str::from_utf8(&request.body).ok();
    let body = match text {
        Some("") => Value::Null,
        Some(text) => json!(text),
        None => json!(STANDARD.encode(&request.body)),
    };
    json!({
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": last_values(&headers),
        "multiValueHeaders": all_values(&headers),
        "queryStringParameters": null_if_empty(last_values(&query)),
        "multiValueQueryStringParameters": null_if_empty(all_values(&query)),
        "pathParameters": proxy.map(|proxy| json!({ "proxy": proxy })),
        "stageVariables": null,
        "requestContext": request_context(request, resource, stage, &headers),
        "body": body,
        "isBase64Encoded": text.is_none(),
    })
}

fn request_context(request: &GatewayRequest, resource: &str, stage: &str, headers: &[(String, String)]) -> Value {
    let user_agent = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("user-agent")).map(|(_, value)| value);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let milliseconds = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    json!({
        "resourceId": "a1b2c3",
        "resourcePath": resource,
        "operationName": null,
        "httpMethod": request.method,
        "extendedRequestId": format!("{}=", identifiers::hex(15)),
        "requestTime": request_time(),
        "requestTimeEpoch": milliseconds,
        "path": format!("/{stage}{}", request.path),
        "accountId": ACCOUNT,
        "protocol": "HTTP/1.1",
        "stage": stage,
        "domainPrefix": API,
        "domainName": format!("{API}.execute-api.ap-northeast-1.amazonaws.com"),
        "deploymentId": "d4e5f6",
        "requestId": identifiers::uuid(),
        "apiId": API,
        "identity": identity(user_agent),
    })
}

/// Who asks: a role, as IAM has verified it.
fn identity(user_agent: Option<&String>) -> Value {
    json!({
        "cognitoIdentityPoolId": null,
        "cognitoIdentityId": null,
        "apiKey": null,
        "apiKeyId": null,
        "accountId": ACCOUNT,
        "accessKey": "ASIACALLEROFTHEAPI00",
        "caller": "AROACALLEROFTHEAPI00:session",
        "user": "AROACALLEROFTHEAPI00:session",
        "userArn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/caller/session"),
        "userAgent": user_agent,
        "sourceIp": SOURCE_IP,
        "principalOrgId": null,
        "cognitoAuthenticationType": null,
        "cognitoAuthenticationProvider": null,
        "clientCert": null,
    })
}

/// `23/Nov/2026:11:37:35 +0000`, the form of the access log.
fn request_time() -> String {
    let now = UtcDateTime::now();
    let month = now.month().to_string();
    let month = month.get(..3).unwrap_or_default();
    let (hour, minute, second) = (now.hour(), now.minute(), now.second());
    format!("{:02}/{month}/{}:{hour:02}:{minute:02}:{second:02} +0000", now.day(), now.year())
}

/// The request's headers, and those that API Gateway puts in where the client sent none.
fn with_gateway_headers(request: &GatewayRequest) -> Vec<(String, String)> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let added = [
        ("Host", format!("{API}.execute-api.ap-northeast-1.amazonaws.com")),
        ("X-Amzn-Trace-Id", format!("Root=1-{seconds:08x}-{}", identifiers::hex(24))),
        ("X-Forwarded-For", SOURCE_IP.to_owned()),
        ("X-Forwarded-Port", "443".to_owned()),
        ("X-Forwarded-Proto", "https".to_owned()),
    ];
    let mut headers = request.headers.clone();
    for (name, value) in added {
        if !request.headers.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), value));
        }
    }
    headers
}

/// The parameters of a query, decoded, as API Gateway decodes them for a proxy integration.
fn parse_query(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

fn last_values(pairs: &[(String, String)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
}

fn all_values(pairs: &[(String, String)]) -> Map<String, Value> {
    let mut values: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let list = values.entry(name.clone()).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!(value));
        }
    }
    values
}

fn null_if_empty(map: Map<String, Value>) -> Value {
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

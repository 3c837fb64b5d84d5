//! The `Authorization` header: complete, fresh, scoped to one service in Tokyo, and signed with the test secret.

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use time::macros::format_description;
use time::{Duration, PrimitiveDateTime, UtcDateTime};

use super::header;
use super::signature::Signed;
use crate::{TEST_ACCESS_KEY_ID, TEST_SESSION_TOKEN};

/// The Region that a credential must be scoped to.
const TOKYO: &str = "ap-northeast-1";

/// How far the clock of a caller may be off before AWS refuses its signature.
const CLOCK_SKEW: Duration = Duration::minutes(5);

/// Why a caller is not believed, under the name that AWS gives the error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Untrusted {
    pub(crate) error_type: &'static str,
    pub(crate) message: String,
}

impl Untrusted {
    fn new(error_type: &'static str, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into() }
    }
}

/// An `Authorization` header of SigV4, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authorization<'a> {
    access_key_id: &'a str,
    scope: &'a str,
    names: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// The header of a request, if it is complete; a bearer token is not.
    pub(super) fn of(parts: &'a Parts) -> Option<Self> {
        Self::parse(header(&parts.headers, AUTHORIZATION.as_str())?)
    }

    /// Whether the credential may be used for this service in Tokyo, and there only.
    pub(super) fn is_for(&self, service: &str) -> bool {
        self.scope.split_once('/').is_some_and(|(_, scope)| scope == scope_of(service))
    }

    fn is_scoped(&self, service: &str, date: &str) -> Result<(), String> {
        let wanted = scope_of(service);
        match self.scope.split_once('/') {
            Some((day, scope)) if scope == wanted && date.split('T').next() == Some(day) => Ok(()),
            Some((_, scope)) if scope == wanted => {
                Err("Date in Credential scope does not match that of X-Amz-Date.".to_owned())
            }
            _ => Err(format!("Credential should be scoped to {wanted}, not {}.", self.scope)),
        }
    }

    fn parse(header: &'a str) -> Option<Self> {
        let mut fields = header.strip_prefix("AWS4-HMAC-SHA256 ")?.split(", ");
        let (access_key_id, scope) = fields.next()?.strip_prefix("Credential=")?.split_once('/')?;
        let names = fields.next()?.strip_prefix("SignedHeaders=")?.split(';').collect();
        let signature = fields.next()?.strip_prefix("Signature=")?;
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let complete = fields.next().is_none() && signature.len() == 64 && signature.bytes().all(is_hex);
        complete.then_some(Self { access_key_id, scope, names, signature })
    }
}

/// What a credential must be scoped to, after its date.
fn scope_of(service: &str) -> String {
    format!("{TOKYO}/{service}/aws4_request")
}

/// Holds the signature of a request against what its headers promise, and then against its sum.
pub(super) fn verify(service: &str, parts: &Parts, body: &[u8]) -> Result<(), Untrusted> {
    let invalid = |problem: String| Untrusted::new("InvalidSignatureException", problem);
    let incomplete = |problem: &str| Untrusted::new("IncompleteSignatureException", problem);
    if !parts.headers.contains_key(AUTHORIZATION) {
        return Err(Untrusted::new("MissingAuthenticationTokenException", "Missing Authentication Token"));
    }
    let authorization = Authorization::of(parts)
        .ok_or_else(|| incomplete("The Authorization header is not a complete AWS4-HMAC-SHA256 signature."))?;
    let date = header(&parts.headers, "x-amz-date")
        .ok_or_else(|| incomplete("Authorization header requires existence of a 'X-Amz-Date' header."))?;
    fresh(date).map_err(invalid)?;
    authorization.is_scoped(service, date).map_err(invalid)?;
    every_header_is_signed(&parts.headers, &authorization.names).map_err(invalid)?;
    let token = header(&parts.headers, "x-amz-security-token");
    if authorization.access_key_id != TEST_ACCESS_KEY_ID || token != Some(TEST_SESSION_TOKEN) {
        let problem = "The security token included in the request is invalid.";
        return Err(Untrusted::new("UnrecognizedClientException", problem));
    }
    let Authorization { names, scope, .. } = authorization;
    let signed = Signed { method: &parts.method, uri: &parts.uri, headers: &parts.headers, body, names, date, scope };
    if signed.signature() == authorization.signature {
        return Ok(());
    }
    Err(invalid("The request signature we calculated does not match the signature you provided.".to_owned()))
}

/// Whether a request was signed within the last, or the next, five minutes.
fn fresh(date: &str) -> Result<(), String> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let signed = PrimitiveDateTime::parse(date, format).map_err(|_| format!("X-Amz-Date {date} is not a date."))?;
    let age = UtcDateTime::now() - signed.as_utc();
    if age.abs() <= CLOCK_SKEW {
        return Ok(());
    }
    Err(format!("Signature expired or not yet current: {date} is {age} off."))
}

/// AWS demands a signature over the host, the content type where there is one, and every header of its own.
fn every_header_is_signed(headers: &HeaderMap, names: &[&str]) -> Result<(), String> {
    let sent = headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
    let typed = headers.contains_key(CONTENT_TYPE).then_some("content-type");
    match sent.chain(["host", "x-amz-date"]).chain(typed).find(|name| !names.contains(name)) {
        None if names.is_sorted() => Ok(()),
        None => Err("SignedHeaders must be sorted.".to_owned()),
        Some(name) => Err(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")),
    }
}

//! Signs requests for tests of a door, right or wrong, without an SDK.

use http::request::Parts;
use http::{HeaderValue, Request};
use time::UtcDateTime;
use time::macros::format_description;

use super::header;
use super::signature::Signed;
use crate::{TEST_ACCESS_KEY_ID, TEST_SESSION_TOKEN};

/// A moment, in the form of `x-amz-date`.
pub(crate) fn stamp(moment: UtcDateTime) -> String {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    moment.format(format).expect("a date")
}

/// Replaces a header.
pub(crate) fn set(parts: &mut Parts, name: &'static str, value: &str) {
    parts.headers.insert(name, HeaderValue::from_str(value).expect("a value"));
}

/// A GET of a path without a body, signed just now for a place such as `ap-northeast-1/bedrock`.
pub(crate) fn getting(path: &str, host: &str, place: &str) -> Parts {
    let request = Request::get(path)
        .header("host", host)
        .header("x-amz-date", stamp(UtcDateTime::now()))
        .header("x-amz-security-token", TEST_SESSION_TOKEN);
    sign(request.body(()).expect("a request").into_parts().0, b"", place)
}

/// Signs every header of a request as it stands, for a place such as `ap-northeast-1/sqs`.
pub(crate) fn sign(mut parts: Parts, body: &[u8], place: &str) -> Parts {
    let mut names: Vec<&str> = parts.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let date = header(&parts.headers, "x-amz-date").expect("a date").to_owned();
    let scope = format!("{}/{place}/aws4_request", &date[..8]);
    let listed = names.join(";");
    let (method, uri, headers) = (&parts.method, &parts.uri, &parts.headers);
    let signature = Signed { method, uri, headers, body, names, date: &date, scope: &scope }.signature();
    let credential = format!("Credential={TEST_ACCESS_KEY_ID}/{scope}");
    let authorization = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders={listed}, Signature={signature}");
    set(&mut parts, "authorization", &authorization);
    parts
}

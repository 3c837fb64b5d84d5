//! What API Gateway asks of an authoriser: the request's headers, and the one key that they carry.

use crate::residency;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The headers that a key may come in. Anthropic's SDKs send the one or the other, depending on their age; OpenAI's the second.
const KEY_HEADER: &str = "x-api-key";
const AUTHORIZATION: &str = "authorization";

/// The scheme of a key in `Authorization`. Schemes are written in any case.
const BEARER: &str = "bearer";

/// The longest value that API Gateway takes for a key.
const LONGEST_KEY: usize = 128;

/// Why a client may not pass: one of a fixed set, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// There is no key.
    NoKey,
    /// There are two, and it is not for the function to choose.
    SeveralKeys,
    /// Something stands in a key's place that is none.
    Unclear,
    /// The usage plan has no such key.
    UnknownKey,
}

impl Denial {
    /// Its name in the log line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::SeveralKeys => "several_keys",
            Self::Unclear => "unclear",
            Self::UnknownKey => "unknown_key",
        }
    }
}

/// A request of API Gateway's to a request authoriser. It shows nothing in its debug form, for its headers hold a key.
#[derive(Deserialize)]
pub struct Request<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, rename = "methodArn")]
    method_arn: Cow<'a, str>,
    #[serde(borrow)]
    headers: Option<BTreeMap<Cow<'a, str>, Cow<'a, str>>>,
    #[serde(borrow, rename = "multiValueHeaders")]
    multi_value_headers: Option<BTreeMap<Cow<'a, str>, Vec<Cow<'a, str>>>>,
    #[serde(borrow, rename = "requestContext")]
    context: Option<Context<'a>>,
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow, rename = "requestId")]
    request_id: Option<Cow<'a, str>>,
}

impl<'a> Request<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with "an authoriser's event". It quotes nothing of it.
    pub fn parse(text: &'a str) -> Result<Self, &'static str> {
        let request: Self = serde_json::from_str(text).map_err(|_| "that cannot be read")?;
        if request.kind != "REQUEST" {
            return Err("whose type is not REQUEST");
        }
        let tokyo = format!("arn:aws:execute-api:{}:", residency::REGION);
        if request.method_arn.starts_with(&tokyo) {
            Ok(request)
        } else {
            Err("whose methodArn is not that of a method of an API in Tokyo")
        }
    }

    /// The method that the client wants to pass to.
    #[must_use]
    pub fn method_arn(&self) -> &str {
        &self.method_arn
    }

    /// API Gateway's ID of the request, which its client can be told.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.context.as_ref()?.request_id.as_deref()
    }

    /// The key that the client sent: in one of the two headers, or the same one in both.
    ///
    /// # Errors
    /// There is none, there are two, or what stands there is none: whatever is not clear is denied.
    pub fn key(&self) -> Result<Cow<'_, str>, Denial> {
        let mut found: Option<&str> = None;
        for (name, value) in self.values() {
            let value = value.trim();
            let key = if name.eq_ignore_ascii_case(KEY_HEADER) { Some(value) } else { bearer(value) };
            let key = key.filter(|key| is_key(key)).ok_or(Denial::Unclear)?;
            if found.is_some_and(|other| other != key) {
                return Err(Denial::SeveralKeys);
            }
            found = Some(key);
        }
        found.map(Cow::Borrowed).ok_or(Denial::NoKey)
    }

    /// Every value of the headers that a key may come in: API Gateway writes each header in two places, and only the one keeps
    /// those that came twice.
    fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        let single = self.headers.iter().flatten().map(|(name, value)| (&**name, &**value));
        let multiple = self.multi_value_headers.iter().flatten();
        let multiple = multiple.flat_map(|(name, values)| values.iter().map(move |value| (&**name, &**value)));
        let may_hold_a_key = |name: &str| [KEY_HEADER, AUTHORIZATION].iter().any(|it| name.eq_ignore_ascii_case(it));
        single.chain(multiple).filter(move |(name, _)| may_hold_a_key(name))
    }
}

/// The key behind `Bearer`; nothing if that is not the scheme.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case(BEARER).then(|| key.trim())
}

/// Whether a text may be a key. A comma is where two headers were joined into one.
fn is_key(text: &str) -> bool {
    (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const ARN: &str = "arn:aws:execute-api:ap-northeast-1:123456789012:a1b2c3d4e5/prod/POST/v1/messages";
    const KEY: &str = "stand-in-api-key-canary-000000";

    fn event(headers: &Value, multiple: &Value) -> String {
        json!({ "type": "REQUEST", "methodArn": ARN, "headers": headers, "multiValueHeaders": multiple }).to_string()
    }

    fn key(headers: &Value, multiple: &Value) -> Result<String, Denial> {
        Request::parse(&event(headers, multiple)).ok().unwrap().key().map(Cow::into_owned)
    }

    #[test]
    fn a_key_is_found_in_either_header_and_in_any_case() {
        for headers in [
            json!({ "x-api-key": KEY }),
            json!({ "X-Api-Key": format!(" {KEY} ") }),
            json!({ "Authorization": format!("Bearer {KEY}") }),
            json!({ "AUTHORIZATION": format!("bearer  {KEY}") }),
            json!({ "x-api-key": KEY, "authorization": format!("Bearer {KEY}"), "host": "a" }),
        ] {
            assert_eq!(key(&headers, &json!(null)).as_deref(), Ok(KEY), "{headers}");
        }
        assert_eq!(key(&json!(null), &json!({ "x-api-key": [KEY, KEY] })).as_deref(), Ok(KEY));
    }

    #[test]
    fn whatever_is_not_clear_is_denied() {
        let bearer = format!("Bearer {KEY}");
        for (headers, multiple, denial) in [
            (json!(null), json!(null), Denial::NoKey),
            (json!({ "cookie": KEY, "x-api-keys": KEY }), json!({}), Denial::NoKey),
            (json!({ "x-api-key": "another", "authorization": bearer }), json!(null), Denial::SeveralKeys),
            (json!({ "x-api-key": KEY }), json!({ "x-api-key": [KEY, "another"] }), Denial::SeveralKeys),
            (json!({ "x-api-key": KEY, "X-API-KEY": "another" }), json!(null), Denial::SeveralKeys),
            (json!({ "x-api-key": "" }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": "", "authorization": bearer }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": format!("{KEY},{KEY}") }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": "two words" }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": "x".repeat(129) }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": "鍵" }), json!(null), Denial::Unclear),
            (json!({ "authorization": KEY }), json!(null), Denial::Unclear),
            (json!({ "authorization": "Bearer" }), json!(null), Denial::Unclear),
            (json!({ "authorization": "Bearer " }), json!(null), Denial::Unclear),
            (json!({ "authorization": format!("Basic {KEY}") }), json!(null), Denial::Unclear),
            (
                json!({ "x-api-key": KEY, "authorization": "AWS4-HMAC-SHA256 Credential=x" }),
                json!(null),
                Denial::Unclear,
            ),
        ] {
            assert_eq!(key(&headers, &multiple), Err(denial), "{headers} {multiple}");
        }
    }

    #[test]
    fn an_event_that_is_not_a_request_of_an_api_in_tokyo_is_refused() {
        let sound = json!({ "type": "REQUEST", "methodArn": ARN });
        assert!(Request::parse(&sound.to_string()).is_ok());
        for (field, value, reason) in [
            ("type", json!("TOKEN"), "type"),
            ("type", json!(1), "cannot be read"),
            ("methodArn", json!(ARN.replace("northeast", "southeast")), "methodArn"),
            ("methodArn", json!("*"), "methodArn"),
            ("headers", json!([KEY]), "cannot be read"),
            ("multiValueHeaders", json!({ "x-api-key": KEY }), "cannot be read"),
        ] {
            let mut event = sound.clone();
            event[field] = value;
            let text = event.to_string();
            let said = Request::parse(&text).err().unwrap();
            assert!(said.contains(reason) && !said.contains(KEY), "{said}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_what_all_of_the_headers_say_or_none(
            first in "[ -~]{0,8}", second in "[ -~]{0,8}", scheme in "(Bearer|bearer|Basic|) ?",
        ) {
            let headers = json!({ "x-api-key": first, "authorization": format!("{scheme}{second}") });
            if let Ok(key) = key(&headers, &json!(null)) {
                prop_assert_eq!(first.trim(), &key);
                prop_assert_eq!(second.trim(), &key);
                prop_assert!(scheme.eq_ignore_ascii_case("bearer "));
            }
        }
    }
}

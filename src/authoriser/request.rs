//! What API Gateway asks of an authoriser: the request's headers, and the one key that they carry.

use crate::json::Members;
use crate::residency;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

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
    headers: Option<Members<'a>>,
    #[serde(borrow, rename = "multiValueHeaders")]
    multi_value_headers: Option<Members<'a>>,
    #[serde(borrow, rename = "requestContext")]
    context: Option<Context<'a>>,
}

#[derive(Deserialize)]
struct Context<'a> {
    // The other ID, `requestId`, a client can choose.
    #[serde(borrow, rename = "extendedRequestId")]
    id: Option<Cow<'a, str>>,
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
        match request.stage() {
            Some(_) => Ok(request),
            None => Err("whose methodArn is not that of a method of an API in Tokyo"),
        }
    }

    /// The ARN of all methods of the stage that the client wants to pass to. Behind it stands a path in the client's own words,
    /// which a policy would take for a pattern.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("{}/*", self.stage().unwrap_or_default())
    }

    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE` of a method of an API in Tokyo.
    fn stage(&self) -> Option<&str> {
        let place = self.method_arn.strip_prefix("arn:aws:execute-api:")?.strip_prefix(residency::REGION)?;
        let (account, path) = place.strip_prefix(':')?.split_once(':')?;
        let (api, rest) = path.split_once('/')?;
        let (stage, method) = rest.split_once('/')?;
        let is_name =
            |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
        let is_one = [account, api, stage].into_iter().all(is_name) && !method.is_empty();
        is_one.then(|| &self.method_arn[..self.method_arn.len() - method.len() - 1])
    }

    /// API Gateway's ID of the request, which its client can be told.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.context.as_ref()?.id.as_deref()
    }

    /// The key that the client sent: in one of the two headers, or the same one in both.
    ///
    /// # Errors
    /// There is none, there are two, or what stands there is none: whatever is not clear is denied.
    pub fn key(&self) -> Result<String, Denial> {
        let mut found: Option<String> = None;
        for (name, value) in self.values() {
            let value = value.ok_or(Denial::Unclear)?;
            let value = value.trim_matches([' ', '\t']);
            let key = if name.eq_ignore_ascii_case(KEY_HEADER) { Some(value) } else { bearer(value) };
            let key = key.filter(|key| is_key(key)).ok_or(Denial::Unclear)?;
            if found.as_ref().is_some_and(|other| other != key) {
                return Err(Denial::SeveralKeys);
            }
            found = Some(key.to_owned());
        }
        found.ok_or(Denial::NoKey)
    }

    /// Every value of the headers that a key may come in; none of one that is no text. API Gateway writes each header in two
    /// places, and only the one keeps those that came twice.
    fn values(&self) -> Vec<(&str, Option<Cow<'_, str>>)> {
        let mut values = Vec::new();
        for (name, value) in key_headers(self.headers.as_ref()) {
            values.push((name, text(value)));
        }
        for (name, value) in key_headers(self.multi_value_headers.as_ref()) {
            match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
                Ok(items) => values.extend(items.into_iter().map(|item| (name, text(item)))),
                Err(_) => values.push((name, None)),
            }
        }
        values
    }
}

/// Those of the headers that a key may come in.
fn key_headers<'a>(headers: Option<&'a Members<'a>>) -> impl Iterator<Item = (&'a str, &'a RawValue)> {
    let members = headers.into_iter().flat_map(|Members(members)| members);
    let named = members.map(|(name, value)| (name.as_str(), *value));
    named.filter(|(name, _)| [KEY_HEADER, AUTHORIZATION].iter().any(|it| name.eq_ignore_ascii_case(it)))
}

fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    serde_json::from_str(value.get()).ok().map(|Text(text)| text)
}

/// The key behind `Bearer`; nothing if that is not the scheme.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case(BEARER).then(|| key.trim_matches([' ', '\t']))
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
        Request::parse(&event(headers, multiple)).ok().unwrap().key()
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
            (json!({ "x-api-key": format!("\u{3000}{KEY}") }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": format!("{KEY}\u{a0}") }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": null }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": 7 }), json!(null), Denial::Unclear),
            (json!({ "x-api-key": KEY }), json!({ "x-api-key": [KEY, null] }), Denial::Unclear),
            (json!({ "x-api-key": KEY }), json!({ "x-api-key": KEY }), Denial::Unclear),
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
    fn a_header_that_is_written_twice_and_one_that_is_no_text_are_seen() {
        let read = |headers: &str| {
            let text = format!(r#"{{"type":"REQUEST","methodArn":"{ARN}","headers":{headers}}}"#);
            Request::parse(&text).ok().unwrap().key()
        };
        assert_eq!(read(&format!(r#"{{"x-api-key":"another","x-api-key":"{KEY}"}}"#)), Err(Denial::SeveralKeys));
        let odd = format!(r#"{{"x-api-key":"{KEY}","x-other":null,"x-more":7,"x-broken":"\\ud800"}}"#);
        assert_eq!(read(&odd).as_deref(), Ok(KEY), "what cannot be a key is none of the authoriser's business");
    }

    #[test]
    fn the_policy_is_for_the_stage_and_quotes_nothing_of_the_clients() {
        let resource = |arn: &str| {
            let text = json!({ "type": "REQUEST", "methodArn": arn }).to_string();
            Request::parse(&text).map(|request| request.resource()).ok()
        };
        let stage = "arn:aws:execute-api:ap-northeast-1:123456789012:a1b2c3d4e5/prod/*";
        for path in ["POST/v1/messages", "GET/", "GET/*", "GET/${aws:username}/%2F?x", "OPTIONS/a/b/c"] {
            assert_eq!(resource(&stage.replace('*', path)).as_deref(), Some(stage), "{path}");
        }
        for arn in ["*", "a1b2c3d4e5/*/GET/", "*/prod/GET/", "a1b2c3d4e5/prod", "a1b2c3d4e5/prod/", "a1b2c3d4e5//GET/"]
        {
            assert_eq!(resource(&format!("arn:aws:execute-api:ap-northeast-1:123456789012:{arn}")), None, "{arn}");
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
            ("multiValueHeaders", json!(KEY), "cannot be read"),
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

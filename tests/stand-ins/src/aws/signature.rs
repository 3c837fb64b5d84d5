//! The verification of AWS Signature Version 4: the same sums as the signer's, written a second time.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::TEST_SECRET_ACCESS_KEY;

/// What stays as it is in a canonical path: the unreserved characters of RFC 3986 and the slash.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// A request as far as it is signed.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// The names of the signed headers, as the `Authorization` header lists them.
    pub(super) names: Vec<&'a str>,
    /// The moment of signing, as `x-amz-date` gives it.
    pub(super) date: &'a str,
    /// `yyyymmdd/region/service/aws4_request`.
    pub(super) scope: &'a str,
}

impl Signed<'_> {
    /// The signature that the holder of the test secret gives this request.
    pub(super) fn signature(&self) -> String {
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{}\n{}\n{}", self.date, self.scope, sha256(self.canonical().as_bytes()));
        let secret = format!("AWS4{TEST_SECRET_ACCESS_KEY}").into_bytes();
        let key = self.scope.split('/').fold(secret, |key, part| hmac(&key, part.as_bytes()));
        hex(&hmac(&key, to_sign.as_bytes()))
    }

    fn canonical(&self) -> String {
        // For every service but S3 the path is encoded once more, as it stands: %3A becomes %253A.
        let path = utf8_percent_encode(self.uri.path(), PATH);
        let mut query: Vec<&str> = self.uri.query().unwrap_or_default().split('&').collect();
        query.sort_unstable();
        let headers: BTreeMap<&str, String> = self.names.iter().map(|name| (*name, self.value(name))).collect();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names = self.names.join(";");
        format!("{}\n{path}\n{}\n{headers}\n{names}\n{}", self.method, query.join("&"), sha256(self.body))
    }

    /// All values of a header, each with its runs of spaces made one.
    fn value(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let values = values.map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "));
        values.collect::<Vec<_>>().join(",")
    }
}

pub(crate) fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length, so this branch is never taken; an empty signature would match nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

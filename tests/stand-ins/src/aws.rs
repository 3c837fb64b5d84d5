//! What the stand-ins for services of AWS in Tokyo have in common: which host they answer for, and whom they trust.

pub(crate) mod answer;
mod authorization;
mod signature;

use http::HeaderMap;
use http::header::HOST;
use http::request::Parts;

use self::authorization::Authorization;

pub(crate) use self::authorization::Untrusted;
pub(crate) use self::signature::hmac;

/// A service in Tokyo, as its callers sign for it and address it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    /// The name that a credential is scoped to.
    pub(crate) name: &'static str,
    /// The only host that the stand-in answers for.
    pub(crate) host: &'static str,
}

impl Service {
    /// Whether a request was meant for this service's endpoint in Tokyo.
    ///
    /// # Errors
    ///
    /// A sentence that names the host it was meant for.
    pub(crate) fn is_host_of(&self, headers: &HeaderMap) -> Result<(), String> {
        match header(headers, HOST.as_str()) {
            Some(host) if host == self.host => Ok(()),
            other => Err(format!("The Host was {:?} instead of {}.", other.unwrap_or_default(), self.host)),
        }
    }

    /// Whether the credential of a request may be used for this service in Tokyo, and there only; its sum is not checked.
    pub(crate) fn is_scope_of(&self, parts: &Parts) -> bool {
        Authorization::of(parts).is_some_and(|authorization| authorization.is_for(self.name))
    }

    /// Holds the signature of a request against what its headers promise, and then against its sum.
    ///
    /// # Errors
    ///
    /// What AWS says to a caller whose signature is missing, incomplete, stale, for another place, or wrong.
    pub(crate) fn verify(&self, parts: &Parts, body: &[u8]) -> Result<(), Untrusted> {
        authorization::verify(self.name, parts, body)
    }
}

/// The value of a header, if it is text.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
pub(crate) mod signer;
#[cfg(test)]
mod tests;

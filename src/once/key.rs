//! Under which key a prompt is remembered, and by what another prompt under the same key is told from it: hashes, so that
//! the table holds neither a caller's name nor a prompt.

use sha2::{Digest, Sha256};

/// The key of a prompt's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

/// What tells prompts apart that come under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Key {
    /// The key of a queue's message.
    #[must_use]
    pub fn of_message(queue_arn: &str, message_id: &str) -> Self {
        Self(hash(["queue", queue_arn, message_id].map(str::as_bytes)))
    }

    /// The key that a caller has chosen; another caller's, or one for another route, is another key.
    #[must_use]
    pub fn of_request(caller: &str, route: &str, chosen: &str) -> Self {
        Self(hash(["http", lasting(caller), route, chosen].map(str::as_bytes)))
    }

    /// The hash, in hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Fingerprint {
    /// The fingerprint of a prompt event, as it came, with the betas that its header names.
    #[must_use]
    pub fn of(event: &[u8], betas: &[String]) -> Self {
        let mut betas: Vec<&[u8]> = betas.iter().map(String::as_bytes).collect();
        betas.sort_unstable();
        Self(hash([event].into_iter().chain(betas)))
    }

    /// The hash, in hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stays the same of a caller from one task to the next: the role of `…:assumed-role/<role>/<session>`, because whoever
/// tries again may do so in another session.
fn lasting(caller: &str) -> &str {
    match caller.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/')) {
        Some((_, session)) => &caller[..caller.len() - session.len()],
        None => caller,
    }
}

/// A hash of several parts, each with its length before it, so that no two lists of parts run together.
fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut sha256 = Sha256::new();
    for part in parts {
        sha256.update((part.len() as u64).to_be_bytes());
        sha256.update(part);
    }
    hexadecimal(&sha256.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_parts_are_another_key() {
        let keys = [
            Key::of_message("arn", "id"),
            Key::of_message("ar", "nid"),
            Key::of_request("", "arn", "id"),
            Key::of_request("arn", "id", ""),
            Key::of_request("arn", "i", "d"),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert!(key.as_str().len() == 64 && !keys[..index].contains(key), "{index}");
        }
        assert_eq!(Key::of_message("arn", "id"), Key::of_message("arn", "id"));
    }

    #[test]
    fn a_role_is_one_caller_in_all_its_sessions() {
        let key = |caller: &str| Key::of_request(caller, "/prompt", "key");
        let role = "arn:aws:sts::123456789012:assumed-role/orders";
        assert_eq!(key(&format!("{role}/task-1")), key(&format!("{role}/task-2")));
        assert_ne!(key(&format!("{role}/task-1")), key(&format!("{role}2/task-1")));
    }

    #[test]
    fn a_fingerprint_is_that_of_the_bytes_and_the_betas_in_any_order() {
        let of = |event: &str, betas: &[&str]| {
            Fingerprint::of(event.as_bytes(), &betas.iter().map(|beta| (*beta).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of("event", &["a", "b"]), of("event", &["b", "a"]));
        for (event, betas) in [("event ", &["a", "b"][..]), ("event", &["ab"]), ("event", &[])] {
            assert_ne!(of("event", &["a", "b"]), of(event, betas));
        }
        assert_eq!(of("event", &[]).as_str().len(), 64);
    }
}

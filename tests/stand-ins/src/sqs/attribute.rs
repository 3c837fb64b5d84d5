//! An attribute of a message, and the digest that SQS makes of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::input::Input;
use super::refusal::Refusal;

/// A typed value that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, each perhaps with a dot and a label.
    pub data_type: String,
    /// The value, which is UTF-8 unless the type is binary.
    pub value: Bytes,
}

impl Attribute {
    /// A value of the type `String`.
    pub fn text(value: impl Into<String>) -> Self {
        Self { data_type: "String".to_owned(), value: value.into().into() }
    }

    /// The value as text; empty if it is binary and no UTF-8.
    #[must_use]
    pub fn as_text(&self) -> &str {
        std::str::from_utf8(&self.value).unwrap_or_default()
    }

    pub(super) fn is_binary(&self) -> bool {
        self.data_type.starts_with("Binary")
    }

    /// The value that fits the type; an empty one if there is none, as SQS treats both alike.
    pub(super) fn read(input: Input<'_>) -> Result<Self, Refusal> {
        if !input.list("StringListValues")?.is_empty() || !input.list("BinaryListValues")?.is_empty() {
            let message = "Message attribute list values in SendMessage operation are not supported.";
            return Err(Refusal::own("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", message));
        }
        let data_type = input.required("DataType")?.to_owned();
        let mut attribute = Self { data_type, value: Bytes::new() };
        attribute.value = if attribute.is_binary() {
            let base64 = input.text("BinaryValue")?.unwrap_or_default();
            STANDARD.decode(base64).map_err(|_| Refusal::malformed("BinaryValue is not base64."))?.into()
        } else {
            input.text("StringValue")?.unwrap_or_default().to_owned().into()
        };
        Ok(attribute)
    }

    pub(super) fn to_json(&self) -> Value {
        if self.is_binary() {
            return json!({ "DataType": self.data_type, "BinaryValue": STANDARD.encode(&self.value) });
        }
        json!({ "DataType": self.data_type, "StringValue": self.as_text() })
    }
}

/// The digest of a body, in hexadecimal.
pub(super) fn md5_of(body: &str) -> String {
    hex(&Md5::digest(body))
}

/// The digest of some attributes, which come in the order of their names; nothing if there are none.
pub(super) fn md5_of_attributes<'a>(attributes: impl Iterator<Item = (&'a str, &'a Attribute)>) -> Option<String> {
    let mut attributes = attributes.peekable();
    attributes.peek()?;
    let mut digest = Md5::new();
    let part = |digest: &mut Md5, bytes: &[u8]| {
        // Nothing in a message is longer than a mebibyte.
        digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(bytes);
    };
    for (name, attribute) in attributes {
        part(&mut digest, name.as_bytes());
        part(&mut digest, attribute.data_type.as_bytes());
        digest.update([if attribute.is_binary() { 2 } else { 1 }]);
        part(&mut digest, &attribute.value);
    }
    Some(hex(&digest.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(attributes: &[(&str, Attribute)]) -> Option<String> {
        md5_of_attributes(attributes.iter().map(|(name, attribute)| (*name, attribute)))
    }

    #[test]
    fn the_digests_are_those_that_sqs_itself_gave() {
        assert_eq!(md5_of("message-1"), "3d6b824fd8c1520e9a047d21fee6fb1f");
        let one = [("MyAttribute", Attribute::text("foobar"))];
        assert_eq!(digest(&one).as_deref(), Some("adb59cd4678ea5a855436b949cd07ab6"));
        let number = Attribute { data_type: "Number".to_owned(), value: "6".into() };
        let book = [
            ("Author", Attribute::text("John Grisham")),
            ("Title", Attribute::text("The Whistler")),
            ("WeeksOn", number),
        ];
        assert_eq!(digest(&book).as_deref(), Some("d25a6aea97eb8f585bfa92d314504a92"));
        assert_eq!(digest(&[]), None);
    }
}

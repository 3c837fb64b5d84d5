//! The question: a prompt event, checked once and turned into the body that Bedrock takes, valid by construction.

mod content;
mod fields;
mod rules;

use crate::error::{Error, Kind};
use crate::residency;
use fields::Fields;
use serde_json::value::RawValue;

/// The longest prompt event, in bytes: Lambda takes 6 MB in one synchronous event. Bedrock would take 25,000,000.
pub const MAX_PROMPT_BYTES: usize = 6_291_556;

/// The version of the Messages language that Bedrock speaks; it must be in every body.
const ANTHROPIC_VERSION: &str = "bedrock-2023-05-31";

/// A prompt that has passed every rule, as the body of an InvokeModel call.
pub struct Prompt {
    body: String,
}

impl Prompt {
    /// Reads a prompt event: a Messages request, or one with `prompt` in place of `messages`.
    ///
    /// # Errors
    /// [`Kind::TooLarge`] over [`MAX_PROMPT_BYTES`]; [`Kind::InvalidRequest`] for everything else, naming the field.
    pub fn parse(event: &[u8], default_max_tokens: u32) -> Result<Self, Error> {
        if event.len() > MAX_PROMPT_BYTES {
            let message = format!("the prompt has {} bytes; the most is {MAX_PROMPT_BYTES}", event.len());
            return Err(Error::new(Kind::TooLarge, message));
        }
        let text = std::str::from_utf8(event).map_err(|_| Error::invalid("body", "must be UTF-8"))?;
        let fields = Fields::parse(text)?;
        let max_tokens = rules::check(&fields, default_max_tokens)?;
        Ok(Self { body: body(&fields, max_tokens, text.len()) })
    }

    /// The InvokeModel body, a JSON document.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body.into_bytes()
    }
}

/// The fields that are not passed on: ours to set, or not part of an InvokeModel body.
const REPLACED: [&str; 5] = ["anthropic_version", "max_tokens", "model", "prompt", "stream"];

/// Writes the body: our fields first, then the caller's, each value as the very text that came.
fn body(fields: &Fields<'_>, max_tokens: u32, length: usize) -> String {
    let mut body = String::with_capacity(length + 128);
    body.push_str(&format!(r#"{{"anthropic_version":"{ANTHROPIC_VERSION}","max_tokens":{max_tokens}"#));
    if let Some(prompt) = fields.value("prompt") {
        body.push_str(&format!(r#","messages":[{{"role":"user","content":{prompt}}}]"#));
    }
    for (name, value) in fields.present().filter(|(name, _)| !REPLACED.contains(name)) {
        push_field(&mut body, name, value);
    }
    body.push('}');
    body
}

fn push_field(body: &mut String, name: &str, value: &RawValue) {
    body.push(',');
    body.push_str(&serde_json::Value::from(name).to_string());
    body.push(':');
    body.push_str(value.get());
}

/// The sentence that refuses another model. Long names are cut, so that an error stays readable.
fn other_model(name: &str) -> String {
    let shown: String = name.chars().take(100).collect();
    format!("{shown:?} is not served here; leave the field out, or name {}", residency::MODEL_NAMES.join(", "))
}

#[cfg(test)]
mod tests;

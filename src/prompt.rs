//! The question: a prompt event, checked once and turned into the body that Bedrock takes, valid by construction.

mod betas;
mod content;
mod fields;
mod rules;
mod thinking;

use crate::error::{Error, Kind};
use crate::json;
use crate::residency;
use betas::Betas;
pub use betas::Dropped;
pub(crate) use fields::Fields;
use rules::Checked;
use std::borrow::Cow;
pub(crate) use thinking::{MAX_WHOLE_TOKENS, MIN_BUDGET};

/// The longest prompt event, in bytes: Lambda takes 6 MB in one synchronous event. Bedrock would take 25,000,000.
pub const MAX_PROMPT_BYTES: usize = 6_291_556;

/// The version of the Messages language that Bedrock speaks; it must be in every body.
const ANTHROPIC_VERSION: &str = "bedrock-2023-05-31";

/// What the door of a prompt event allows, and what it knows beside the event.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The most tokens of an answer when the event does not say.
    pub default_max_tokens: u32,
    /// What the prompt is for.
    pub purpose: Purpose,
    /// The betas that the request's header names.
    pub betas: &'a [String],
}

/// What a prompt is for; some rules depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An answer that can only come whole.
    WholeAnswer,
    /// An answer, as a stream if the event asks for one.
    Answer,
    /// A count of its tokens, without an answer.
    Count,
}

/// A prompt that has passed every rule, as the body of an InvokeModel call.
pub struct Prompt {
    body: String,
    max_tokens: u32,
    streams: bool,
    dropped: Dropped,
}

impl Prompt {
    /// Reads a prompt event: a Messages request, or one with `prompt` in place of `messages`.
    ///
    /// # Errors
    /// [`Kind::TooLarge`] over [`MAX_PROMPT_BYTES`]; [`Kind::InvalidRequest`] for everything else, naming the field.
    pub fn parse(event: &[u8], terms: Terms<'_>) -> Result<Self, Error> {
        check_size(event.len())?;
        Self::parse_of_any_size(event, terms)
    }

    /// The same for an event that was translated from one whose size has been looked at: it may well have grown.
    ///
    /// # Errors
    /// [`Kind::InvalidRequest`], naming the field.
    pub fn parse_of_any_size(event: &[u8], terms: Terms<'_>) -> Result<Self, Error> {
        let text = std::str::from_utf8(event).map_err(|_| Error::invalid("body", "must be UTF-8"))?;
        let fields = Fields::parse(text)?;
        let in_body = betas::in_body(&fields)?;
        let betas = Betas::sort(terms.betas.iter().chain(&in_body).map(String::as_str), terms.purpose);
        let Checked { max_tokens, streams } = rules::check(&fields, terms, &betas)?;
        let mut taken = Vec::new();
        let body = body(&fields, max_tokens, &betas, text.len(), &mut taken);
        Ok(Self { body, max_tokens, streams, dropped: betas.into_dropped(taken) })
    }

    /// The most tokens that its answer may have.
    #[must_use]
    pub fn max_tokens(&self) -> u32 {
        self.max_tokens
    }

    /// Whether the answer is wanted as a stream.
    #[must_use]
    pub fn streams(&self) -> bool {
        self.streams
    }

    /// The same prompt, of which these hints were left out before it came here.
    #[must_use]
    pub fn without(mut self, hints: Vec<&'static str>) -> Self {
        self.dropped.fields.extend(hints);
        self
    }

    /// What the event asked for and Bedrock does not know.
    #[must_use]
    pub fn dropped(&self) -> &Dropped {
        &self.dropped
    }

    /// The InvokeModel body, a JSON document.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body.into_bytes()
    }
}

/// Checks how long an event is.
///
/// # Errors
/// [`Kind::TooLarge`] over [`MAX_PROMPT_BYTES`].
pub fn check_size(bytes: usize) -> Result<(), Error> {
    if bytes <= MAX_PROMPT_BYTES {
        return Ok(());
    }
    Err(Error::new(Kind::TooLarge, format!("the prompt has {bytes} bytes; the most is {MAX_PROMPT_BYTES}")))
}

/// The fields that are not passed on: ours to set, or not part of an InvokeModel body.
const REPLACED: [&str; 8] = [
    "anthropic_beta",
    "anthropic_version",
    "max_tokens",
    "model",
    "output_config",
    "output_format",
    "prompt",
    "stream",
];

/// Writes the body: our fields first, then the caller's, each value as the very text that came, but for what goes with
/// a beta that is `taken` out.
fn body(fields: &Fields<'_>, max_tokens: u32, betas: &Betas, length: usize, taken: &mut Vec<&'static str>) -> String {
    let mut body = String::with_capacity(length + 128);
    body.push_str(&format!(r#"{{"anthropic_version":"{ANTHROPIC_VERSION}","max_tokens":{max_tokens}"#));
    let accepted: Vec<_> = betas.accepted().collect();
    if !accepted.is_empty() {
        body.push_str(&format!(r#","anthropic_beta":["{}"]"#, accepted.join(r#"",""#)));
    }
    if let Some(prompt) = fields.value("prompt") {
        body.push_str(&format!(r#","messages":[{{"role":"user","content":{prompt}}}]"#));
    }
    for (name, value) in fields.present().filter(|(name, _)| !REPLACED.contains(name)) {
        if let Some(text) = betas.strip(name, value.get(), taken) {
            push_field(&mut body, name, &text);
        }
    }
    if let Some(config) = output_config(fields, betas, taken) {
        push_field(&mut body, "output_config", &config);
    }
    body.push('}');
    body
}

/// What is sent as `output_config`: the caller's, with the format in it that stood beside it in structured output's beta.
fn output_config(fields: &Fields<'_>, betas: &Betas, taken: &mut Vec<&'static str>) -> Option<String> {
    let config = fields.value("output_config").and_then(|config| betas.strip("output_config", config.get(), taken));
    let Some(format) = fields.value("output_format") else {
        return config.map(Cow::into_owned);
    };
    // The rules let no other format through beside it, but one that is null, which says nothing.
    let config = config.as_deref().unwrap_or("{}");
    let others = json::without(config, "format").map_or(Cow::Borrowed(config), Cow::Owned);
    let others = others.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default().trim();
    let comma = if others.is_empty() { "" } else { "," };
    Some(format!(r#"{{"format":{format}{comma}{others}}}"#))
}

fn push_field(body: &mut String, name: &str, text: &str) {
    body.push(',');
    body.push_str(&serde_json::Value::from(name).to_string());
    body.push(':');
    body.push_str(text);
}

/// The sentence that refuses another model. Long names are cut, so that an error stays readable.
fn other_model(name: &str) -> String {
    let shown: String = name.chars().take(100).collect();
    format!("{shown:?} is not served here; leave the field out, or name {}", residency::MODEL_NAMES.join(", "))
}

#[cfg(test)]
mod tests;

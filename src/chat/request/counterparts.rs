//! Which fields have a counterpart in the Messages language, and what is said of those that have none.

use super::object;
use crate::error::Error;
use crate::prompt::Fields;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The fields that are translated.
const TRANSLATED: [&str; 17] = [
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "model",
    "parallel_tool_calls",
    "prompt_cache_key",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "stop",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
    "user",
];

/// The fields that have no counterpart, with the values that say nothing: OpenAI's own defaults.
const WITHOUT_EFFECT: [(&str, &[&str]); 20] = [
    ("audio", &[]),
    ("frequency_penalty", &["0", "0.0"]),
    ("function_call", &[]),
    ("functions", &["[]"]),
    ("logit_bias", &["{}"]),
    ("logprobs", &["false"]),
    ("metadata", &["{}"]),
    ("modalities", &[r#"["text"]"#]),
    ("moderation", &[]),
    ("n", &["1", "1.0"]),
    ("prediction", &[]),
    ("presence_penalty", &["0", "0.0"]),
    ("prompt_cache_options", &[]),
    ("prompt_cache_retention", &[]),
    ("seed", &[]),
    ("service_tier", &[r#""auto""#, r#""default""#]),
    ("store", &["false"]),
    ("top_logprobs", &["0"]),
    ("verbosity", &[r#""medium""#]),
    ("web_search_options", &[]),
];

/// Refuses each field that would have to be dropped.
pub(super) fn check(fields: &Fields<'_>) -> Result<(), Error> {
    for (name, value) in fields.present().filter(|(name, _)| !TRANSLATED.contains(name)) {
        match WITHOUT_EFFECT.iter().find(|(known, _)| *known == name) {
            Some((_, defaults)) if defaults.iter().any(|default| is_same(default, value)) => {}
            Some((known, [])) => return Err(Error::invalid(known, "has no counterpart here; leave it out")),
            Some((known, defaults)) => {
                let rule = format!("has no counterpart here; leave it out, or send {}", defaults[0]);
                return Err(Error::invalid(known, rule));
            }
            None => return Err(object::unknown(None, name)),
        }
    }
    Ok(())
}

/// Whether a value is this one, however it is spaced.
fn is_same(default: &str, value: &RawValue) -> bool {
    let parsed = |text| serde_json::from_str::<Value>(text).ok();
    parsed(default).is_some_and(|default| parsed(value.get()) == Some(default))
}

/// The hints that are left out: what only tells OpenAI's servers where a prompt may be cached, and of two names of the user
/// the older one. No answer is another for them.
pub(super) fn hints(fields: &Fields<'_>) -> Result<Vec<&'static str>, Error> {
    let mut hints = Vec::new();
    if fields.typed::<Cow<'_, str>>("prompt_cache_key", "a string")?.is_some() {
        hints.push("prompt_cache_key");
    }
    if fields.value("safety_identifier").is_some() && fields.value("user").is_some() {
        hints.push("user");
    }
    Ok(hints)
}

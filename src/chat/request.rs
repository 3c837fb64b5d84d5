//! A Chat Completions request, translated into the Messages request that asks the same.
//!
//! What has no counterpart is refused by name, and what is only a hint is left out and said: nothing is dropped without a word.

mod block;
mod conversation;
mod format;
mod reasoning;
mod tools;

use crate::error::Error;
use crate::prompt::Fields;
use block::{Block, CacheControl};
use conversation::{Conversation, Message};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use tools::{Choice, Tool};

/// What the operator has set for this dialect.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The most tokens of an answer, beside its reasoning, when the request does not say.
    pub default_max_tokens: u32,
    /// Whether prompts are written into Bedrock's prompt cache, for which this dialect has no words.
    pub prompt_cache: PromptCache,
}

/// How long prompts of this dialect are kept in Bedrock's prompt cache after each use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptCache {
    /// Not at all.
    Off,
    /// Five minutes.
    FiveMinutes,
    /// An hour.
    OneHour,
}

/// A request in the Messages language, and what its answer has to look like.
#[derive(Debug, PartialEq, Eq)]
pub struct Translated {
    /// The Messages request, a JSON document.
    pub body: String,
    /// Whether a stream ends with the tokens that were used.
    pub include_usage: bool,
    /// The hints that were left out, to be said in the answer's headers.
    pub dropped: Vec<&'static str>,
}

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
    ("functions", &[]),
    ("logit_bias", &["{}"]),
    ("logprobs", &["false"]),
    ("metadata", &["{}"]),
    ("modalities", &[r#"["text"]"#]),
    ("moderation", &[]),
    ("n", &["1"]),
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

/// A Messages request.
#[derive(Serialize)]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_sequences: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<reasoning::Thinking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<format::OutputConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    user_id: Cow<'a, str>,
}

/// Translates a request.
///
/// # Errors
/// [`crate::error::Kind::InvalidRequest`], naming the field in the caller's own words. What the Messages language refuses too
/// is left for [`crate::prompt::Prompt`] to refuse.
pub fn translate(event: &[u8], terms: Terms) -> Result<Translated, Error> {
    let text = std::str::from_utf8(event).map_err(|_| Error::invalid("body", "must be UTF-8"))?;
    let fields = Fields::parse(text)?;
    refuse_what_has_no_counterpart(&fields)?;
    let mut conversation = Conversation::read(&fields)?;
    let output_config = format::read(&fields, &mut conversation.system)?;
    let (temperature, top_p) = sampling(&fields)?;
    let reasoning = reasoning::read(&fields, terms.default_max_tokens, &mut conversation)?;
    let tools = tools::read(&fields)?;
    let mut request = Request {
        model: fields.value("model"),
        max_tokens: reasoning.max_tokens,
        system: conversation.system,
        messages: conversation.messages,
        tool_choice: tools::choice(&fields, !tools.is_empty())?,
        tools,
        stop_sequences: stop(&fields)?,
        temperature,
        top_p,
        thinking: reasoning.thinking,
        output_config,
        metadata: user(&fields)?,
        stream: fields.typed("stream", "true or false")?,
    };
    request.cache(terms.prompt_cache);
    let body = serde_json::to_string(&request).map_err(|_| Error::internal())?;
    let dropped = hints(&fields).into_iter().chain(conversation.dropped).collect();
    Ok(Translated { body, include_usage: include_usage(&fields)?, dropped })
}

fn refuse_what_has_no_counterpart(fields: &Fields<'_>) -> Result<(), Error> {
    for (name, value) in fields.present().filter(|(name, _)| !TRANSLATED.contains(name)) {
        match WITHOUT_EFFECT.iter().find(|(known, _)| *known == name) {
            Some((_, defaults)) if defaults.iter().any(|default| is_same(default, value)) => {}
            Some((known, [])) => return Err(Error::invalid(known, "has no counterpart here; leave it out")),
            Some((known, defaults)) => {
                let rule = format!("has no counterpart here; leave it out, or send {}", defaults.join(" or "));
                return Err(Error::invalid(known, rule));
            }
            None => return Err(Error::invalid(name, "is not known here; leave it out").logged_as("unknown")),
        }
    }
    Ok(())
}

/// Whether a value is this one, however it is spaced.
fn is_same(default: &str, value: &RawValue) -> bool {
    let parsed = |text| serde_json::from_str::<Value>(text).ok();
    parsed(default).is_some_and(|default| parsed(value.get()) == Some(default))
}

/// What only tells OpenAI's servers where a prompt may be cached: no answer is another for it.
fn hints(fields: &Fields<'_>) -> Option<&'static str> {
    fields.value("prompt_cache_key").map(|_| "prompt_cache_key")
}

/// Temperature and `top_p`, of which the model takes one. One is both fields' default, and says nothing beside the other.
fn sampling(fields: &Fields<'_>) -> Result<(Option<f64>, Option<f64>), Error> {
    let is_set = |value: &f64| (*value - 1.0).abs() > f64::EPSILON;
    let temperature: Option<f64> = fields.typed("temperature", "a number from 0 to 1")?;
    if temperature.is_some_and(|it| !(0.0..=1.0).contains(&it)) {
        let rule = "must be from 0 to 1: the model knows nothing above, and a scaled value would mean something else";
        return Err(Error::invalid("temperature", rule));
    }
    let top_p: Option<f64> = fields.typed("top_p", "a number from 0 to 1")?;
    Ok(match (temperature, top_p) {
        (Some(temperature), Some(top_p)) if !is_set(&top_p) => (Some(temperature), None),
        (Some(temperature), Some(top_p)) if !is_set(&temperature) => (None, Some(top_p)),
        both => both,
    })
}

fn stop(fields: &Fields<'_>) -> Result<Option<Vec<String>>, Error> {
    let stop: Option<Vec<String>> = match fields.value("stop") {
        Some(stop) if stop.get().starts_with('"') => fields.typed("stop", "a string")?.map(|stop| vec![stop]),
        Some(_) | None => fields.typed("stop", "a string or a list of strings")?,
    };
    if stop.iter().flatten().any(|stop| stop.trim().is_empty()) {
        return Err(Error::invalid("stop", "must not be blank: the model does not stop at white space alone"));
    }
    Ok(stop)
}

/// Who uses the application: `safety_identifier` is the newer name.
fn user<'a>(fields: &Fields<'a>) -> Result<Option<Metadata<'a>>, Error> {
    let user = fields.typed("safety_identifier", "a string")?;
    let user = if user.is_some() { user } else { fields.typed("user", "a string")? };
    Ok(user.map(|user_id| Metadata { user_id }))
}

fn include_usage(fields: &Fields<'_>) -> Result<bool, Error> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct StreamOptions {
        #[serde(default)]
        include_usage: Option<bool>,
        /// Random characters against those who measure packets. TLS is ours to use, and this is not ours to give.
        #[serde(default)]
        include_obfuscation: Option<bool>,
    }
    let rule = "an object with include_usage, true or false";
    let options: Option<StreamOptions> = fields.typed("stream_options", rule)?;
    if options.as_ref().is_some_and(|it| it.include_obfuscation == Some(true)) {
        return Err(Error::invalid("stream_options.include_obfuscation", "has no counterpart here; leave it out"));
    }
    Ok(options.and_then(|it| it.include_usage).unwrap_or_default())
}

impl Request<'_> {
    /// Marks what comes again: the tools and the system prompt, and the conversation so far.
    fn cache(&mut self, cache: PromptCache) {
        let Some(control) = CacheControl::of(cache) else {
            return;
        };
        match (self.system.last_mut(), self.tools.last_mut()) {
            (Some(block), _) => block.mark(control),
            (None, Some(tool)) => tool.cache_control = Some(control),
            (None, None) => {}
        }
        if let Some(block) = self.messages.last_mut().and_then(|message| message.content.last_mut()) {
            block.mark(control);
        }
    }
}

//! A Chat Completions request, translated into the Messages request that asks the same.
//!
//! What has no counterpart is refused by name, and what is only a hint is left out and said: nothing is dropped without a word.

mod block;
mod conversation;
mod counterparts;
mod format;
mod object;
mod parameters;
mod reasoning;
mod schema;
mod tools;

use crate::error::Error;
use crate::prompt::{self, Fields};
use block::{Block, CacheControl};
use conversation::{Conversation, Message};
use serde::Serialize;
use serde_json::value::RawValue;
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
    output_config: Option<format::OutputConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<parameters::Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

/// Translates a request.
///
/// # Errors
/// [`crate::error::Kind::TooLarge`], or [`crate::error::Kind::InvalidRequest`], naming the field in the caller's own words. What the Messages language refuses too
/// is left for [`crate::prompt::Prompt`] to refuse.
pub fn translate(event: &[u8], terms: Terms) -> Result<Translated, Error> {
    prompt::check_size(event.len())?;
    let text = std::str::from_utf8(event).map_err(|_| Error::invalid("body", "must be UTF-8"))?;
    let fields = Fields::parse(text)?;
    counterparts::check(&fields)?;
    let mut conversation = Conversation::read(&fields)?;
    let output_config = format::read(&fields, &mut conversation)?;
    let (temperature, top_p) = parameters::sampling(&fields)?;
    let reasoning = reasoning::read(&fields, terms.default_max_tokens, &mut conversation)?;
    let tools = tools::read(&fields, &mut conversation)?;
    let mut request = Request {
        model: fields.value("model"),
        max_tokens: reasoning.max_tokens,
        system: conversation.system,
        messages: conversation.messages,
        tool_choice: tools::choice(&fields, !tools.is_empty())?,
        tools,
        stop_sequences: parameters::stop(&fields)?,
        temperature,
        top_p,
        thinking: reasoning.thinking,
        output_config,
        metadata: parameters::user(&fields)?,
        stream: fields.typed("stream", "true or false")?,
    };
    request.cache(terms.prompt_cache);
    let body = serde_json::to_string(&request).map_err(|_| Error::internal())?;
    let dropped = counterparts::hints(&fields)?.into_iter().chain(conversation.dropped).collect();
    Ok(Translated { body, include_usage: parameters::include_usage(&fields)?, dropped })
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

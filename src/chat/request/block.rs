//! The blocks of the Messages language that this dialect can fill, and the URLs that carry data themselves.

use super::PromptCache;
use crate::error::Error;
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A content block.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Text {
        text: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    Image {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    Document {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<Cow<'a, str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: Cow<'a, str>,
        input: Box<RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
    ToolResult {
        tool_use_id: Cow<'a, str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Block<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<CacheControl>,
    },
}

/// Data that stands in the request itself.
#[derive(Serialize)]
pub(super) struct Source<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    media_type: Cow<'a, str>,
    data: Cow<'a, str>,
}

/// What has Bedrock keep the prompt up to a block.
#[derive(Clone, Copy, Serialize)]
pub(super) struct CacheControl {
    #[serde(rename = "type")]
    kind: &'static str,
    ttl: &'static str,
}

impl CacheControl {
    pub(super) fn of(cache: PromptCache) -> Option<Self> {
        let ttl = match cache {
            PromptCache::Off => return None,
            PromptCache::FiveMinutes => "5m",
            PromptCache::OneHour => "1h",
        };
        Some(Self { kind: "ephemeral", ttl })
    }
}

impl<'a> Block<'a> {
    /// A text; nothing, if it is blank: the model takes no blank texts.
    pub(super) fn text(text: Cow<'a, str>) -> Option<Self> {
        (!text.trim().is_empty()).then_some(Self::Text { text, cache_control: None })
    }

    /// The ID of a call of a tool.
    pub(super) fn call(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::ToolUse { id, .. } => Some(id.clone()),
            Self::Text { .. } | Self::Image { .. } | Self::Document { .. } | Self::ToolResult { .. } => None,
        }
    }

    /// Ends the part of the prompt that is kept.
    pub(super) fn mark(&mut self, control: CacheControl) {
        match self {
            Self::Text { cache_control, .. }
            | Self::Image { cache_control, .. }
            | Self::Document { cache_control, .. }
            | Self::ToolUse { cache_control, .. }
            | Self::ToolResult { cache_control, .. } => *cache_control = Some(control),
        }
    }
}

impl<'a> Source<'a> {
    /// Reads a URL that carries its data in base64, of one of these media types.
    ///
    /// # Errors
    /// Any other URL: nothing is fetched from elsewhere.
    pub(super) fn read(url: Cow<'a, str>, path: &str, media_types: &[&str]) -> Result<Self, Error> {
        let rule = || format!("must be a data: URL in base64 of {}; nothing is fetched", media_types.join(", "));
        let parts = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
        let (media_type, data) = parts.ok_or_else(|| Error::invalid(path, rule()))?;
        // What many call it, though no list of media types does.
        let media_type = if media_type.eq_ignore_ascii_case("image/jpg") { "image/jpeg" } else { media_type };
        let known = media_types.iter().find(|known| known.eq_ignore_ascii_case(media_type));
        let media_type = known.ok_or_else(|| Error::invalid(path, rule()))?.to_string();
        if !is_base64(data) {
            return Err(Error::invalid(path, "has data that is not base64"));
        }
        let start = url.len() - data.len();
        let data = match url {
            Cow::Borrowed(url) => Cow::Borrowed(&url[start..]),
            Cow::Owned(url) => Cow::Owned(url[start..].to_owned()),
        };
        Ok(Self { kind: "base64", media_type: media_type.into(), data })
    }
}

/// Whether a text is of the standard alphabet, padded. It is looked at and not decoded: an image may have megabytes.
fn is_base64(data: &str) -> bool {
    let digits = data.trim_end_matches('=');
    let padding = data.len() - digits.len();
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    !digits.is_empty() && padding <= 2 && data.len().is_multiple_of(4) && digits.bytes().all(is_digit)
}

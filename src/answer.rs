//! The answer: Bedrock's Messages response as it came, and the few fields of it that are read.

use crate::residency;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A Messages response. Its bytes go to the caller as they are; what the log line and the prompt answer need is
/// read from them.
pub struct Answer {
    body: String,
    stop_reason: String,
    usage: Usage,
}

/// The tokens of one call, as Bedrock counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Usage {
    /// Tokens read, without those that came from or went into the prompt cache.
    pub input_tokens: u64,
    /// Tokens written, thinking included.
    pub output_tokens: u64,
    /// Tokens read from the prompt cache.
    #[serde(default)]
    pub cache_read_input_tokens: u64,
    /// Tokens written into the prompt cache.
    #[serde(default)]
    pub cache_creation_input_tokens: u64,
}

/// The fields that every Messages response has.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    content: Vec<&'a RawValue>,
    #[serde(borrow)]
    stop_reason: Cow<'a, str>,
    #[serde(borrow)]
    usage: &'a RawValue,
}

/// A block of content, of which only the text is read.
#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Cow<'a, str>,
}

/// What `POST /prompt`, a direct invocation and a queue's reader get: the answer's parts, and where it came from.
#[derive(Serialize)]
pub struct PromptAnswer {
    id: String,
    text: String,
    content: Vec<Box<RawValue>>,
    stop_reason: String,
    usage: Box<RawValue>,
    inference_profile: &'static str,
    bedrock_request_id: Option<String>,
}

impl Answer {
    /// Reads a Messages response; `None` if it is not one.
    #[must_use]
    pub fn parse(body: Vec<u8>) -> Option<Self> {
        let body = String::from_utf8(body).ok()?;
        let message: Message<'_> = serde_json::from_str(&body).ok()?;
        let usage = serde_json::from_str(message.usage.get()).ok()?;
        let stop_reason = message.stop_reason.into_owned();
        Some(Self {
            body,
            stop_reason,
            usage,
        })
    }

    /// Why the model stopped, such as `end_turn`.
    #[must_use]
    pub fn stop_reason(&self) -> &str {
        &self.stop_reason
    }

    /// What was used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// The response, byte for byte.
    #[must_use]
    pub fn into_body(self) -> String {
        self.body
    }

    /// The response as a prompt answer; `None` if its content is not a list of blocks.
    #[must_use]
    pub fn to_prompt_answer(&self, bedrock_request_id: Option<String>) -> Option<PromptAnswer> {
        let message: Message<'_> = serde_json::from_str(&self.body).ok()?;
        let mut text = String::new();
        for block in &message.content {
            let block: Block<'_> = serde_json::from_str(block.get()).ok()?;
            if block.kind == "text" {
                text.push_str(&block.text);
            }
        }
        Some(PromptAnswer {
            id: message.id.into_owned(),
            text,
            content: message.content.into_iter().map(ToOwned::to_owned).collect(),
            stop_reason: message.stop_reason.into_owned(),
            usage: message.usage.to_owned(),
            inference_profile: residency::PROFILE_ID,
            bedrock_request_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"id":"msg_1","type":"message","content":[{"type":"thinking","thinking":"…","signature":"s"},{"type":"text","text":"日本"},{"type":"text","text":" ok"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":5,"cache_read_input_tokens":7,"service_tier":"standard"},"new_field":1.0}"#;

    #[test]
    fn the_body_stays_byte_for_byte() {
        let answer = Answer::parse(BODY.into()).unwrap();
        assert_eq!(answer.stop_reason(), "end_turn");
        let usage = Usage {
            input_tokens: 3,
            output_tokens: 5,
            cache_read_input_tokens: 7,
            ..Usage::default()
        };
        assert_eq!(answer.usage(), usage);
        assert_eq!(answer.into_body(), BODY);
    }

    #[test]
    fn a_prompt_answer_joins_the_texts_and_keeps_the_blocks() {
        let answer = Answer::parse(BODY.into())
            .unwrap()
            .to_prompt_answer(Some("request-1".into()))
            .unwrap();
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(answer["text"], "日本 ok");
        assert_eq!(answer["content"][0]["signature"], "s");
        assert_eq!(answer["usage"]["service_tier"], "standard");
        assert_eq!(answer["inference_profile"], residency::PROFILE_ID);
        assert_eq!(answer["bedrock_request_id"], "request-1");
    }

    #[test]
    fn what_is_not_a_messages_response_is_no_answer() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"hello":1}"#,
            &BODY[..80],
            &BODY.replace("\"input_tokens\":3,", ""),
        ] {
            assert!(Answer::parse(body.into()).is_none(), "{body}");
        }
        assert!(Answer::parse(vec![0xff]).is_none());
    }
}

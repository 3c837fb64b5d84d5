//! The answer: Bedrock's Messages response as it came, and the few fields of it that are read.

use crate::residency;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A Messages response. Its bytes go to the caller as they are.
///
/// It has been paid for, so it is one as soon as it says `"type": "message"` and has a list of content; whatever else
/// is missing or new is no reason to throw it away.
#[derive(Clone)]
pub struct Answer {
    body: String,
    message: Message,
}

/// The fields of a response that are read.
#[derive(Clone, Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: MessageType,
    id: Option<Box<RawValue>>,
    #[expect(dead_code, reason = "that it is a list is all; kept, it would be the response once more beside its body")]
    content: Vec<IgnoredAny>,
    stop_reason: Option<Box<RawValue>>,
    usage: Option<Box<RawValue>>,
}

/// The content of a response, for those who need it apart.
#[derive(Deserialize)]
struct Content {
    content: Vec<Box<RawValue>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MessageType {
    Message,
}

/// The tokens of one call, as Bedrock counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Usage {
    /// Tokens read, without those that came from or went into the prompt cache.
    pub input_tokens: Option<u64>,
    /// Tokens written, thinking included.
    pub output_tokens: Option<u64>,
    /// Tokens read from the prompt cache.
    pub cache_read_input_tokens: Option<u64>,
    /// Tokens written into the prompt cache.
    pub cache_creation_input_tokens: Option<u64>,
    /// How long those are kept.
    pub cache_creation: Option<CacheCreation>,
}

/// The tokens written into the prompt cache, by the time that they are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct CacheCreation {
    /// Those that are kept for an hour; the others are kept for five minutes.
    pub ephemeral_1h_input_tokens: Option<u64>,
}

/// What `POST /prompt`, a direct invocation and a queue's reader get: the answer's parts, and where it came from.
#[derive(Serialize)]
pub struct PromptAnswer {
    id: Option<Box<RawValue>>,
    text: String,
    content: Vec<Box<RawValue>>,
    stop_reason: Option<Box<RawValue>>,
    usage: Option<Box<RawValue>>,
    inference_profile: &'static str,
    bedrock_request_id: Option<String>,
}

impl Answer {
    /// Reads a Messages response; `None` if it is not one.
    #[must_use]
    pub fn parse(body: Vec<u8>) -> Option<Self> {
        let body = String::from_utf8(body).ok()?;
        let message = serde_json::from_str(&body).ok()?;
        let Message { kind: MessageType::Message, .. } = &message;
        Some(Self { body, message })
    }

    /// Why the model stopped, such as `end_turn`.
    #[must_use]
    pub fn stop_reason(&self) -> Option<&str> {
        serde_json::from_str(self.message.stop_reason.as_deref()?.get()).ok()
    }

    /// What was used.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        serde_json::from_str(self.message.usage.as_deref()?.get()).ok()
    }

    /// The response, byte for byte, to look at.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The response, byte for byte.
    #[must_use]
    pub fn into_body(self) -> String {
        self.body
    }

    /// The response as a prompt answer.
    #[must_use]
    pub fn into_prompt_answer(self, bedrock_request_id: Option<String>) -> PromptAnswer {
        let Message { id, stop_reason, usage, .. } = self.message;
        // It was read once before, so it is there.
        let content = serde_json::from_str(&self.body).map_or(Vec::new(), |Content { content }| content);
        PromptAnswer {
            id,
            text: content.iter().filter_map(|block| text_of(block)).collect(),
            content,
            stop_reason,
            usage,
            inference_profile: residency::PROFILE_ID,
            bedrock_request_id,
        }
    }
}

/// The text of a block, if it is a text block.
fn text_of(block: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Block<'a> {
        #[serde(borrow, rename = "type")]
        kind: Cow<'a, str>,
        #[serde(borrow)]
        text: Option<Cow<'a, str>>,
    }
    let block: Block<'_> = serde_json::from_str(block.get()).ok()?;
    block.text.filter(|_| block.kind == "text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const BODY: &str = r#"{"id":"msg_1","type":"message","content":[{"type":"thinking","thinking":"…","signature":"s"},{"type":"text","text":"日本"},{"type":"text","text":" ok"},{"type":"other","text":"x"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":null,"service_tier":"standard"},"new_field":1.0}"#;

    fn prompt_answer(body: &str) -> Value {
        serde_json::to_value(Answer::parse(body.into()).unwrap().into_prompt_answer(Some("request-1".into()))).unwrap()
    }

    #[test]
    fn the_body_stays_byte_for_byte() {
        let answer = Answer::parse(BODY.into()).unwrap();
        assert_eq!(answer.stop_reason(), Some("end_turn"));
        let usage = Usage {
            input_tokens: Some(3),
            output_tokens: Some(5),
            cache_read_input_tokens: Some(7),
            ..Usage::default()
        };
        assert_eq!(answer.usage(), Some(usage));
        assert_eq!(answer.into_body(), BODY);
    }

    #[test]
    fn a_prompt_answer_joins_the_texts_and_keeps_the_blocks() {
        let answer = prompt_answer(BODY);
        assert_eq!(answer["id"], "msg_1");
        assert_eq!(answer["text"], "日本 ok");
        assert_eq!(answer["content"][0]["signature"], "s");
        assert_eq!(answer["usage"]["service_tier"], "standard");
        assert_eq!(answer["inference_profile"], residency::PROFILE_ID);
        assert_eq!(answer["bedrock_request_id"], "request-1");
    }

    #[test]
    fn what_was_paid_for_is_an_answer_whatever_else_is_missing() {
        for body in [
            json!({ "type": "message", "content": [] }),
            json!({ "type": "message", "content": [{ "type": "text", "text": null }, { "new": 1 }, 2], "stop_reason": null }),
            json!({ "type": "message", "content": [], "usage": { "input_tokens": 3.5 }, "stop_reason": 7 }),
        ] {
            let answer = Answer::parse(body.to_string().into()).unwrap();
            assert_eq!(answer.stop_reason(), None);
            assert_eq!(prompt_answer(&body.to_string())["text"], "");
        }
    }

    #[test]
    fn what_is_not_a_messages_response_is_no_answer() {
        for body in ["", "<html>", "{}", "[]", r#"{"hello":1}"#, r#"{"type":"error","content":[]}"#, &BODY[..80]] {
            assert!(Answer::parse(body.into()).is_none(), "{body}");
        }
        assert!(Answer::parse(vec![0xff]).is_none());
    }
}

//! What a log line needs of a stream, read from its events as they pass.

use crate::answer::Usage;
use crate::error::{Error, Kind};
use crate::json;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The field that Bedrock writes into the last event, beside what the model said.
const METRICS: &str = "amazon-bedrock-invocationMetrics";

/// One event of a streamed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its type, such as `content_block_delta`.
    pub kind: String,
    /// The model's own bytes: a JSON document in UTF-8.
    pub data: Bytes,
}

/// What the events so far have told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    usage: Option<Usage>,
    stop_reason: Option<String>,
    began: bool,
    complete: bool,
}

/// The fields of an event that are read.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow, rename = "amazon-bedrock-invocationMetrics")]
    metrics: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message {
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct MessageDelta {
    stop_reason: Option<String>,
}

/// Bedrock's own account of the tokens.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    input_token_count: Option<u64>,
    output_token_count: Option<u64>,
    cache_read_input_token_count: Option<u64>,
    cache_write_input_token_count: Option<u64>,
}

impl Tally {
    /// Reads one chunk of the stream, and gives the event in it: its bytes as they came, but for Bedrock's own metrics,
    /// which are not the model's. `None` if there was nothing else in it.
    ///
    /// # Errors
    /// [`Kind::BadAnswer`] if it is no event, or what the model itself reports in its own error event.
    pub fn read(&mut self, chunk: Bytes) -> Result<Option<Event>, Error> {
        let no_event = || Error::new(Kind::BadAnswer, "Bedrock sent something else than an event of a message");
        let text = std::str::from_utf8(&chunk).map_err(|_| no_event())?;
        let fields: Fields<'_> = serde_json::from_str(text).map_err(|_| no_event())?;
        let has_metrics = fields.metrics.is_some();
        let kind = match &fields.kind {
            Some(kind) if is_name(kind) => kind.clone().into_owned(),
            None if has_metrics => String::new(),
            Some(_) | None => return Err(no_event()),
        };
        if kind == "error" {
            return Err(reported(fields.error));
        }
        self.note(&kind, &fields);
        if kind.is_empty() {
            return Ok(None);
        }
        let data = if has_metrics { json::without(text, METRICS).map(Bytes::from) } else { None };
        Ok(Some(Event { kind, data: data.unwrap_or(chunk) }))
    }

    fn note(&mut self, kind: &str, fields: &Fields<'_>) {
        match kind {
            "message_start" => {
                let message: Option<Message> = parsed(fields.message);
                // What it says of the output is a placeholder.
                self.learn(message.and_then(|it| it.usage).map(|usage| Usage { output_tokens: None, ..usage }));
            }
            "message_delta" => {
                let delta: Option<MessageDelta> = parsed(fields.delta);
                self.stop_reason = delta.and_then(|it| it.stop_reason).or_else(|| self.stop_reason.take());
                self.learn(parsed(fields.usage));
            }
            "message_stop" => self.complete = true,
            "content_block_delta" => self.began = true,
            _ => {}
        }
        // The model's own count is what an answer that is not streamed shows; Bedrock's fills in what it left out.
        if let Some(metrics) = parsed::<Metrics>(fields.metrics) {
            let so_far = self.usage.take();
            self.learn(Some(Usage {
                input_tokens: metrics.input_token_count,
                output_tokens: metrics.output_token_count,
                cache_read_input_tokens: metrics.cache_read_input_token_count,
                cache_creation_input_tokens: metrics.cache_write_input_token_count,
                cache_creation: None,
            }));
            self.learn(so_far);
        }
    }

    /// Takes over what `newer` says; what it does not say stays.
    fn learn(&mut self, newer: Option<Usage>) {
        let Some(newer) = newer else {
            return;
        };
        let known = self.usage.unwrap_or_default();
        self.usage = Some(Usage {
            input_tokens: newer.input_tokens.or(known.input_tokens),
            output_tokens: newer.output_tokens.or(known.output_tokens),
            cache_read_input_tokens: newer.cache_read_input_tokens.or(known.cache_read_input_tokens),
            cache_creation_input_tokens: newer.cache_creation_input_tokens.or(known.cache_creation_input_tokens),
            cache_creation: newer.cache_creation.or(known.cache_creation),
        });
    }

    /// What was used, as far as it is known.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Why the model stopped, such as `end_turn`.
    #[must_use]
    pub fn stop_reason(&self) -> Option<&str> {
        self.stop_reason.as_deref()
    }

    /// Whether the model has written its first token.
    #[must_use]
    pub fn began(&self) -> bool {
        self.began
    }

    /// Whether the message has been told to its end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

/// The error in the model's own error event. Bedrock has exceptions of its own instead, but nothing says that it always will.
fn reported(error: Option<&RawValue>) -> Error {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: String,
    }
    let kind = match parsed(error).map(|error: Typed| error.kind).as_deref() {
        Some("overloaded_error") => Kind::Overloaded,
        Some("rate_limit_error") => Kind::Throttled,
        Some("invalid_request_error") => Kind::Rejected,
        Some("timeout_error") => Kind::ModelTimeout,
        Some(_) | None => Kind::ModelFailed,
    };
    Error::new(kind, "the model ended its answer with an error")
}

/// An odd value tells nothing: a line without a number is better than a stream that breaks for it.
fn parsed<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(value?.get()).ok()
}

/// Whether a type can stand in the line that names an event.
fn is_name(kind: &str) -> bool {
    !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(events: &[&str]) -> (Tally, Vec<String>) {
        let mut tally = Tally::default();
        let events = events.iter().filter_map(|event| tally.read(Bytes::from(event.to_string())).unwrap());
        let texts = events.map(|event| String::from_utf8(event.data.to_vec()).unwrap()).collect();
        (tally, texts)
    }

    const START: &str = r#"{"type":"message_start","message":{"id":"m","usage":{"input_tokens":3,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_1h_input_tokens":2},"output_tokens":1}}}"#;
    const DELTA: &str = r#"{"type": "content_block_delta", "index":0,"delta":{"type":"text_delta","text":"\u6771京"}}"#;
    const END: &str = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#;
    const STOP: &str = r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":4,"outputTokenCount":10,"cacheWriteInputTokenCount":2,"invocationLatency":5}}"#;

    #[test]
    fn every_event_keeps_its_bytes_and_the_last_loses_bedrocks_metrics_only() {
        let (tally, texts) = read(&[START, DELTA, END, STOP]);
        assert_eq!(texts, [START, DELTA, END, r#"{"type":"message_stop"}"#]);
        assert!(tally.is_complete() && tally.began());
        assert_eq!(tally.stop_reason(), Some("end_turn"));
        let usage = tally.usage().unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens), (Some(3), Some(9)), "the model's own count");
        assert_eq!(usage.cache_read_input_tokens, Some(7));
        assert_eq!(usage.cache_creation_input_tokens, Some(2), "Bedrock's, where the model says nothing");
        assert_eq!(usage.cache_creation.unwrap().ephemeral_1h_input_tokens, Some(2));
    }

    #[test]
    fn what_a_broken_stream_has_written_is_not_known() {
        let (tally, _) = read(&[START, DELTA]);
        assert_eq!(tally.usage().unwrap().output_tokens, None);
        assert!(!tally.is_complete());
    }

    #[test]
    fn metrics_alone_are_read_and_not_shown() {
        let (tally, texts) = read(&[r#"{"amazon-bedrock-invocationMetrics":{"outputTokenCount":10}}"#]);
        assert_eq!((texts.len(), tally.usage().unwrap().output_tokens), (0, Some(10)));
    }

    #[test]
    fn odd_values_tell_nothing_and_break_nothing() {
        let odd = r#"{"type":"message_delta","delta":[1],"usage":{"output_tokens":"many"},"amazon-bedrock-invocationMetrics":7}"#;
        let (tally, texts) = read(&[odd, r#"{"type":"something_new","x":1}"#]);
        assert_eq!((tally.usage(), tally.stop_reason(), texts.len()), (None, None, 2));
    }

    #[test]
    fn an_error_of_the_models_own_keeps_its_type() {
        for (name, kind) in [("overloaded_error", Kind::Overloaded), ("something_new", Kind::ModelFailed)] {
            let chunk = format!(r#"{{"type":"error","error":{{"type":"{name}","message":"x"}}}}"#);
            assert_eq!(Tally::default().read(chunk.into()).unwrap_err().kind(), kind);
        }
    }

    #[test]
    fn what_is_no_event_is_a_bad_answer() {
        for chunk in
            [&b""[..], b"{}", b"[1]", br#"{"type":"a\nb"}"#, br#"{"type":""}"#, b"{\"type\":\"\xff\"}", b"<html>"]
        {
            let error = Tally::default().read(Bytes::copy_from_slice(chunk)).unwrap_err();
            assert_eq!(error.kind(), Kind::BadAnswer, "{chunk:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(chunk: Vec<u8>) {
            let _ = Tally::default().read(chunk.into());
        }
    }
}

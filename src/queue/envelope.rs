//! The prompt event in a message's body: bare, or in the envelope of whoever passed it on, told apart by named fields.

use crate::error::Error;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The fields that tell envelopes apart.
#[derive(Deserialize)]
struct Marks<'a> {
    #[serde(borrow)]
    prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow, rename = "Type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow, rename = "TopicArn")]
    topic: Option<&'a RawValue>,
    #[serde(borrow, rename = "Message")]
    message: Option<&'a RawValue>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

/// A prompt event, and the field that it stood in.
#[derive(Debug)]
pub(super) struct PromptEvent<'a> {
    text: Cow<'a, str>,
    place: &'static str,
}

impl PromptEvent<'_> {
    /// The event.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with the event as a whole, said of the field that it stood in.
    pub(super) fn name(&self, error: Error) -> Error {
        match error.message().strip_prefix("body: ") {
            Some(rule) if error.field() == Some("body") => Error::invalid(self.place, rule),
            Some(_) | None => error,
        }
    }
}

/// Takes the prompt event out of a body: as it is, out of the `Message` of an SNS notification, or out of the `detail` of an
/// EventBridge event. A body that is none of these stays as it is, for the prompt's own rules to say what is wrong with it.
///
/// # Errors
/// [`crate::error::Kind::InvalidRequest`] if an envelope holds no event.
pub(super) fn prompt_event(body: &str) -> Result<PromptEvent<'_>, Error> {
    let bare = PromptEvent { text: Cow::Borrowed(body), place: "body" };
    // A derived type would take a list for an object, field by position.
    if !body.trim_start().starts_with('{') {
        return Ok(bare);
    }
    let Ok(marks) = serde_json::from_str::<Marks<'_>>(body) else {
        return Ok(bare);
    };
    match marks {
        Marks { prompt: Some(_), .. } | Marks { messages: Some(_), .. } => Ok(bare),
        Marks { topic: Some(_), kind: Some(_), message, .. } => {
            let message = message.and_then(|message| serde_json::from_str::<String>(message.get()).ok());
            let message = message.map(|message| PromptEvent { text: Cow::Owned(message), place: "Message" });
            message.ok_or_else(|| Error::invalid("Message", "is missing in this SNS notification"))
        }
        Marks { detail_type: Some(_), detail: Some(detail), .. } => {
            Ok(PromptEvent { text: Cow::Borrowed(detail.get()), place: "detail" })
        }
        Marks { detail_type: Some(_), .. } => Err(Error::invalid("detail", "is missing in this EventBridge event")),
        Marks { .. } => Ok(bare),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_list_is_no_envelope() {
        let list = r#" [null,null,"Notification","arn","{\"prompt\":\"hi\"}",null,null]"#;
        let event = prompt_event(list).ok().unwrap();
        assert_eq!((event.text.as_ref(), event.place), (list, "body"));
    }

    #[test]
    fn an_event_comes_out_of_its_envelope_as_it_went_in() {
        let event = r#"{"prompt": "日本", "top_k": 5}"#;
        let sns = json!({ "Type": "Notification", "TopicArn": "arn", "Message": event, "Subject": null });
        let bridge = format!(r#"{{"version":"0","detail-type":"Order","source":"shop","detail":{event}}}"#);
        for body in [event.to_owned(), sns.to_string(), bridge] {
            assert_eq!(prompt_event(&body).unwrap().text(), event, "{body}");
        }
    }

    #[test]
    fn a_prompt_that_speaks_of_envelopes_is_none() {
        let event = json!({ "prompt": "x", "Type": "Notification", "TopicArn": "arn", "Message": "y", "detail": {} });
        assert_eq!(prompt_event(&event.to_string()).unwrap().text(), event.to_string());
    }

    #[test]
    fn an_empty_envelope_is_named() {
        let field = |body: serde_json::Value| prompt_event(&body.to_string()).unwrap_err().field().map(str::to_owned);
        assert_eq!(field(json!({ "Type": "Notification", "TopicArn": "arn" })).as_deref(), Some("Message"));
        assert_eq!(
            field(json!({ "Type": "Notification", "TopicArn": "arn", "Message": 1 })).as_deref(),
            Some("Message")
        );
        assert_eq!(field(json!({ "detail-type": "x" })).as_deref(), Some("detail"));
    }

    #[test]
    fn what_is_wrong_is_said_of_the_field_that_the_event_stood_in() {
        let error = || Error::invalid("body", "is not JSON");
        let field =
            |body: serde_json::Value| prompt_event(&body.to_string()).unwrap().name(error()).message().to_owned();
        assert_eq!(
            field(json!({ "Type": "Notification", "TopicArn": "arn", "Message": "hello" })),
            "Message: is not JSON"
        );
        assert_eq!(field(json!({ "detail-type": "x", "detail": "hello" })), "detail: is not JSON");
        assert_eq!(field(json!({})), "body: is not JSON");
        let other = prompt_event("{}").unwrap().name(Error::invalid("temperature", "is too high"));
        assert_eq!(other.field(), Some("temperature"));
    }

    proptest! {
        #[test]
        fn whatever_it_is_nothing_panics(body in "\\PC{0,80}") {
            let _ = prompt_event(&body);
        }
    }
}

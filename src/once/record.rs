//! A record of a prompt that was asked or answered, as it stands in the table.

use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An item holds 400 KB, names included; what is left beside the answer is far less than the rest of it.
const MAX_ANSWER_BYTES: usize = 400_000;

/// The names of the attributes. None is written bare into an expression, for DynamoDB reserves many words.
pub(super) const ID: &str = "id";
pub(super) const PROGRESS: &str = "progress";
pub(super) const HOLDER: &str = "holder";
pub(super) const LEASE_UNTIL: &str = "lease_until_ms";
pub(super) const EXPIRES_AT: &str = "expires_at";
pub(super) const DELIVERED: &str = "delivered";
const FINGERPRINT: &str = "fingerprint";
pub(super) const MEDIA_TYPE: &str = "media_type";
pub(super) const ANSWER: &str = "answer";
const BEDROCK_REQUEST_ID: &str = "bedrock_request_id";

/// The two values of `progress`.
pub(super) const ASKED: &str = "asked";
pub(super) const ANSWERED: &str = "answered";

/// An item of the table.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An answer that was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// What was answered: a Messages response, or the events of a stream; `None` if it was too large to keep.
    pub answer: Option<String>,
    /// What that is.
    pub media_type: String,
    /// Bedrock's ID of the call that gave it.
    pub bedrock_request_id: Option<String>,
    /// Whether it has reached the results queue.
    pub delivered: bool,
}

/// Without the answer: whoever prints a record must not print what was said.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.answer.as_deref().map(str::len);
        f.debug_struct("Kept").field("answer_bytes", &bytes).field("delivered", &self.delivered).finish_non_exhaustive()
    }
}

/// What a record says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// Somebody is at it, until then at the latest.
    Asked { fingerprint: String, holder: String, lease_until: SystemTime },
    /// It was answered.
    Answered { fingerprint: String, kept: Kept },
}

/// The item of a prompt that is being asked.
pub(super) fn asked(
    key: &str,
    holder: &str,
    fingerprint: &str,
    lease_until: SystemTime,
    expires_at: SystemTime,
) -> Item {
    let attributes = [
        (ID, text(key)),
        (PROGRESS, text(ASKED)),
        (HOLDER, text(holder)),
        (FINGERPRINT, text(fingerprint)),
        (LEASE_UNTIL, milliseconds(lease_until)),
        (EXPIRES_AT, seconds(expires_at)),
    ];
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The item of a prompt that was answered. An answer over the limit of an item is left out.
pub(super) fn answered(key: &str, fingerprint: &str, kept: &Kept, expires_at: SystemTime) -> Item {
    let mut attributes = vec![
        (ID, text(key)),
        (PROGRESS, text(ANSWERED)),
        (FINGERPRINT, text(fingerprint)),
        (MEDIA_TYPE, text(&kept.media_type)),
        (DELIVERED, AttributeValue::Bool(kept.delivered)),
        (EXPIRES_AT, seconds(expires_at)),
    ];
    let answer = kept.answer.as_deref().filter(|answer| answer.len() <= MAX_ANSWER_BYTES);
    attributes.extend(answer.map(|answer| (ANSWER, text(answer))));
    attributes.extend(kept.bedrock_request_id.as_deref().map(|id| (BEDROCK_REQUEST_ID, text(id))));
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Reads an item; `None` if it is not one of ours.
pub(super) fn read(item: &Item) -> Option<Record> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let fingerprint = text(FINGERPRINT)?;
    if text(PROGRESS)? == ANSWERED {
        let kept = Kept {
            answer: text(ANSWER),
            media_type: text(MEDIA_TYPE)?,
            bedrock_request_id: text(BEDROCK_REQUEST_ID),
            delivered: item.get(DELIVERED).and_then(|value| value.as_bool().ok()).copied().unwrap_or_default(),
        };
        return Some(Record::Answered { fingerprint, kept });
    }
    let lease_until: u64 = item.get(LEASE_UNTIL)?.as_n().ok()?.parse().ok()?;
    Some(Record::Asked {
        fingerprint,
        holder: text(HOLDER)?,
        lease_until: UNIX_EPOCH + Duration::from_millis(lease_until),
    })
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn milliseconds(moment: SystemTime) -> AttributeValue {
    AttributeValue::N(moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string())
}

/// The unit of DynamoDB's own time to live.
pub(super) fn seconds(moment: SystemTime) -> AttributeValue {
    AttributeValue::N(moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(answer: &str) -> Kept {
        Kept {
            answer: Some(answer.to_owned()),
            media_type: "application/json".to_owned(),
            bedrock_request_id: Some("request-1".to_owned()),
            delivered: false,
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let moment = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        let record = read(&asked("key", "holder", "print", moment, moment)).unwrap();
        assert_eq!(
            record,
            Record::Asked { fingerprint: "print".to_owned(), holder: "holder".to_owned(), lease_until: moment }
        );
        let record = read(&answered("key", "print", &kept("日本"), moment)).unwrap();
        assert_eq!(record, Record::Answered { fingerprint: "print".to_owned(), kept: kept("日本") });
    }

    #[test]
    fn an_answer_over_the_limit_is_left_out_and_the_rest_is_not() {
        let item = answered("key", "print", &kept(&"x".repeat(MAX_ANSWER_BYTES + 1)), UNIX_EPOCH);
        let Record::Answered { kept, .. } = read(&item).unwrap() else { panic!("it was answered") };
        assert_eq!((kept.answer, kept.bedrock_request_id.as_deref()), (None, Some("request-1")));
    }

    #[test]
    fn an_item_of_somebody_else_is_none() {
        assert_eq!(read(&Item::new()), None);
        assert_eq!(read(&[("fingerprint".to_owned(), text("x"))].into()), None);
    }
}

//! What SQS demands of a message before it takes it.

use super::attribute::Attribute;
use super::draft::Draft;
use super::refusal::Refusal;
use super::settings::QueueSettings;

/// The most attributes that a message may have.
const MAX_ATTRIBUTES: usize = 10;

/// The longest name and the longest type of an attribute.
const MAX_NAME: usize = 256;

/// The longest number that SQS takes, in digits.
const MAX_DIGITS: usize = 38;

const CHARACTERS: &str = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
                          #xE000 to #xFFFD | #x10000 to #x10FFFF";

const WRONG_QUEUE_TYPE: &str = "The request include parameter that is not valid for this queue type.";

/// Holds a message against every rule that does not depend on the messages before it.
pub(super) fn check(draft: &Draft, settings: &QueueSettings, fifo: bool) -> Result<(), Refusal> {
    if draft.body.is_empty() {
        return Err(Refusal::missing("MessageBody"));
    }
    if !draft.body.chars().all(is_allowed) {
        return Err(Refusal::own("InvalidMessageContents", "InvalidMessageContents", CHARACTERS));
    }
    if draft.attributes.len() > MAX_ATTRIBUTES {
        let number = draft.attributes.len();
        return Err(Refusal::invalid(format!(
            "Number of message attributes [{number}] exceeds the allowed maximum [{MAX_ATTRIBUTES}]."
        )));
    }
    draft.attributes.iter().try_for_each(|(name, attribute)| check_attribute(name, attribute))?;
    if !draft.is_traced_only() {
        return Err(Refusal::invalid("The only message system attribute is AWSTraceHeader, of the type String."));
    }
    if draft.size() > settings.max_message {
        return Err(Refusal::invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
            settings.max_message
        )));
    }
    identifiers(draft, settings, fifo)
}

/// The group and the deduplication ID, which a FIFO queue must have and any other need not, or must not.
fn identifiers(draft: &Draft, settings: &QueueSettings, fifo: bool) -> Result<(), Refusal> {
    let identifiers = [("MessageGroupId", &draft.group), ("MessageDeduplicationId", &draft.deduplication)];
    for (parameter, id) in identifiers {
        if let Some(id) = id.as_ref().filter(|id| !is_identifier(id)) {
            let reason = "can only include alphanumeric and punctuation characters. 1 to 128 in length.";
            return Err(Refusal::value(parameter, id, &format!("{parameter} {reason}")));
        }
    }
    match (fifo, &draft.deduplication, draft.delay) {
        (true, _, Some(delay)) if delay > 0 => Err(Refusal::value("DelaySeconds", delay, WRONG_QUEUE_TYPE)),
        (true, ..) if draft.group.is_none() => Err(Refusal::missing("MessageGroupId")),
        (true, None, _) if !settings.content_based_deduplication => Err(Refusal::invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
             explicitly",
        )),
        (false, Some(id), _) => Err(Refusal::value("MessageDeduplicationId", id, WRONG_QUEUE_TYPE)),
        _ => Ok(()),
    }
}

fn check_attribute(name: &str, attribute: &Attribute) -> Result<(), Refusal> {
    let data_type = attribute.data_type.as_str();
    let problem = if name.is_empty() || name.len() > MAX_NAME {
        "Message (user) attribute names must be shorter than 256 Bytes".to_owned()
    } else if !is_attribute_name(name) {
        "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens \
         and underscores."
            .to_owned()
    } else if data_type.len() > MAX_NAME {
        "Message (user) attribute types must be shorter than 256 Bytes".to_owned()
    } else if !is_data_type(data_type) {
        format!(
            "The type of message (user) attribute '{name}' is invalid. You must use only the following supported type \
             prefixes: Binary, Number, String."
        )
    } else if attribute.value.is_empty() {
        format!("Message (user) attribute '{name}' must contain a non-empty value of type '{data_type}'.")
    } else if !attribute.is_binary() && !attribute.as_text().chars().all(is_allowed) {
        CHARACTERS.to_owned()
    } else if data_type.starts_with("Number") && !is_number(attribute.as_text()) {
        format!("Can't cast the value of message (user) attribute '{name}' to a number.")
    } else {
        return Ok(());
    };
    Err(Refusal::invalid(problem))
}

/// The characters of XML 1.0, which is what messages once travelled in.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// One to 128 characters that are letters, digits or punctuation of ASCII.
fn is_identifier(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_attribute_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let reserved = ["aws.", "amazon."].iter().any(|prefix| lower.starts_with(prefix));
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !reserved && !dots && name.bytes().all(known)
}

fn is_data_type(data_type: &str) -> bool {
    let (kind, label) = data_type.split_once('.').map_or((data_type, None), |(kind, label)| (kind, Some(label)));
    matches!(kind, "String" | "Number" | "Binary") && label != Some("")
}

fn is_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (1..=MAX_DIGITS).contains(&digits) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests;

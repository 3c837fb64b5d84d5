//! A message as its sender gives it.

use std::collections::BTreeMap;

use super::attribute::{self, Attribute};
use super::input::Input;
use super::refusal::Refusal;

/// The only system attribute that a sender may give.
const TRACE_HEADER: &str = "AWSTraceHeader";

/// A message that has yet to be sent: a body, and whatever goes with it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub(super) body: String,
    pub(super) attributes: BTreeMap<String, Attribute>,
    /// The system attributes by their names, of which there is at most one.
    pub(super) system: BTreeMap<String, Attribute>,
    pub(super) group: Option<String>,
    pub(super) deduplication: Option<String>,
    pub(super) delay: Option<u64>,
    /// The trace that the HTTP header of the call names, which is what SQS takes for a message that names none itself.
    pub(super) call_trace: Option<String>,
}

impl Draft {
    /// A message with nothing but a body.
    #[must_use]
    pub fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// The same message with another attribute.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, attribute: Attribute) -> Self {
        self.attributes.insert(name.into(), attribute);
        self
    }

    /// The same message in a group: an order in a FIFO queue, a tenant in any other.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// The same message with the ID by which a FIFO queue tells a duplicate.
    #[must_use]
    pub fn deduplication(mut self, id: impl Into<String>) -> Self {
        self.deduplication = Some(id.into());
        self
    }

    /// The same message within a trace of X-Ray.
    #[must_use]
    pub fn trace(mut self, header: impl Into<String>) -> Self {
        self.system.insert(TRACE_HEADER.to_owned(), Attribute::text(header));
        self
    }

    /// What the call SendMessage, or an entry of its batch, says; a call may name a trace in its HTTP header.
    pub(super) fn read(input: &Input<'_>, call_trace: Option<&str>) -> Result<Self, Refusal> {
        let attributes = |name: &str| -> Result<BTreeMap<String, Attribute>, Refusal> {
            let read = |(name, input): (&String, Input<'_>)| Ok((name.clone(), Attribute::read(input)?));
            input.object(name)?.into_iter().map(read).collect()
        };
        Ok(Self {
            body: input.text("MessageBody")?.unwrap_or_default().to_owned(),
            attributes: attributes("MessageAttributes")?,
            system: attributes("MessageSystemAttributes")?,
            group: input.text("MessageGroupId")?.map(str::to_owned),
            deduplication: input.text("MessageDeduplicationId")?.map(str::to_owned),
            delay: input.within("DelaySeconds", 0, 900, "DelaySeconds must be >= 0 and <= 900.")?,
            call_trace: call_trace.map(str::to_owned),
        })
    }

    /// The bytes that count against SQS's limit: the body, and the names, types and values of the sender's attributes.
    pub(super) fn size(&self) -> usize {
        let size =
            |(name, attribute): (&String, &Attribute)| name.len() + attribute.data_type.len() + attribute.value.len();
        self.body.len() + self.attributes.iter().map(size).sum::<usize>()
    }

    /// The header of the trace that it belongs to.
    pub(super) fn trace_header(&self) -> Option<&str> {
        self.system.get(TRACE_HEADER).map(Attribute::as_text).or(self.call_trace.as_deref())
    }

    /// The digest of all attributes.
    pub(super) fn md5_of_attributes(&self) -> Option<String> {
        md5(&self.attributes)
    }

    /// The digest of the system attributes.
    pub(super) fn md5_of_system_attributes(&self) -> Option<String> {
        md5(&self.system)
    }

    pub(super) fn is_traced_only(&self) -> bool {
        self.system.iter().all(|(name, attribute)| name == TRACE_HEADER && attribute.data_type == "String")
    }
}

fn md5(attributes: &BTreeMap<String, Attribute>) -> Option<String> {
    attribute::md5_of_attributes(attributes.iter().map(|(name, attribute)| (name.as_str(), attribute)))
}

impl From<&str> for Draft {
    fn from(body: &str) -> Self {
        Self::new(body)
    }
}

impl From<String> for Draft {
    fn from(body: String) -> Self {
        Self::new(body)
    }
}

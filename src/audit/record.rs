//! One record of CloudTrail, as far as the audit reads it: borrowed where that is possible, and nothing else is parsed.

use super::word::{Word, members, parsed, word};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The entry that tells where inference ran.
const REGION_ENTRY: &str = "inferenceRegion";

/// The fields of a record. Each has the type that it needs to be told apart from a wrong one, so that an odd value in one
/// costs no other. A field that occurs twice is an error, for two readers may disagree about which one counts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) event_source: Word<'a>,
    #[serde(borrow)]
    pub(super) event_name: Word<'a>,
    #[serde(borrow)]
    event_type: Word<'a>,
    #[serde(borrow)]
    pub(super) event_time: Word<'a>,
    #[serde(borrow, rename = "eventID")]
    pub(super) event_id: Word<'a>,
    #[serde(borrow, rename = "sharedEventID")]
    pub(super) shared_event_id: Word<'a>,
    #[serde(borrow, rename = "requestID")]
    request_id: Word<'a>,
    #[serde(borrow)]
    pub(super) aws_region: Word<'a>,
    #[serde(borrow)]
    pub(super) error_code: Word<'a>,
    #[serde(borrow)]
    user_identity: Option<&'a RawValue>,
    #[serde(borrow)]
    request_parameters: Option<&'a RawValue>,
    #[serde(borrow)]
    additional_event_data: Option<&'a RawValue>,
    #[serde(borrow)]
    service_event_details: Option<&'a RawValue>,
    #[serde(borrow)]
    resources: Option<&'a RawValue>,
    #[serde(borrow)]
    addendum: Option<&'a RawValue>,
}

impl<'a> Record<'a> {
    /// Reads a record; `None` if it is no JSON object, or says something twice.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        // A derived type would take a list for an object, field by position.
        serde_json::from_str(text).ok().filter(|_| text.trim_start().starts_with('{'))
    }

    /// What leads to a record that cannot be read: its ID and its time, if there is at least an object.
    pub(super) fn salvaged(text: &'a str) -> Self {
        let whole = serde_json::from_str(text).ok();
        Self { event_id: word(whole, "eventID"), event_time: word(whole, "eventTime"), ..Self::default() }
    }

    /// Whether it is not of a call, but of what became of one.
    pub(super) fn is_service_event(&self) -> bool {
        self.event_type.text() == Some("AwsServiceEvent")
    }

    /// Every Region that it says inference ran in. A service event says so in entries, which were seen as a map and as a
    /// list of keys and values.
    pub(super) fn told_regions(&self) -> Vec<Word<'a>> {
        let additional = self.service_event_details.map(|it| members(it, "additionalEventData")).unwrap_or_default();
        let entries = additional.iter().flat_map(|data| members(data, "additionalEntries")).flat_map(told_in);
        let plain = additional.iter().copied().chain(self.additional_event_data);
        let told = plain.flat_map(|data| members(data, REGION_ENTRY)).chain(entries);
        told.map(Word::of).filter(|word| *word != Word::Absent).collect()
    }

    /// The model or the profile that the call named.
    pub(super) fn asked_model(&self) -> Word<'a> {
        word(self.request_parameters, "modelId")
    }

    /// What the record says that it is about, by ARN.
    pub(super) fn resources(&self) -> Vec<Cow<'a, str>> {
        let resources: Vec<&RawValue> = self.resources.and_then(|it| parsed(it.get())).unwrap_or_default();
        resources.into_iter().filter_map(|resource| word(Some(resource), "ARN").into_text()).collect()
    }

    /// Who called. Nothing of the session's credentials is read.
    pub(super) fn principal(&self) -> Option<Cow<'a, str>> {
        let identity = |name| word(self.user_identity, name).into_text();
        identity("arn").or_else(|| identity("principalId"))
    }

    /// Bedrock's ID of the call: of a service event that of the call that it belongs to, and of a record that was issued
    /// again that of the first one.
    pub(super) fn bedrock_request_id(&self) -> Option<Cow<'a, str>> {
        let parent = word(self.service_event_details, "parentRequestId").into_text();
        let original = || word(self.addendum, "originalRequestID").into_text();
        parent.or_else(original).or_else(|| self.request_id.clone().into_text())
    }

    /// Why it was issued again, and the ID of the record that it stands for.
    pub(super) fn addendum(&self) -> (Option<Cow<'a, str>>, Option<Cow<'a, str>>) {
        let part = |name| word(self.addendum, name).into_text();
        (part("reason"), part("originalEventID"))
    }
}

/// The Regions in the entries of a service event.
fn told_in(entries: &RawValue) -> Vec<&RawValue> {
    let Some(list) = parsed::<Vec<&RawValue>>(entries.get()) else {
        return members(entries, REGION_ENTRY);
    };
    let told = |entry| {
        let named = members(entry, "key").into_iter().any(|key| Word::of(key).text() == Some(REGION_ENTRY));
        if named { members(entry, "value") } else { members(entry, REGION_ENTRY) }
    };
    list.into_iter().flat_map(told).collect()
}

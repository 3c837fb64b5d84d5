//! The rules that lead to a verdict: what was asked, and where it was answered, by a record's own word.

use super::record::Record;
use super::verdict::{Breach, Doubt, Fault, Subject, Verdict};
use super::word::Word;
use crate::residency::{Place, Reach, is_bedrock};
use std::borrow::Cow;

/// The operations that make a model infer.
///
/// The four of the runtime that CloudTrail records by itself; two more of which it keeps data events if a trail asks for them;
/// and the batch, which is of the control plane, but hands prompts to a model like the others. Counting tokens infers nothing.
const INFERENCE: [&str; 7] = [
    "InvokeModel",
    "InvokeModelWithResponseStream",
    "Converse",
    "ConverseStream",
    "InvokeModelWithBidirectionalStream",
    "StartAsyncInvoke",
    "CreateModelInvocationJob",
];

/// The operations of which a second record, a service event, tells the Region. Only those of which that is known: a call
/// that nobody speaks of again must not wait for it.
const TOLD_LATER: [&str; 2] = ["InvokeModelWithResponseStream", "ConverseStream"];

/// The errors that a call can end with after Bedrock has handed the prompt to a model, wherever that is.
const AFTER_THE_MODEL: [&str; 4] =
    ["InternalServerException", "ModelErrorException", "ModelStreamErrorException", "ModelTimeoutException"];

/// A record, judged. Its texts are AWS's own, and as long as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<'a> {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether it is a service event: the second record of a streamed call.
    pub is_service_event: bool,
    /// CloudTrail's ID of the record. One that comes twice has the same.
    pub event_id: Option<Cow<'a, str>>,
    /// Why it was issued again, of one that was.
    pub addendum: Option<Cow<'a, str>>,
    /// The ID of the record that this one stands for, of one that was issued again under an ID of its own.
    pub original_event_id: Option<Cow<'a, str>>,
    /// The ID that copies of it in other accounts have too.
    pub shared_event_id: Option<Cow<'a, str>>,
    /// The operation.
    pub event_name: Option<Cow<'a, str>>,
    /// When the call was made.
    pub event_time: Option<Cow<'a, str>>,
    /// The Region in which inference ran.
    pub region: Option<Cow<'a, str>>,
    /// The Region that was called.
    pub source_region: Option<Cow<'a, str>>,
    /// The model or the profile.
    pub model: Option<Cow<'a, str>>,
    /// Who called.
    pub principal: Option<Cow<'a, str>>,
    /// What the call failed with.
    pub error_code: Option<Cow<'a, str>>,
    /// Bedrock's ID of the call, which the prompt's own log line has too.
    pub bedrock_request_id: Option<Cow<'a, str>>,
}

/// Judges one record of CloudTrail, given as its JSON text. Nothing is read or written but that text.
#[must_use]
pub fn judge(record: &str) -> Judged<'_> {
    match Record::read(record) {
        Some(record) => judged(record),
        None => judged_as(Verdict::Malformed(Fault::Unreadable), Record::salvaged(record), Vec::new()),
    }
}

fn judged(record: Record<'_>) -> Judged<'_> {
    let told = record.told_regions();
    judged_as(verdict(&record, &told), record, told)
}

fn judged_as<'a>(verdict: Verdict, record: Record<'a>, mut told: Vec<Word<'a>>) -> Judged<'a> {
    // Of several Regions the one outside Japan is the one to be shown.
    told.sort_by_key(|region| place(region).is_some());
    let (addendum, original_event_id) = record.addendum();
    let model = record.asked_model().into_text().or_else(|| record.resources().into_iter().next());
    Judged {
        verdict,
        is_service_event: record.is_service_event(),
        addendum,
        original_event_id,
        region: told.into_iter().find_map(Word::into_text),
        model,
        principal: record.principal(),
        bedrock_request_id: record.bedrock_request_id(),
        event_id: record.event_id.into_text(),
        shared_event_id: record.shared_event_id.into_text(),
        event_name: record.event_name.into_text(),
        event_time: record.event_time.into_text(),
        source_region: record.aws_region.into_text(),
        error_code: record.error_code.into_text(),
    }
}

fn verdict(record: &Record<'_>, told: &[Word<'_>]) -> Verdict {
    let Some(source) = record.event_source.text() else {
        return Verdict::Malformed(Fault::Incomplete);
    };
    if !is_bedrock(source) {
        return Verdict::Unrelated(Subject::AnotherService);
    }
    // Where a Region is told a model inferred, whatever the operation is called, and whatever else is wrong with the record.
    if told.iter().any(|region| place(region).is_none()) {
        return Verdict::Violation(Breach::InferenceRegion);
    }
    let (Some(name), Some(region)) = (record.event_name.text(), record.aws_region.text()) else {
        return Verdict::Malformed(Fault::Incomplete);
    };
    if !INFERENCE.contains(&name) && told.is_empty() {
        return Verdict::Unrelated(Subject::AnotherOperation);
    }
    let breach = breach(record, region);
    match (&record.error_code, breach) {
        (Word::Odd, _) => Verdict::Malformed(Fault::Incomplete),
        (Word::Text(code), Some(breach)) if AFTER_THE_MODEL.contains(&code.as_ref()) => Verdict::Violation(breach),
        (Word::Text(code), _) if !code.is_empty() => Verdict::Denied,
        (Word::Text(_) | Word::Absent, Some(breach)) => Verdict::Violation(breach),
        (Word::Text(_) | Word::Absent, None) => proof(record, name, told),
    }
}

/// What is wrong with how the call was made, wherever it was answered.
fn breach(record: &Record<'_>, source_region: &str) -> Option<Breach> {
    if Place::of(source_region).is_none() {
        return Some(Breach::SourceRegion);
    }
    let asked = record.asked_model();
    let is_foreign = asked.text().is_some_and(|model| Reach::of(model) == Reach::Abroad)
        || record.resources().iter().any(|resource| Reach::of(resource) == Reach::Abroad);
    is_foreign.then_some(Breach::ForeignModel)
}

/// What a record proves that shows nothing wrong.
fn proof(record: &Record<'_>, name: &str, told: &[Word<'_>]) -> Verdict {
    let is_japans = |model: &str| Reach::of(model) == Reach::Japan;
    // A service event does not say what was asked: the record of the call itself does, and is judged for it. But what the
    // event says that it is about must not hide its model.
    let asks_the_known = if record.is_service_event() {
        record.resources().iter().filter(|resource| is_of_bedrock(resource)).all(|resource| is_japans(resource))
    } else {
        record.asked_model().text().is_some_and(is_japans)
    };
    if !asks_the_known {
        return Verdict::Unverified(Doubt::UnknownModel);
    }
    match told.first().and_then(place) {
        Some(place) => Verdict::Proved(place),
        None if TOLD_LATER.contains(&name) && !record.is_service_event() => {
            Verdict::Unverified(Doubt::ServiceEventTells)
        }
        None => Verdict::Unverified(Doubt::NoRegion),
    }
}

/// Whether an ARN is of Bedrock; what else a record is about, such as a key or a bucket, says nothing of the model.
fn is_of_bedrock(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("bedrock")
}

/// The place that a told Region is; anything that is not the name of one is none.
fn place(region: &Word<'_>) -> Option<Place> {
    region.text().and_then(Place::of)
}

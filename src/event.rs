//! Which event is this? Told apart by named fields; anything else is refused by name.

use crate::audit::Notice;
use crate::error::{Error, Kind};
use crate::http::Request;
use crate::queue::Batch;
use crate::{authoriser, deployment};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// An event that the function answers.
pub enum Event<'a> {
    /// API Gateway (REST, HTTP) or a function URL.
    Http(Box<Request>),
    /// Messages from SQS.
    Queue(Batch),
    /// A prompt event, invoked directly.
    Direct(&'a str),
    /// A record of CloudTrail about Bedrock, from EventBridge.
    Audit(Notice<'a>),
    /// The time has come to check the profile, says EventBridge.
    Schedule,
    /// CloudFormation deploys, and wants to know whether the profile is what it must be.
    Deployment(Box<deployment::Request<'a>>),
    /// API Gateway wants to know whether a client may pass.
    Authoriser(Box<authoriser::Request<'a>>),
}

/// What EventBridge calls the two kinds of CloudTrail's records: of calls, and of what a service says of them later.
const CLOUDTRAIL: [&str; 2] = ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"];

/// What EventBridge calls Bedrock.
const BEDROCK: &str = "aws.bedrock";

/// What EventBridge calls itself, and the events of a rule with a schedule.
const SCHEDULE: (&str, &str) = ("aws.events", "Scheduled Event");

/// The fields that tell events apart. Their values are read only where they matter.
#[derive(Deserialize)]
struct Marks<'a> {
    #[serde(borrow, rename = "Records")]
    records: Option<&'a RawValue>,
    #[serde(borrow, rename = "requestContext")]
    request_context: Option<&'a RawValue>,
    #[serde(borrow, rename = "httpMethod")]
    http_method: Option<&'a RawValue>,
    #[serde(borrow, rename = "methodArn")]
    method_arn: Option<&'a RawValue>,
    #[serde(borrow, rename = "routeArn")]
    route_arn: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Option<&'a RawValue>,
    #[serde(borrow, rename = "ResponseURL")]
    response_url: Option<&'a RawValue>,
}

/// The envelope of EventBridge.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "detail-type")]
    detail_type: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ContextMarks<'a> {
    #[serde(borrow)]
    elb: Option<&'a RawValue>,
    #[serde(borrow)]
    http: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Record<'a> {
    // SNS writes this field with a capital.
    #[serde(borrow, rename = "eventSource", alias = "EventSource")]
    source: Option<Cow<'a, str>>,
}

impl<'a> Event<'a> {
    /// Tells which event `text` is.
    ///
    /// # Errors
    /// [`Kind::UnknownEvent`], with a sentence that says what it was and what is accepted.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        // A derived type would take a list for an object, field by position.
        if !text.trim_start().starts_with('{') {
            return Err(refused("an event that is not a JSON object"));
        }
        let marks: Marks<'_> =
            serde_json::from_str(text).map_err(|error| refused(&unreadable("this event", &error)))?;
        match marks {
            Marks { records: Some(records), .. } => records_of(records),
            Marks { method_arn: Some(_), .. } => authorising(text),
            Marks { route_arn: Some(_), .. } => Err(refused("an HTTP API's authoriser's event")),
            Marks { request_context: Some(context), http_method, .. } => request(context, http_method.is_some(), text),
            Marks { prompt: None, messages: None, detail_type: Some(_), .. } => bridged(text),
            Marks { prompt: None, messages: None, response_url: Some(_), .. } => deploying(text),
            Marks { prompt: None, messages: None, .. } => Err(refused("an event without prompt or messages")),
            Marks { .. } => Ok(Self::Direct(text)),
        }
    }
}

/// An event with `Records`: SQS, or one of the many services that look alike.
fn records_of<'a>(records: &RawValue) -> Result<Event<'a>, Error> {
    let records: Vec<&RawValue> =
        serde_json::from_str(records.get()).map_err(|_| refused("an event whose Records is not a list"))?;
    if records.is_empty() {
        return Err(refused("an event with no Records"));
    }
    for record in &records {
        let source = serde_json::from_str::<Record<'_>>(record.get()).ok().and_then(|record| record.source);
        match source {
            Some(source) if source == "aws:sqs" => {}
            Some(source) => {
                return Err(refused(&format!("an event of {:?}", start_of(&source))));
            }
            None => return Err(refused("an event whose Records name no eventSource")),
        }
    }
    Ok(Event::Queue(Batch::new(&records)))
}

/// An event of EventBridge: one of CloudTrail's records about Bedrock, or one of the many others.
fn bridged(text: &str) -> Result<Event<'_>, Error> {
    let envelope: Envelope<'_> = serde_json::from_str(text)
        .map_err(|error| refused(&unreadable("an unreadable event of EventBridge", &error)))?;
    let Envelope { detail_type, source, time, detail } = envelope;
    if (source.as_ref(), detail_type.as_ref()) == SCHEDULE {
        return Ok(Event::Schedule);
    }
    if source != BEDROCK || !CLOUDTRAIL.contains(&detail_type.as_ref()) {
        let (kind, source) = (start_of(&detail_type), start_of(&source));
        return Err(refused(&format!("EventBridge's {kind:?} of {source:?}")));
    }
    // A record that is missing is for the audit to tell of, like one that cannot be read.
    Ok(Event::Audit(Notice { record: detail.map_or("null", RawValue::get), time }))
}

/// A request of CloudFormation's to a custom resource.
fn deploying(text: &str) -> Result<Event<'_>, Error> {
    let request = deployment::Request::parse(text);
    let request = request.map_err(|what| refused(&format!("a request of CloudFormation {what}")))?;
    Ok(Event::Deployment(Box::new(request)))
}

/// A request of API Gateway's to an authoriser.
fn authorising(text: &str) -> Result<Event<'_>, Error> {
    let request = authoriser::Request::parse(text).map_err(|what| refused(&format!("an authoriser's event {what}")))?;
    Ok(Event::Authoriser(Box::new(request)))
}

/// What cannot be read, and where: what stands there may be a key, so it is not quoted.
fn unreadable(what: &str, error: &serde_json::Error) -> String {
    format!("{what} (line {}, column {})", error.line(), error.column())
}

/// As much of a name as a message shows.
fn start_of(name: &str) -> String {
    name.chars().take(40).collect()
}

/// An event with `requestContext`: API Gateway or a function URL, or one of the services that look alike.
fn request<'a>(context: &RawValue, has_method: bool, text: &str) -> Result<Event<'a>, Error> {
    let marks: ContextMarks<'_> =
        serde_json::from_str(context.get()).map_err(|_| refused("an event with an odd requestContext"))?;
    let unreadable = |error| refused(&unreadable("an unreadable API Gateway event", &error));
    let request = match (marks.elb, marks.http, has_method) {
        (Some(_), ..) => return Err(refused("an Application Load Balancer's event")),
        (None, Some(_), _) => Request::from_http_api(serde_json::from_str(text).map_err(unreadable)?),
        (None, None, true) => Request::from_rest_api(serde_json::from_str(text).map_err(unreadable)?),
        (None, None, false) => return Err(refused("a WebSocket API's event")),
    };
    Ok(Event::Http(Box::new(request)))
}

fn refused(what: &str) -> Error {
    let message = format!(
        "{what} is not answered here. Accepted are: requests of API Gateway (REST, or HTTP API with payload 1.0 or 2.0) \
         and of function URLs, messages of SQS (Records with eventSource aws:sqs), CloudTrail's records of Bedrock \
         (from EventBridge, with source aws.bedrock), schedules of EventBridge, requests of CloudFormation to a custom resource, \
         requests of a REST API to its authoriser (type REQUEST), and prompt events, which are JSON objects with messages or prompt."
    );
    Error::new(Kind::UnknownEvent, message)
}

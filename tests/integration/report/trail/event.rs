//! The events of an account, and the records that CloudTrail has of them.

use super::{ACCOUNT, TOKYO};
use fastrand::Rng;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const JP: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";
const OSAKA: &str = "ap-northeast-3";

/// What becomes of a call, with its part of a thousand events of an account.
const MIX: [(Kind, u32); 15] = [
    (Kind::Tokyo, 370),
    (Kind::Osaka, 120),
    (Kind::StreamInTokyo, 110),
    (Kind::StreamInOsaka, 80),
    (Kind::StreamAbroad, 3),
    (Kind::StreamAlone, 10),
    (Kind::NoRegion, 20),
    (Kind::Denied, 40),
    (Kind::Abroad, 5),
    (Kind::Global, 5),
    (Kind::Twice, 30),
    (Kind::Reissued, 10),
    (Kind::AnotherService, 120),
    (Kind::AnotherOperation, 67),
    (Kind::Malformed, 10),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tokyo,
    Osaka,
    StreamInTokyo,
    StreamInOsaka,
    StreamAbroad,
    StreamAlone,
    NoRegion,
    Denied,
    Abroad,
    Global,
    Twice,
    Reissued,
    AnotherService,
    AnotherOperation,
    Malformed,
}

impl Kind {
    /// One of them, as often as it is in the mix.
    pub(super) fn any(random: &mut Rng) -> Self {
        let whole: u32 = MIX.iter().map(|(_, part)| part).sum();
        let mut at = random.u32(..whole);
        for (kind, part) in MIX {
            match at.checked_sub(part) {
                Some(rest) => at = rest,
                None => return kind,
            }
        }
        unreachable!("the number is below the sum of the parts")
    }

    /// Whether there are two records of it.
    pub(super) fn has_two(self) -> bool {
        [Self::StreamInTokyo, Self::StreamInOsaka, Self::StreamAbroad, Self::Twice, Self::Reissued].contains(&self)
    }

    /// The record of an event, and the one that comes after it, if there is one.
    pub(super) fn records(self, now: OffsetDateTime, principal: &str, random: &mut Rng) -> (Value, Option<Value>) {
        let told = |region: &str| json!({ "inferenceRegion": region, "inputTokens": 17, "outputTokens": 8 });
        let mut call = call(now, principal, random);
        match self {
            Self::Tokyo | Self::Twice => call["additionalEventData"] = told(TOKYO),
            Self::Osaka => call["additionalEventData"] = told(OSAKA),
            Self::Abroad => call["additionalEventData"] = told("us-east-1"),
            Self::Global => {
                call["additionalEventData"] = told(TOKYO);
                call["requestParameters"]["modelId"] = JP.replace("jp.", "global.").into();
            }
            Self::Denied => call["errorCode"] = "AccessDenied".into(),
            Self::StreamInTokyo | Self::StreamAlone => call["eventName"] = "InvokeModelWithResponseStream".into(),
            Self::StreamInOsaka | Self::StreamAbroad => call["eventName"] = "ConverseStream".into(),
            Self::AnotherService => call["eventSource"] = "s3.amazonaws.com".into(),
            Self::AnotherOperation => call["eventName"] = "ListFoundationModels".into(),
            Self::Malformed => call["eventSource"] = Value::Null,
            Self::NoRegion | Self::Reissued => {}
        }
        let second = match self {
            Self::StreamInTokyo => Some(service_event(&call, random, &json!({ "inferenceRegion": TOKYO }))),
            Self::StreamInOsaka => {
                Some(service_event(&call, random, &json!([{ "key": "inferenceRegion", "value": OSAKA }])))
            }
            Self::StreamAbroad => Some(service_event(&call, random, &json!({ "inferenceRegion": "us-west-2" }))),
            Self::Twice => Some(call.clone()),
            Self::Reissued => Some(reissued(&call, random, told(OSAKA))),
            Self::Tokyo | Self::Osaka | Self::StreamAlone | Self::NoRegion | Self::Denied | Self::Abroad => None,
            Self::Global | Self::AnotherService | Self::AnotherOperation | Self::Malformed => None,
        };
        (call, second)
    }
}

fn call(now: OffsetDateTime, principal: &str, random: &mut Rng) -> Value {
    let operation = random.choice(["InvokeModel", "Converse"]).unwrap();
    json!({
        "eventVersion": "1.11",
        "userIdentity": { "type": "AssumedRole", "arn": principal, "accountId": ACCOUNT },
        "eventTime": now.truncate_to_second().format(&Rfc3339).unwrap(),
        "eventSource": "bedrock.amazonaws.com",
        "eventName": operation,
        "awsRegion": TOKYO,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-sdk-rust/1.4.2 os/linux lang/rust/1.94.1",
        "requestParameters": { "modelId": JP },
        "responseElements": null,
        "requestID": id(random),
        "eventID": id(random),
        "readOnly": true,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    })
}

fn service_event(call: &Value, random: &mut Rng, entries: &Value) -> Value {
    let mut event = call.clone();
    event["eventType"] = "AwsServiceEvent".into();
    event["eventID"] = id(random).into();
    event["userIdentity"] = json!({ "accountId": ACCOUNT, "invokedBy": "bedrock.amazonaws.com" });
    event["requestParameters"] = Value::Null;
    event["serviceEventDetails"] =
        json!({ "parentRequestId": call["requestID"], "AdditionalEventData": { "additionalEntries": entries } });
    event.as_object_mut().unwrap().remove("requestID");
    event
}

fn reissued(call: &Value, random: &mut Rng, told: Value) -> Value {
    let mut event = call.clone();
    let original = json!({ "reason": "UPDATED_DATA", "originalEventID": call["eventID"] });
    (event["additionalEventData"], event["addendum"]) = (told, original);
    // The record that it stands for is all that it shares with the first one.
    (event["eventID"], event["requestID"]) = (id(random).into(), id(random).into());
    event
}

/// A new ID, in the form of all of them.
pub(super) fn id(random: &mut Rng) -> String {
    let id = format!("{:032x}", random.u128(..));
    format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..])
}

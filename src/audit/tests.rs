//! What the event files leave out: odd shapes, precedence, and what holds for every record there can be.

use super::*;
use crate::residency::{MODEL_ID, PROFILE_ID, Place};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

const TOKYO: &str = "ap-northeast-1";
const OSAKA: &str = "ap-northeast-3";
const PROVED_IN_TOKYO: Verdict = Verdict::Proved(Place::Tokyo);
const PROVED_IN_OSAKA: Verdict = Verdict::Proved(Place::Osaka);

/// A record of a call that is proved, with these fields in place of its own; null takes one out.
fn call(changes: &Value) -> String {
    let record = json!({
        "eventType": "AwsApiCall", "eventSource": "bedrock.amazonaws.com", "eventName": "InvokeModel", "awsRegion": TOKYO,
        "eventID": "event", "eventTime": "2026-11-23T06:00:00Z", "requestID": "request",
        "requestParameters": { "modelId": PROFILE_ID }, "additionalEventData": { "inferenceRegion": TOKYO },
    });
    changed(record, changes)
}

/// A service event with these `serviceEventDetails`.
fn service_event(details: &Value) -> String {
    let record = json!({
        "eventType": "AwsServiceEvent", "eventSource": "bedrock.amazonaws.com", "eventName": "ConverseStream",
        "awsRegion": TOKYO, "eventID": "event", "requestParameters": null, "serviceEventDetails": details,
    });
    record.to_string()
}

fn changed(mut record: Value, changes: &Value) -> String {
    record.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    record.to_string()
}

fn verdict(record: &str) -> Verdict {
    judge(record).verdict
}

#[test]
fn a_call_in_japan_is_proved_and_its_place_named() {
    assert_eq!(verdict(&call(&json!({}))), PROVED_IN_TOKYO);
    for changes in [
        json!({ "additionalEventData": { "inferenceRegion": OSAKA } }),
        json!({ "additionalEventData": { "InferenceRegion": OSAKA } }),
        json!({ "additionalEventData": { "inferenceRegion": OSAKA }, "awsRegion": OSAKA }),
        json!({ "additionalEventData": { "inferenceRegion": OSAKA }, "errorCode": "" }),
        json!({ "additionalEventData": { "inferenceRegion": OSAKA }, "eventName": "AnOperationOfTomorrow" }),
        json!({ "additionalEventData": { "inferenceRegion": OSAKA }, "eventSource": "bedrock-runtime.amazonaws.com" }),
    ] {
        assert_eq!(verdict(&call(&changes)), PROVED_IN_OSAKA, "{changes}");
    }
}

#[test]
fn a_bare_model_in_tokyo_is_proved_like_a_profile() {
    let bare = |model: &str| call(&json!({ "requestParameters": { "modelId": model } }));
    assert_eq!(verdict(&bare(MODEL_ID)), PROVED_IN_TOKYO);
    assert_eq!(verdict(&bare("amazon.nova-lite-v1:0")), PROVED_IN_TOKYO);
}

#[test]
fn whatever_the_region_is_but_japans_is_a_violation() {
    for region in
        [json!("us-east-1"), json!("ap-northeast-2"), json!(""), json!(7), json!([TOKYO]), json!({}), json!(true)]
    {
        let record = call(&json!({ "additionalEventData": { "inferenceRegion": region } }));
        assert_eq!(verdict(&record), Verdict::Violation(Breach::InferenceRegion), "{region}");
    }
}

#[test]
fn one_region_outside_is_enough_and_is_the_one_that_is_shown() {
    let twice = r#"{"eventSource":"bedrock.amazonaws.com","additionalEventData":{"inferenceRegion":"ap-northeast-1","inferenceRegion":"us-east-1"}}"#;
    let listed = service_event(&json!({ "AdditionalEventData": { "additionalEntries": [
        { "key": "inferenceRegion", "value": TOKYO }, { "key": "inferenceRegion", "value": "us-east-1" },
    ] } }));
    let both = call(&json!({ "serviceEventDetails": { "additionalEventData": { "inferenceRegion": "us-east-1" } } }));
    for record in [twice, &listed, &both] {
        let judged = judge(record);
        assert_eq!(judged.verdict, Verdict::Violation(Breach::InferenceRegion), "{record}");
        assert_eq!(judged.region.as_deref(), Some("us-east-1"));
    }
}

#[test]
fn a_region_outside_is_told_even_of_a_record_that_lacks_all_else() {
    for changes in [
        json!({ "eventName": null }),
        json!({ "awsRegion": 7 }),
        json!({ "errorCode": {} }),
        json!({ "errorCode": "ThrottlingException" }),
        json!({ "requestParameters": "HIDDEN_DUE_TO_SECURITY_REASONS" }),
    ] {
        let record = changed(
            serde_json::from_str(&call(&changes)).unwrap(),
            &json!({ "additionalEventData": { "inferenceRegion": "us-east-1" } }),
        );
        assert_eq!(verdict(&record), Verdict::Violation(Breach::InferenceRegion), "{changes}");
    }
}

#[test]
fn a_service_event_is_read_in_every_shape() {
    for additional in [
        json!({ "additionalEntries": { "inferenceRegion": OSAKA } }),
        json!({ "AdditionalEntries": { "InferenceRegion": OSAKA } }),
        json!({ "additionalEntries": [{ "key": "x", "value": "us-east-1" }, { "key": "inferenceRegion", "value": OSAKA }] }),
        json!({ "additionalEntries": [{ "Value": OSAKA, "Key": "inferenceRegion" }] }),
        json!({ "additionalEntries": [{ "inferenceRegion": OSAKA }] }),
        json!({ "inferenceRegion": OSAKA }),
    ] {
        for outer in ["AdditionalEventData", "additionalEventData"] {
            let record = service_event(&json!({ "parentRequestId": "parent", outer: additional }));
            let judged = judge(&record);
            assert_eq!(judged.verdict, PROVED_IN_OSAKA, "{additional}");
            assert_eq!(judged.bedrock_request_id.as_deref(), Some("parent"));
        }
    }
}

#[test]
fn entries_that_tell_no_region_prove_nothing() {
    for entries in [
        json!([{ "key": "inferenceRegion" }]),
        json!([{ "key": "inferenceRegion", "value": null }]),
        json!([{ "value": TOKYO }]),
        json!(["inferenceRegion", TOKYO]),
        json!([["inferenceRegion", TOKYO]]),
        json!({ "region": TOKYO }),
        json!("inferenceRegion=ap-northeast-1"),
        json!(null),
        json!(7),
    ] {
        let record = service_event(&json!({ "AdditionalEventData": { "additionalEntries": entries } }));
        assert_eq!(verdict(&record), Verdict::Unverified(Doubt::NoRegion), "{entries}");
    }
}

#[test]
fn a_foreign_resource_of_a_service_event_is_a_violation() {
    let event = json!({ "AdditionalEventData": { "additionalEntries": { "inferenceRegion": TOKYO } } });
    let with = |arn: &str| {
        let record = serde_json::from_str(&service_event(&event)).unwrap();
        changed(record, &json!({ "resources": [{ "ARN": "arn:aws:s3:::bucket" }, { "ARN": arn }] }))
    };
    let arn = |region: &str, id: &str| format!("arn:aws:bedrock:{region}:123456789012:inference-profile/{id}");
    assert_eq!(verdict(&with(&arn(TOKYO, PROFILE_ID))), PROVED_IN_TOKYO);
    for arn in [arn("us-east-1", PROFILE_ID), arn(TOKYO, &format!("global.{MODEL_ID}"))] {
        assert_eq!(verdict(&with(&arn)), Verdict::Violation(Breach::ForeignModel), "{arn}");
    }
    // What hides its model proves nothing, wherever it was answered.
    let hidden = format!("arn:aws:bedrock:{TOKYO}:123456789012:application-inference-profile/ab12");
    assert_eq!(verdict(&with(&hidden)), Verdict::Unverified(Doubt::UnknownModel));
}

#[test]
fn only_a_streamed_call_waits_for_its_service_event() {
    let silent = |name: &str| verdict(&call(&json!({ "eventName": name, "additionalEventData": null })));
    for name in ["InvokeModelWithResponseStream", "ConverseStream"] {
        assert_eq!(silent(name), Verdict::Unverified(Doubt::ServiceEventTells), "{name}");
    }
    for name in [
        "InvokeModel",
        "Converse",
        "InvokeModelWithBidirectionalStream",
        "StartAsyncInvoke",
        "CreateModelInvocationJob",
    ] {
        assert_eq!(silent(name), Verdict::Unverified(Doubt::NoRegion), "{name}");
    }
    for name in ["CountTokens", "ApplyGuardrail", "GetInferenceProfile", "invokemodel", ""] {
        assert_eq!(silent(name), Verdict::Unrelated(Subject::AnotherOperation), "{name}");
    }
    let foreign = json!({ "eventName": "ConverseStream", "additionalEventData": null,
        "requestParameters": { "modelId": format!("apac.{MODEL_ID}") } });
    assert_eq!(verdict(&call(&foreign)), Verdict::Violation(Breach::ForeignModel), "it does not wait to be told");
}

#[test]
fn what_hides_its_model_is_not_proved() {
    for model in [
        json!(null),
        json!(7),
        json!(""),
        json!("arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/ab12"),
    ] {
        let record = call(&json!({ "requestParameters": { "modelId": model } }));
        assert_eq!(verdict(&record), Verdict::Unverified(Doubt::UnknownModel), "{model}");
    }
    let twice = call(&json!({})).replace(r#""modelId":"#, r#""modelId":"jp.x","modelId":"#);
    assert_eq!(verdict(&twice), Verdict::Unverified(Doubt::UnknownModel), "two readers may disagree");
}

#[test]
fn a_call_that_failed_infers_nothing_unless_a_model_abroad_had_it() {
    let failed = |code: &str, model: &str, region: &str| {
        let model = json!({ "modelId": model });
        let changes =
            json!({ "errorCode": code, "requestParameters": model, "awsRegion": region, "additionalEventData": null });
        verdict(&call(&changes))
    };
    let foreign = format!("us.{MODEL_ID}");
    for code in [
        "AccessDenied",
        "AccessDeniedException",
        "ThrottlingException",
        "ValidationException",
        "ModelNotReadyException",
    ] {
        assert_eq!(failed(code, PROFILE_ID, TOKYO), Verdict::Denied, "{code}");
        assert_eq!(failed(code, &foreign, "us-east-1"), Verdict::Denied, "{code}: the fence held");
    }
    for code in ["ModelTimeoutException", "ModelErrorException", "ModelStreamErrorException", "InternalServerException"]
    {
        assert_eq!(failed(code, PROFILE_ID, TOKYO), Verdict::Denied, "{code}");
        assert_eq!(failed(code, &foreign, TOKYO), Verdict::Violation(Breach::ForeignModel), "{code}");
        assert_eq!(failed(code, PROFILE_ID, "us-east-1"), Verdict::Violation(Breach::SourceRegion), "{code}");
    }
}

#[test]
fn a_call_to_another_region_is_a_violation_but_osaka_is_japan() {
    for (region, expected) in [
        ("us-east-1", Verdict::Violation(Breach::SourceRegion)),
        ("ap-northeast-2", Verdict::Violation(Breach::SourceRegion)),
        (OSAKA, PROVED_IN_TOKYO),
    ] {
        assert_eq!(verdict(&call(&json!({ "awsRegion": region }))), expected, "{region}");
    }
}

#[test]
fn what_cannot_be_judged_is_malformed_and_keeps_what_leads_to_it() {
    for record in ["", "null", "[]", "7", "\"text\"", "{", "{\"eventID\":\"event\"", "[\"bedrock.amazonaws.com\"]"] {
        let judged = judge(record);
        assert_eq!((judged.verdict, judged.event_id), (Verdict::Malformed(Fault::Unreadable), None), "{record}");
    }
    for changes in [
        json!({ "eventSource": null }),
        json!({ "eventSource": ["bedrock.amazonaws.com"] }),
        json!({ "eventName": 7 }),
        json!({ "awsRegion": null }),
        json!({ "errorCode": 403 }),
    ] {
        let record = call(&changes);
        let judged = judge(&record);
        assert_eq!(judged.verdict, Verdict::Malformed(Fault::Incomplete), "{changes}");
        assert_eq!(judged.event_id.as_deref(), Some("event"));
    }
    let twice = call(&json!({})).replacen('{', r#"{"awsRegion":"us-east-1","#, 1);
    let judged = judge(&twice);
    assert_eq!(judged.verdict, Verdict::Malformed(Fault::Unreadable));
    assert_eq!(
        (judged.event_id.as_deref(), judged.event_time.as_deref()),
        (Some("event"), Some("2026-11-23T06:00:00Z"))
    );
}

#[test]
fn an_odd_value_beside_the_point_costs_nothing() {
    for changes in [
        json!({ "eventTime": 7, "eventID": {}, "requestID": [1, [2]], "sharedEventID": false }),
        json!({ "userIdentity": "root", "resources": "none", "addendum": 1.5, "serviceEventDetails": [] }),
        json!({ "userIdentity": { "arn": 7, "principalId": null }, "resources": [7, {}, { "ARN": [] }], "eventType": null }),
    ] {
        assert_eq!(verdict(&call(&changes)), PROVED_IN_TOKYO, "{changes}");
    }
}

#[test]
fn the_principal_is_the_arn_or_else_the_id() {
    let principal = |identity: Value| {
        let record = call(&json!({ "userIdentity": identity }));
        judge(&record).principal.map(Cow::into_owned)
    };
    let arn = "arn:aws:sts::123456789012:assumed-role/role/session";
    let identity = json!({ "arn": arn, "principalId": "AROA:session", "accessKeyId": "ASIA" });
    assert_eq!(principal(identity).as_deref(), Some(arn));
    assert_eq!(principal(json!({ "principalId": "AROA:session" })).as_deref(), Some("AROA:session"));
    assert_eq!(principal(json!({ "invokedBy": "bedrock.amazonaws.com", "accessKeyId": "ASIA" })), None);
}

#[test]
fn a_record_that_was_issued_again_leads_to_the_first() {
    let again = call(
        &json!({ "addendum": { "reason": "UPDATED_DATA", "originalRequestID": "first", "originalEventID": "one" } }),
    );
    let judged = judge(&again);
    assert_eq!(judged.addendum.as_deref(), Some("UPDATED_DATA"));
    assert_eq!((judged.event_id.as_deref(), judged.original_event_id.as_deref()), (Some("event"), Some("one")));
    assert_eq!(judged.bedrock_request_id.as_deref(), Some("first"));
    let late = call(&json!({ "addendum": { "reason": "DELIVERY_DELAY" } }));
    assert_eq!(judge(&late).bedrock_request_id.as_deref(), Some("request"));
}

#[test]
fn texts_are_borrowed_from_the_record() {
    let record = call(&json!({}));
    let judged = judge(&record);
    for text in [&judged.event_id, &judged.region, &judged.model, &judged.source_region, &judged.bedrock_request_id] {
        assert!(matches!(text, Some(Cow::Borrowed(_))), "{text:?}");
    }
}

/// Any JSON value, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop_oneof![Just(TOKYO), Just("us-east-1"), Just("inferenceRegion"), Just("AwsServiceEvent")]
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(
                "[a-zA-Z]{1,8}|inferenceRegion|additionalEventData|additionalEntries|key|value",
                inner,
                0..4
            )
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The names of the fields that are read.
const FIELDS: [&str; 15] = [
    "eventSource",
    "eventName",
    "eventType",
    "eventTime",
    "eventID",
    "sharedEventID",
    "requestID",
    "awsRegion",
    "errorCode",
    "userIdentity",
    "requestParameters",
    "additionalEventData",
    "serviceEventDetails",
    "resources",
    "addendum",
];

/// Where a record of an inference tells the Region, if it does.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Call,
    Map,
    List,
}

/// A record of an inference whose other fields are what they may be, and which tells `region`.
fn inference(shape: Shape, region: Option<&str>, name: &str, model: &str, error: Option<&str>) -> Value {
    let mut record: Map<String, Value> = serde_json::from_value(json!({
        "eventSource": "bedrock.amazonaws.com", "eventName": name, "awsRegion": TOKYO, "eventID": "event",
    }))
    .unwrap();
    record.extend(error.map(|code| ("errorCode".to_owned(), code.into())));
    let map: Map<String, Value> =
        region.map(|region| ("inferenceRegion".to_owned(), region.into())).into_iter().collect();
    let list: Vec<_> = region.map(|region| json!({ "key": "inferenceRegion", "value": region })).into_iter().collect();
    let told = match shape {
        Shape::Call => ("additionalEventData", json!(map)),
        Shape::Map => ("serviceEventDetails", json!({ "AdditionalEventData": { "additionalEntries": map } })),
        Shape::List => ("serviceEventDetails", json!({ "AdditionalEventData": { "additionalEntries": list } })),
    };
    record.insert(told.0.to_owned(), told.1);
    let is_call = matches!(shape, Shape::Call);
    record.insert("eventType".to_owned(), if is_call { "AwsApiCall" } else { "AwsServiceEvent" }.into());
    record.extend(is_call.then(|| ("requestParameters".to_owned(), json!({ "modelId": model }))));
    Value::Object(record)
}

fn shapes() -> impl Strategy<Value = Shape> {
    prop_oneof![Just(Shape::Call), Just(Shape::Map), Just(Shape::List)]
}

fn names() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("InvokeModel"), Just("Converse"), Just("InvokeModelWithResponseStream"), Just("ConverseStream")]
}

fn models() -> impl Strategy<Value = &'static str> {
    let arn = "arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/ab12";
    prop_oneof![Just(PROFILE_ID), Just(MODEL_ID), Just("global.anthropic.claude"), Just(arn), Just("")]
}

fn errors() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop_oneof![Just("AccessDenied"), Just("ModelTimeoutException"), Just("Anything")])
}

/// Puts members of other names into every object within a value.
fn widened(value: Value, extra: &[(String, Value)]) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, widened(value, extra)));
            Value::Object(members.chain(extra.iter().cloned()).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| widened(item, extra)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = judge(&text);
    }

    #[test]
    fn no_record_makes_it_panic_or_is_proved_without_a_word_of_japan(
        fields in prop::collection::vec((0..FIELDS.len(), any_json()), 0..16)
    ) {
        let fields = fields.into_iter().map(|(n, value)| (FIELDS[n].to_owned(), value));
        let fields: Map<String, Value> = fields.filter(|(name, _)| !name.starts_with("error")).collect();
        let told = [&fields.get("additionalEventData"), &fields.get("serviceEventDetails")].map(|it| json!(it).to_string());
        let record = call(&json!({ "additionalEventData": null })).parse::<Value>().unwrap();
        let verdict = verdict(&changed(record, &Value::Object(fields)));
        let could = told.iter().any(|it| it.to_lowercase().contains("inferenceregion") && it.contains(TOKYO));
        prop_assert!(could || !matches!(verdict, Verdict::Proved(_)), "{:?}", verdict);
    }

    #[test]
    fn a_record_that_is_cut_off_is_malformed(at in 0_usize..400) {
        let record = call(&json!({}));
        let cut = &record[..at.min(record.len() - 1)];
        prop_assert_eq!(verdict(cut), Verdict::Malformed(Fault::Unreadable));
    }

    #[test]
    fn no_record_without_a_region_is_proved(shape in shapes(), name in names(), model in models(), error in errors()) {
        let verdict = verdict(&inference(shape, None, name, model, error).to_string());
        prop_assert!(!matches!(verdict, Verdict::Proved(_)), "{:?}", verdict);
    }

    #[test]
    fn no_record_of_another_region_is_anything_but_a_violation(
        shape in shapes(), region in "[a-z]{2}-[a-z]{4,9}-[0-9]|\\PC{0,9}", name in names(), model in models(), error in errors()
    ) {
        prop_assume!(region != TOKYO && region != OSAKA);
        let verdict = verdict(&inference(shape, Some(&region), name, model, error).to_string());
        prop_assert_eq!(verdict, Verdict::Violation(Breach::InferenceRegion));
    }

    #[test]
    fn what_is_proved_ran_in_japan_by_a_path_that_stays_there(
        shape in shapes(), region in prop_oneof![Just(TOKYO), Just(OSAKA)], name in names(), model in models(), error in errors()
    ) {
        let verdict = verdict(&inference(shape, Some(region), name, model, error).to_string());
        let stays = !matches!(shape, Shape::Call) || model == PROFILE_ID || model == MODEL_ID;
        let proved = if region == TOKYO { PROVED_IN_TOKYO } else { PROVED_IN_OSAKA };
        prop_assert_eq!(verdict == proved, stays && error.is_none(), "{:?}", verdict);
        prop_assert!(verdict == proved || !matches!(verdict, Verdict::Proved(_)));
    }

    #[test]
    fn unknown_fields_never_change_a_verdict(
        shape in shapes(), region in prop::option::of(prop_oneof![Just(TOKYO), Just("us-east-1")]), name in names(),
        model in models(), error in errors(), extra in prop::collection::vec(("x-[a-z]{1,6}", any_json()), 0..4)
    ) {
        let record = inference(shape, region, name, model, error);
        let before = verdict(&record.to_string());
        prop_assert_eq!(verdict(&widened(record, &extra).to_string()), before);
    }
}

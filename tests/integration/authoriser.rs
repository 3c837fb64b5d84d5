//! Who may pass an API that takes keys: the authoriser between API Gateway's events and the list of a usage plan.

use crate::stage::{Stage, event};
use serde_json::{Value, json};
use stand_ins::runtime_api::Outcome;
use stand_ins::usage_plan::{self, Fault, KEY, KEY_ID, UsagePlan};
use std::time::Duration;

const ARN: &str = "arn:aws:execute-api:ap-northeast-1:123456789012:a1b2c3d4e5/prod/POST/v1/messages";

/// All methods of its stage.
const RESOURCE: &str = "arn:aws:execute-api:ap-northeast-1:123456789012:a1b2c3d4e5/prod/*";

/// A key that the plan does not have, in some of the events.
const WRONG_KEY: &str = "stand-in-api-key-canary-111111";

/// The function as an authoriser, and the plan whose keys it asks for.
struct Door {
    stage: Stage,
    plan: UsagePlan,
}

impl Door {
    async fn new() -> Self {
        let plan = UsagePlan::start().await.unwrap();
        let address = plan.address().to_string();
        let environment =
            [("USAGE_PLAN_ID", usage_plan::PLAN), ("STAND_IN_API_GATEWAY", &address), ("LOG_LEVEL", "trace")];
        Self { stage: Stage::with(&environment).await, plan }
    }

    async fn asked_with(&self, key: &str) -> Value {
        let headers = json!({ "x-api-key": key });
        self.stage.answer(json!({ "type": "REQUEST", "methodArn": ARN, "headers": headers })).await
    }

    async fn line(&self, words: &str) -> Value {
        let line = self.stage.function.wait_for_line(|line| line.contains(words), Duration::from_secs(20)).await;
        serde_json::from_str(&line.unwrap()).unwrap()
    }

    /// Holds every line against all keys that were sent.
    async fn says_no_key(&self) {
        self.stage.invoke(json!({ "the_last": "event" })).await;
        self.line("unknown_event").await;
        let lines = self.stage.function.lines();
        let told: Vec<_> = lines.iter().filter(|line| line.contains("api-key-canary")).collect();
        assert!(lines.len() > 1 && told.is_empty(), "{told:#?}");
        assert_eq!(self.stage.function.stderr_lines(), Vec::<String>::new());
    }
}

fn statement(effect: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Action": "execute-api:Invoke", "Effect": effect, "Resource": RESOURCE }],
    })
}

#[tokio::test]
async fn a_key_of_the_plan_passes_as_its_id_and_is_counted_by_the_plan() {
    let door = Door::new().await;
    for name in ["x-api-key", "bearer", "both-headers"] {
        let policy = door.stage.answer(event(&format!("authoriser-{name}"))).await;
        let expected =
            json!({ "principalId": KEY_ID, "policyDocument": statement("Allow"), "usageIdentifierKey": KEY });
        assert_eq!(policy, expected, "{name}");
    }
    assert_eq!(door.plan.calls().len(), 1, "the list is kept");
    assert!(door.plan.calls().iter().all(|call| call.is_sound));
    door.says_no_key().await;
}

#[tokio::test]
async fn whoever_has_no_clear_key_of_the_plan_is_denied_and_the_line_says_why() {
    let door = Door::new().await;
    for (name, reason) in [
        ("no-key", "no_key"),
        ("two-keys", "several_keys"),
        ("header-twice", "several_keys"),
        ("basic", "unclear"),
        ("unknown-key", "unknown_key"),
    ] {
        let policy = door.stage.answer(event(&format!("authoriser-{name}"))).await;
        assert_eq!(policy, json!({ "principalId": "nobody", "policyDocument": statement("Deny") }), "{name}");
        let line = door.line(&format!("a client was denied: {reason}")).await;
        assert_eq!((&line["authoriser.denied"], &line["source"]), (&json!(reason), &json!("authoriser")), "{line}");
        assert_eq!(line["gateway.request_id"], "JKJaXmPLvHcESHA=", "{line}");
        assert_eq!(line["level"], "WARN", "{line}");
    }
    for key in ["", &KEY[1..], &format!("{KEY}0"), &KEY.to_uppercase(), KEY_ID, "*"] {
        assert_eq!(door.asked_with(key).await["policyDocument"], statement("Deny"), "{key}");
    }
    assert_eq!(door.plan.calls().len(), 1, "only a key is worth asking for the list");
    door.says_no_key().await;
    let lines = door.stage.function.lines();
    assert!(!lines.iter().any(|line| line.contains(WRONG_KEY)), "a wrong key may be one that was misspelt");
}

#[tokio::test]
async fn a_key_on_the_last_page_passes_too() {
    let door = Door::new().await;
    let key = |n: u32| (format!("id{n}"), format!("stand-in-api-key-canary-{n:06}"));
    door.plan.holds((0..1_200).map(key).collect());
    assert_eq!(door.asked_with(&key(1_199).1).await["principalId"], "id1199");
    assert_eq!(door.asked_with(&key(0).1).await["principalId"], "id0");
    assert_eq!(door.plan.calls().len(), 3);
}

#[tokio::test]
async fn while_the_keys_cannot_be_read_nobody_passes_and_afterwards_they_do() {
    for (fault, code) in [
        (Fault::Denied, "AccessDeniedException"),
        (Fault::Throttled, "TooManyRequestsException"),
        (Fault::NoValues, "NoValue"),
        (Fault::LaterPage, "InternalServerErrorException"),
        (Fault::Stall, "timeout"),
    ] {
        let door = Door::new().await;
        door.plan.fail(Some(fault));
        // More than a page.
        let more = (1..600).map(|n| (format!("id{n}"), format!("stand-in-api-key-canary-{n:06}")));
        door.plan.holds([(KEY_ID.to_owned(), KEY.to_owned())].into_iter().chain(more).collect());
        let Outcome::Failed(failed) = door.stage.invoke(event("authoriser-x-api-key")).await else {
            panic!("{fault:?} was answered");
        };
        assert_eq!(failed.error_type, "keys_unavailable");
        assert!(!failed.message.contains(KEY) && failed.message.contains("try again"), "{}", failed.message);
        let line = door.line("the keys could not be read: nobody can pass").await;
        assert_eq!((&line["error.service"], &line["level"]), (&json!("usage_plan"), &json!("ERROR")));
        assert_eq!(line["error.code"], code);
        let asked = door.plan.calls().len();
        assert!(matches!(door.stage.invoke(event("authoriser-x-api-key")).await, Outcome::Failed(_)));
        assert_eq!(door.plan.calls().len(), asked, "an API that fails is not asked by every client");
        door.plan.fail(None);
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        assert_eq!(door.stage.answer(event("authoriser-x-api-key")).await["principalId"], KEY_ID);
        door.says_no_key().await;
    }
}

#[tokio::test]
async fn a_function_without_a_usage_plan_is_no_authoriser() {
    let stage = Stage::new().await;
    let Outcome::Failed(failed) = stage.invoke(event("authoriser-x-api-key")).await else { panic!("answered") };
    assert_eq!(failed.error_type, "unknown_event");
    assert!(failed.message.contains("USAGE_PLAN_ID"), "{}", failed.message);
}

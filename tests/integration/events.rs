//! Every file in `events/` is sent to the function, and each gets what the table says.

use crate::stage::{Stage, event, root};
use serde_json::{Value, json};
use stand_ins::cloudformation::CloudFormation;
use stand_ins::control_plane::ControlPlane;
use stand_ins::usage_plan::{self, UsagePlan};
use std::collections::BTreeSet;

/// What comes back for an event.
enum Expected {
    /// An HTTP answer with this status, and text in its body.
    Http(u16, &'static str),
    /// A partial batch response that names the messages with these numbers.
    Kept(&'static [u32]),
    /// A prompt answer.
    PromptAnswer,
    /// A record of CloudTrail that was judged like this; what its line says is in `audit.rs`.
    Verdict(&'static str),
    /// A request of CloudFormation's that was answered with this status; what it heard is in `profile.rs`.
    Deployed(&'static str),
    /// An authoriser's policy with this effect, for this principal; which key it carries is in `authoriser.rs`.
    Policy(&'static str, &'static str),
    /// A failed invocation with this error type, and text in its message.
    Failure(&'static str, &'static str),
}

use Expected::{Deployed, Failure, Http, Kept, Policy, PromptAnswer, Verdict};

const TABLE: [(&str, Expected); 94] = [
    ("audit-another-service", Verdict("none")),
    ("audit-application-profile", Verdict("unverified")),
    ("audit-batch-job", Verdict("unverified")),
    ("audit-control-plane", Verdict("none")),
    ("audit-converse", Verdict("proved")),
    ("audit-count-tokens", Verdict("none")),
    ("audit-delayed", Verdict("proved")),
    ("audit-denied", Verdict("denied")),
    ("audit-denied-global", Verdict("denied")),
    ("audit-failed-abroad", Verdict("violation")),
    ("audit-foreign-region", Verdict("violation")),
    ("audit-foreign-source", Verdict("violation")),
    ("audit-global-profile", Verdict("violation")),
    ("audit-invoke-model", Verdict("proved")),
    ("audit-malformed", Verdict("malformed")),
    ("audit-malformed-list", Verdict("malformed")),
    ("audit-no-region", Verdict("unverified")),
    ("audit-playground", Verdict("proved")),
    ("audit-reissued", Verdict("proved")),
    ("audit-stream-call", Verdict("unverified")),
    ("audit-stream-foreign-region", Verdict("violation")),
    ("audit-stream-list", Verdict("proved")),
    ("audit-stream-list-capitals", Verdict("proved")),
    ("audit-stream-map", Verdict("proved")),
    ("audit-stream-no-region", Verdict("unverified")),
    ("authoriser-basic", Policy("Deny", "nobody")),
    ("authoriser-bearer", Policy("Allow", "k1x2y3z4a5")),
    ("authoriser-both-headers", Policy("Allow", "k1x2y3z4a5")),
    ("authoriser-header-twice", Policy("Deny", "nobody")),
    ("authoriser-no-key", Policy("Deny", "nobody")),
    ("authoriser-two-keys", Policy("Deny", "nobody")),
    ("authoriser-unknown-key", Policy("Deny", "nobody")),
    ("authoriser-x-api-key", Policy("Allow", "k1x2y3z4a5")),
    ("deployment-create", Deployed("SUCCESS")),
    ("deployment-delete", Deployed("SUCCESS")),
    ("deployment-foreign-url", Failure("unknown_event", "ResponseURL is not CloudFormation's own")),
    ("deployment-other-profile", Deployed("FAILED")),
    ("deployment-unknown-request", Deployed("FAILED")),
    ("deployment-update", Deployed("SUCCESS")),
    ("direct-messages", PromptAnswer),
    ("direct-prompt", PromptAnswer),
    ("direct-stream", Failure("invalid_request", "stream: ")),
    ("function-url-prompt", Http(200, "inference_profile")),
    ("http-api-key", Http(200, "日本の首都は")),
    ("http-api-messages", Http(200, "日本の首都は")),
    ("http-api-payload-1", Http(200, "日本の首都は")),
    ("http-base-path", Http(200, "日本の首都は")),
    ("http-base64", Http(200, "日本の首都は")),
    ("http-both-samplings", Http(400, "temperature: ")),
    ("http-chat", Http(200, "\"object\":\"chat.completion\"")),
    ("http-chat-remote-image", Http(400, "\"param\":\"messages.0.content.0.image_url.url\"")),
    ("http-chat-stream", Http(200, "data: [DONE]")),
    ("http-chat-tools", Http(200, "午前九時")),
    ("http-claude-code", Http(200, "event: message_stop")),
    ("http-count-tokens", Http(404, "not_found_error")),
    ("http-global-model", Http(400, "model: \\\"global.anthropic.")),
    ("http-head-root", Http(200, "")),
    ("http-health", Http(200, "\"status\":\"ok\"")),
    ("http-image-url", Http(400, "messages.0.content.0.source.type: ")),
    ("http-messages", Http(200, "日本の首都は")),
    ("http-models", Http(200, "claude-sonnet-4-5-20250929")),
    ("http-not-found", Http(404, "not_found_error")),
    ("http-not-json", Http(400, "body: is not JSON")),
    ("http-not-utf-8", Http(400, "body: must be UTF-8")),
    ("http-prompt", Http(200, "inference_profile")),
    ("http-stage-prefix", Http(200, "日本の首都は")),
    ("http-stream", Http(200, "event: message_stop")),
    ("http-throttled", Http(429, "rate_limit_error")),
    ("http-wrong-media-type", Http(415, "content-type: ")),
    ("http-wrong-method", Http(405, "POST")),
    ("schedule-check", Verdict("confirmed")),
    ("sqs-attributes", Kept(&[3, 4])),
    ("sqs-batch", Kept(&[])),
    ("sqs-eventbridge", Kept(&[])),
    ("sqs-eventbridge-empty", Kept(&[1])),
    ("sqs-failures", Kept(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])),
    ("sqs-fifo", Kept(&[3, 5])),
    ("sqs-limits", Kept(&[])),
    ("sqs-no-message-id", Failure("unknown_event", "Records.1.messageId: ")),
    ("sqs-one", Kept(&[])),
    ("sqs-one-bad-body", Kept(&[5])),
    ("sqs-retried", Kept(&[1, 2])),
    ("sqs-sns", Kept(&[])),
    ("sqs-sns-empty", Kept(&[1])),
    ("sqs-stream", Kept(&[2])),
    ("unknown-alb", Failure("unknown_event", "Application Load Balancer")),
    ("unknown-authoriser-http-api", Failure("unknown_event", "an HTTP API's authoriser's event")),
    ("unknown-authoriser-token", Failure("unknown_event", "whose type is not REQUEST")),
    ("unknown-empty", Failure("unknown_event", "without prompt or messages")),
    (
        "unknown-eventbridge",
        Failure("unknown_event", "EventBridge's \"EC2 Instance State-change Notification\" of \"aws.ec2\""),
    ),
    ("unknown-eventbridge-s3", Failure("unknown_event", "EventBridge's \"AWS API Call via CloudTrail\" of \"aws.s3\"")),
    ("unknown-s3", Failure("unknown_event", "aws:s3")),
    ("unknown-sns", Failure("unknown_event", "aws:sns")),
    ("unknown-websocket", Failure("unknown_event", "WebSocket")),
];

/// The message IDs of `events/sqs-*.json` with these numbers, as a batch response.
fn kept(numbers: &[u32]) -> Value {
    let failures = numbers.iter().map(|n| json!({ "itemIdentifier": format!("{n:08}-0000-4000-8000-000000000000") }));
    json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
}

#[test]
fn every_event_file_is_in_the_table() {
    let files = std::fs::read_dir(root().join("events")).unwrap();
    let files: BTreeSet<_> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let table: BTreeSet<_> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, table);
}

#[tokio::test]
async fn every_event_file_gets_what_the_table_says() {
    // Some of them fail for ever; nothing is learnt from trying them for longer.
    let (plane, stack) = (ControlPlane::start().await.unwrap(), CloudFormation::start().await.unwrap());
    let plan = UsagePlan::start().await.unwrap();
    let stage = Stage::with(&[
        ("USAGE_PLAN_ID", usage_plan::PLAN),
        ("STAND_IN_API_GATEWAY", &plan.address().to_string()),
        ("RETRY_BUDGET_SECONDS", "1"),
        ("TIME_BUDGET_SECONDS", "4"),
        ("STAND_IN_CONTROL_PLANE", &plane.address().to_string()),
        ("STAND_IN_CLOUDFORMATION", &stack.address().to_string()),
    ])
    .await;
    for (name, expected) in &TABLE {
        match expected {
            Http(status, part) => {
                let answer = stage.http(event(name)).await;
                assert_eq!(answer.status, *status, "{name}: {}", answer.text());
                assert!(answer.text().contains(part), "{name}: {}", answer.text());
                assert!(answer.header("request-id").is_some(), "{name}");
            }
            Kept(numbers) => assert_eq!(stage.answer(event(name)).await, kept(numbers), "{name}"),
            PromptAnswer => {
                let answer = stage.answer(event(name)).await;
                assert!(answer["text"].as_str().unwrap().contains("日本の首都は"), "{name}: {answer}");
                assert_eq!(answer["content"][0]["text"], answer["text"], "{name}");
                assert_eq!(answer["stop_reason"], "end_turn", "{name}");
                assert!(answer["bedrock_request_id"].is_string(), "{name}");
            }
            Verdict(verdict) => assert_eq!(stage.answer(event(name)).await["verdict"], *verdict, "{name}"),
            Deployed(status) => assert_eq!(stage.answer(event(name)).await["status"], *status, "{name}"),
            Policy(effect, principal) => {
                let policy = stage.answer(event(name)).await;
                assert_eq!(policy["policyDocument"]["Statement"][0]["Effect"], *effect, "{name}: {policy}");
                assert_eq!(policy["principalId"], *principal, "{name}: {policy}");
            }
            Failure(kind, part) => {
                let outcome = stage.invoke(event(name)).await;
                let stand_ins::runtime_api::Outcome::Failed(failed) = outcome else {
                    panic!("{name}: {outcome:?}");
                };
                assert_eq!(failed.error_type, *kind, "{name}");
                assert!(failed.message.contains(part), "{name}: {}", failed.message);
                if *kind == "unknown_event" && !name.starts_with("sqs") {
                    assert!(failed.message.contains("Accepted are: "), "{name}: {}", failed.message);
                }
            }
        }
    }
    stage.bedrock.everything_was_pinned().unwrap();
}

#[tokio::test]
async fn an_event_that_is_no_object_is_refused_by_name() {
    let stage = Stage::new().await;
    for event in ["[]", "\"prompt\"", "1", "null"] {
        let stand_ins::runtime_api::Outcome::Failed(failed) = stage.invoke(event).await else {
            panic!("{event} was answered");
        };
        assert_eq!(failed.error_type, "unknown_event");
    }
    assert!(stage.bedrock.calls().is_empty());
}

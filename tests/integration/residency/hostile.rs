//! Events that want to be elsewhere: those of `events/` with hostile names and values in any place, and some made of nothing else.

use super::change::{Change, changed};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value};

/// A mark that only events carry.
pub(super) const ALIEN: &str = "alien-7f3a";

/// What somebody would write who wants a prompt elsewhere.
const VALUES: [&str; 27] = [
    "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "jp.anthropic.claude-sonnet-4-5-20250929-v1:0/../../global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/abcdefghijkl",
    "arn:aws:sqs:us-east-1:123456789012:prompts",
    "arn:aws:sqs:ap-northeast-1:123456789012:results/../../..@trap.invalid",
    "https://bedrock-runtime.us-east-1.amazonaws.com",
    "https://sqs.us-east-1.amazonaws.com/123456789012/results",
    "https://cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com/x?X-Amz-Signature=0a",
    "http://169.254.169.254/latest/meta-data/",
    "bedrock-runtime.us-east-1.amazonaws.com",
    "trap.invalid",
    "us-east-1",
    "ap-northeast-3",
    "/model/global.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke",
    "../../model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke",
    "%2e%2e%2f%2e%2e%2fmodel",
    "x\r\nHost: trap.invalid\r\nX-Amz-Target: x\r\n\r\n",
    "\u{0}\u{feff}\u{202e}",
    "Bearer trap",
    "context-1m-2025-08-07,interleaved-thinking-2025-05-14",
    "bedrock-2099-01-01",
    "web_search_20250305",
    "url",
    "guardrail-1",
];

/// Names of fields and headers that mean something somewhere.
const NAMES: [&str; 45] = [
    "model",
    "modelId",
    "anthropic_version",
    "anthropic_beta",
    "container",
    "inference_geo",
    "mcp_servers",
    "service_tier",
    "amazon-bedrock-guardrailAction",
    "amazon-bedrock-guardrailConfig",
    "additionalModelRequestFields",
    "endpoint",
    "endpoint_url",
    "inferenceProfile",
    "region",
    "awsRegion",
    "profile",
    "metadata",
    "system",
    "tools",
    "source",
    "type",
    "stream",
    "Host",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Target",
    "X-Amzn-Trace-Id",
    "X-Amzn-Bedrock-Accept",
    "X-Amzn-Bedrock-GuardrailIdentifier",
    "X-Amzn-Bedrock-PerformanceConfig-Latency",
    "X-Amzn-Bedrock-Service-Tier",
    "X-Amzn-Bedrock-Trace",
    "X-Forwarded-Host",
    "X-HTTP-Method-Override",
    "X-Original-URL",
    "Anthropic-Beta",
    "Anthropic-Version",
    "Idempotency-Key",
    "AWSTraceHeader",
    "MessageGroupId",
    "eventSourceARN",
    "ResponseURL",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&VALUES[..]).prop_map(str::to_owned),
        4 => select(&VALUES[..]).prop_map(|value| format!("{value}{ALIEN}")),
        2 => "\\PC{0,24}".prop_map(|text| text + ALIEN),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![6 => select(&NAMES[..]).prop_map(str::to_owned), 1 => "[a-zA-Z_-]{1,12}".prop_map(|name| name + ALIEN)]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => text().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((name(), inner), 0..3).prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => (any::<Index>(), name(), value()).prop_map(|(at, name, value)| Change::Field(at, name, value)),
        2 => (any::<Index>(), text()).prop_map(|(at, text)| Change::Text(at, text)),
        2 => (any::<Index>(), name(), value()).prop_map(|(at, name, value)| Change::Prompt(at, name, value)),
        5 => (any::<Index>(), name(), text()).prop_map(|(at, name, text)| Change::Header(at, name, text)),
    ]
}

/// Events, as text. Most are of the doors that ask Bedrock: the others send nothing that could be judged.
pub(super) fn events() -> impl Strategy<Value = String> {
    let (prompts, others): (Vec<_>, Vec<_>) = files()
        .into_iter()
        .partition(|(name, _)| ["http-", "sqs-", "direct-"].iter().any(|door| name.starts_with(door)));
    let event = prop_oneof![4 => select(prompts), 1 => select(others)];
    let changed = (event, vec(change(), 0..6)).prop_map(|((_, event), changes)| changed(event, changes).to_string());
    prop_oneof![20 => changed, 1 => value().prop_map(|value| value.to_string())]
}

/// The files of `events/` with their names, in an order that is always the same.
fn files() -> Vec<(String, Value)> {
    let files = std::fs::read_dir(crate::stage::root().join("events")).unwrap().map(|file| file.unwrap());
    let mut files: Vec<_> = files.map(|file| (file.file_name().into_string().unwrap(), file.path())).collect();
    files.sort();
    let read = |path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    files.into_iter().map(|(name, path)| (name, read(path))).collect()
}

/// What may stand in no header: the mark, and every value that is longer than a word.
pub(super) fn aliens() -> Vec<&'static str> {
    VALUES.into_iter().filter(|value| value.len() > 8).chain([ALIEN]).collect()
}

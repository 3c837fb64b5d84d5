//! The door lets in what is signed for Tokyo and the JP profile, and nothing else.

use http::{Request, StatusCode};
use time::{Duration, UtcDateTime};

use super::*;
use crate::TEST_SESSION_TOKEN;
use crate::aws::signer::{self, set, stamp};

const BODY: &[u8] = b"{}";
const INVOKE: &str = "/model/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke";

fn unsigned(path: &str) -> Parts {
    let request = Request::post(path)
        .header("host", TOKYO)
        .header("content-type", "application/json")
        .header("x-amz-date", stamp(UtcDateTime::now()))
        .header("x-amz-security-token", TEST_SESSION_TOKEN);
    request.body(()).expect("a request").into_parts().0
}

/// Signs a request as it stands, with a scope in this Region.
fn sign(parts: Parts, region: &str) -> Parts {
    signer::sign(parts, BODY, &format!("{region}/bedrock"))
}

fn good() -> Parts {
    sign(unsigned(INVOKE), "ap-northeast-1")
}

#[track_caller]
fn refused(parts: &Parts, status: u16, error_type: &str, words: &str) {
    let refusal = admit(parts, BODY, None).expect_err("a refusal");
    assert_eq!((refusal.status.as_u16(), refusal.error_type), (status, error_type), "{}", refusal.message);
    assert!(refusal.message.contains(words), "{}", refusal.message);
}

#[test]
fn a_call_for_japan_is_admitted_with_the_colon_encoded_or_not() {
    for path in [INVOKE, &INVOKE.replace("%3A", "%3a"), &INVOKE.replace("%3A", ":")] {
        let parts = sign(unsigned(path), "ap-northeast-1");
        assert_eq!(admit(&parts, BODY, None), Ok(Operation::InvokeModel), "{path}");
        assert_eq!(pinned(&parts), Ok(()));
    }
}

#[test]
fn a_stream_for_japan_is_admitted_as_a_stream_and_refused_by_its_own_action() {
    let path = INVOKE.replace("/invoke", "/invoke-with-response-stream");
    let parts = sign(unsigned(&path), "ap-northeast-1");
    assert_eq!((admit(&parts, BODY, None), pinned(&parts)), (Ok(Operation::InvokeModelWithResponseStream), Ok(())));
    assert_eq!(operation(&parts), Some(Operation::InvokeModelWithResponseStream));
    let parts = sign(unsigned(&path.replace("/jp.", "/global.")), "ap-northeast-1");
    refused(&parts, 403, "AccessDeniedException", "bedrock:InvokeModelWithResponseStream on resource: global.");
}

#[test]
fn an_alias_is_admitted_with_a_good_signature_and_counts_as_astray() {
    let mut parts = unsigned(INVOKE);
    set(&mut parts, "host", "localhost:4433");
    let parts = sign(parts, "ap-northeast-1");
    assert_eq!(admit(&parts, BODY, Some("localhost:4433")), Ok(Operation::InvokeModel));
    assert!(pinned(&parts).is_err() && admit(&parts, b"{ }", Some("localhost:4433")).is_err());
    assert!(admit(&parts, BODY, Some("localhost:4434")).is_err() && admit(&parts, BODY, None).is_err());
}

#[test]
fn another_host_is_refused_and_counts_as_astray() {
    let mut parts = unsigned(INVOKE);
    set(&mut parts, "host", "bedrock-runtime.us-east-1.amazonaws.com");
    let parts = sign(parts, "ap-northeast-1");
    refused(&parts, 403, "UnrecognizedClientException", "bedrock-runtime.us-east-1.amazonaws.com");
    assert!(pinned(&parts).expect_err("astray").contains("us-east-1"));
}

#[test]
fn another_profile_or_the_bare_model_is_refused_and_counts_as_astray() {
    for (profile, status, error_type, words) in [
        ("global.anthropic.claude-sonnet-4-5-20250929-v1%3A0", 403, "AccessDeniedException", "global."),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1%3A0", 403, "AccessDeniedException", "us."),
        ("anthropic.claude-sonnet-4-5-20250929-v1%3A0", 400, "ValidationException", "on-demand throughput isn’t"),
    ] {
        let parts = sign(unsigned(&format!("/model/{profile}/invoke")), "ap-northeast-1");
        refused(&parts, status, error_type, words);
        assert!(pinned(&parts).expect_err("astray").contains(profile));
    }
}

#[test]
fn tokens_are_counted_for_the_bare_model_only_which_always_counts_as_astray() {
    let count = |model: &str| {
        let path = format!("/model/{model}.claude-sonnet-4-5-20250929-v1%3A0/count-tokens");
        sign(unsigned(&path), "ap-northeast-1")
    };
    let parts = count("anthropic");
    assert_eq!(admit(&parts, BODY, None), Ok(Operation::CountTokens));
    for model in ["anthropic", "jp.anthropic"] {
        assert!(pinned(&count(model)).expect_err("astray").contains("count-tokens"));
    }
    refused(&count("jp.anthropic"), 400, "ValidationException", "The provided model doesn't support counting tokens.");
    refused(&count("us.anthropic"), 403, "AccessDeniedException", "bedrock:CountTokens on resource: us.");
    let mut unsigned = count("anthropic");
    unsigned.headers.remove("authorization");
    refused(&unsigned, 403, "MissingAuthenticationTokenException", "Missing");
}

#[test]
fn other_operations_and_methods_are_unknown() {
    let model = INVOKE.trim_end_matches("/invoke");
    for path in ["/", "/model/x", &format!("{model}/invoke-with-stream"), &format!("{model}/converse")] {
        refused(&sign(unsigned(path), "ap-northeast-1"), 404, "UnknownOperationException", "");
    }
    let mut parts = unsigned(INVOKE);
    parts.method = http::Method::GET;
    refused(&sign(parts, "ap-northeast-1"), 404, "UnknownOperationException", "");
}

#[test]
fn a_call_without_a_complete_signature_is_refused() {
    refused(&unsigned(INVOKE), 403, "MissingAuthenticationTokenException", "Missing");
    let mut parts = good();
    set(&mut parts, "authorization", "Bearer bedrock-api-key");
    refused(&parts, 403, "IncompleteSignatureException", "not a complete");
    assert!(pinned(&parts).expect_err("astray").contains("SigV4"));
    let mut parts = good();
    parts.headers.remove("x-amz-date");
    refused(&parts, 403, "IncompleteSignatureException", "X-Amz-Date");
}

#[test]
fn a_signature_for_another_region_is_refused_and_counts_as_astray() {
    let parts = sign(unsigned(INVOKE), "us-east-1");
    refused(&parts, 403, "InvalidSignatureException", "scoped to ap-northeast-1");
    assert!(pinned(&parts).is_err());
}

#[test]
fn an_old_signature_is_refused() {
    for (age, words) in [(Duration::minutes(6), "expired"), (Duration::minutes(-6), "not yet current")] {
        let mut parts = unsigned(INVOKE);
        set(&mut parts, "x-amz-date", &stamp(UtcDateTime::now() - age));
        refused(&sign(parts, "ap-northeast-1"), 403, "InvalidSignatureException", words);
    }
    let mut parts = good();
    set(&mut parts, "x-amz-date", "yesterday");
    refused(&parts, 403, "InvalidSignatureException", "not a date");
}

#[test]
fn a_changed_request_is_refused() {
    let refusal = admit(&good(), b"{ }", None).expect_err("a refusal");
    assert_eq!(refusal.error_type, "InvalidSignatureException");
    let mut parts = good();
    set(&mut parts, "content-type", "text/plain");
    refused(&parts, 403, "InvalidSignatureException", "does not match");
    let mut parts = good();
    set(&mut parts, "x-amz-target", "smuggled");
    refused(&parts, 403, "InvalidSignatureException", "'x-amz-target' must be a 'SignedHeader'");
}

#[test]
fn other_credentials_are_refused() {
    let mut parts = unsigned(INVOKE);
    set(&mut parts, "x-amz-security-token", "another");
    refused(&sign(parts, "ap-northeast-1"), 403, "UnrecognizedClientException", "security token");
}

#[test]
fn another_content_type_or_too_large_a_body_is_refused() {
    let mut parts = unsigned(INVOKE);
    set(&mut parts, "content-type", "application/octet-stream");
    refused(&sign(parts, "ap-northeast-1"), 400, "ValidationException", "application/octet-stream");
    assert_eq!(small_enough(&vec![b' '; MAX_BODY]), Ok(()));
    let refusal = small_enough(&vec![b' '; MAX_BODY + 1]).expect_err("a refusal");
    assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
}

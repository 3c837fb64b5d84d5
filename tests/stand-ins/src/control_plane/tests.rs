//! The control plane answers two questions, to callers who sign for it in Tokyo.

use super::*;
use crate::aws::signer::getting;

const PATH: &str = "/inference-profiles/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0";

fn asked(path: &str) -> Parts {
    getting(path, BEDROCK.host, "ap-northeast-1/bedrock")
}

#[test]
fn the_profile_and_its_model_are_told() {
    assert_eq!(question(&asked(PATH), b""), Ok(Question::Profile));
    assert_eq!(question(&asked(&format!("/foundation-models/{MODEL}")), b""), Ok(Question::Model));
}

#[test]
fn nothing_else_is() {
    let refused = |parts: &Parts, body: &[u8]| question(parts, body).expect_err("a refusal").1;
    for path in [
        &PATH.replace("/jp.", "/global."),
        &PATH.replace("/jp.", "/"),
        &format!("{PATH}?x=1"),
        "/inference-profiles",
        "/foundation-models",
    ] {
        assert_eq!(refused(&asked(path), b""), "AccessDeniedException", "{path}");
    }
    let mut posted = asked(PATH);
    posted.method = http::Method::POST;
    assert_eq!(refused(&posted, b""), "InvalidSignatureException");
    assert_eq!(refused(&asked(PATH), b"{}"), "InvalidSignatureException");
    let runtime = "bedrock-runtime.ap-northeast-1.amazonaws.com";
    assert_eq!(refused(&getting(PATH, runtime, "ap-northeast-1/bedrock"), b""), "UnrecognizedClientException");
    assert_eq!(refused(&getting(PATH, BEDROCK.host, "us-east-1/bedrock"), b""), "InvalidSignatureException");
    let mut unsigned = asked(PATH);
    unsigned.headers.remove("authorization");
    assert_eq!(refused(&unsigned, b""), "MissingAuthenticationTokenException");
}

//! The control plane answers two questions, to callers who sign for it in Tokyo.

use time::UtcDateTime;

use super::*;
use crate::TEST_SESSION_TOKEN;
use crate::aws::signer;

const PATH: &str = "/inference-profiles/jp.anthropic.claude-sonnet-4-5-20250929-v1%3A0";

fn asking(path: &str, host: &str, place: &str) -> Parts {
    let request = Request::get(path)
        .header("host", host)
        .header("x-amz-date", signer::stamp(UtcDateTime::now()))
        .header("x-amz-security-token", TEST_SESSION_TOKEN);
    signer::sign(request.body(()).expect("a request").into_parts().0, b"", place)
}

fn asked(path: &str) -> Parts {
    asking(path, BEDROCK.host, "ap-northeast-1/bedrock")
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
    assert_eq!(refused(&asking(PATH, runtime, "ap-northeast-1/bedrock"), b""), "UnrecognizedClientException");
    assert_eq!(refused(&asking(PATH, BEDROCK.host, "us-east-1/bedrock"), b""), "InvalidSignatureException");
    let mut unsigned = asked(PATH);
    unsigned.headers.remove("authorization");
    assert_eq!(refused(&unsigned, b""), "MissingAuthenticationTokenException");
}

//! A signature is worth something for one service in Tokyo only.

use http::Request;
use time::UtcDateTime;

use super::*;
use crate::TEST_SESSION_TOKEN;

const QUEUES: Service = Service { name: "sqs", host: "sqs.ap-northeast-1.amazonaws.com" };
const TABLES: Service = Service { name: "dynamodb", host: "dynamodb.ap-northeast-1.amazonaws.com" };
const BODY: &[u8] = b"{}";

fn signed(place: &str) -> Parts {
    let request = Request::post("/")
        .header("host", QUEUES.host)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "AmazonSQS.SendMessage")
        .header("x-amz-date", signer::stamp(UtcDateTime::now()))
        .header("x-amz-security-token", TEST_SESSION_TOKEN);
    signer::sign(request.body(()).expect("a request").into_parts().0, BODY, place)
}

#[test]
fn a_signature_for_one_service_is_refused_by_another() {
    let parts = signed("ap-northeast-1/sqs");
    assert_eq!((QUEUES.verify(&parts, BODY), QUEUES.is_scope_of(&parts)), (Ok(()), true));
    let untrusted = TABLES.verify(&parts, BODY).expect_err("another service");
    assert_eq!(untrusted.error_type, "InvalidSignatureException");
    assert!(untrusted.message.contains("ap-northeast-1/dynamodb/aws4_request"), "{}", untrusted.message);
    assert!(!TABLES.is_scope_of(&parts));
}

#[test]
fn a_signature_for_another_region_or_body_is_refused() {
    assert!(QUEUES.verify(&signed("ap-northeast-3/sqs"), BODY).is_err());
    assert!(!QUEUES.is_scope_of(&signed("ap-northeast-3/sqs")));
    assert!(QUEUES.verify(&signed("ap-northeast-1/sqs"), b"[]").is_err());
}

#[test]
fn a_host_belongs_to_one_service() {
    let parts = signed("ap-northeast-1/sqs");
    assert_eq!(QUEUES.is_host_of(&parts.headers), Ok(()));
    assert!(TABLES.is_host_of(&parts.headers).expect_err("another host").contains(QUEUES.host));
}

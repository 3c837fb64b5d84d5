//! The event has the shape that API Gateway gives it, and only a well-formed answer gets through.

mod streams;

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::runtime_api::{Answered, Failed, Outcome};

const HTTP_STREAM: &str = "application/vnd.awslambda.http-integration-response";

fn request(method: &str, path: &str) -> GatewayRequest {
    GatewayRequest { method: method.to_owned(), path: path.to_owned(), ..GatewayRequest::default() }
}

fn outcome(body: impl Into<Bytes>, content_type: Option<&str>) -> Outcome {
    Outcome::Answered(Answered {
        request_id: "id".to_owned(),
        body: body.into(),
        streamed: content_type.is_some(),
        content_type: content_type.map(str::to_owned),
        stream_error: None,
        elapsed: Duration::ZERO,
    })
}

fn buffered(answer: &Value) -> GatewayAnswer {
    GatewayAnswer::from_outcome(&outcome(answer.to_string(), None), Mode::Buffered)
}

fn streamed(body: &str) -> GatewayAnswer {
    GatewayAnswer::from_outcome(&outcome(body.to_owned(), Some(HTTP_STREAM)), Mode::Stream)
}

#[test]
fn an_event_carries_the_request_in_every_field() {
    let mut request = request("POST", "/v1/messages");
    request.query = "beta=true&tag=a&tag=b%20c".to_owned();
    let headers = [("Content-Type", "application/json"), ("x-one", "1"), ("x-one", "2")];
    request.headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    request.body = "{\"prompt\":\"日本\"}".into();
    let event = rest_event(&request, "prod");
    assert_eq!((&event["resource"], &event["path"]), (&json!("/{proxy+}"), &json!("/v1/messages")));
    assert_eq!(event["pathParameters"], json!({ "proxy": "v1/messages" }));
    assert_eq!(event["queryStringParameters"], json!({ "beta": "true", "tag": "b c" }));
    assert_eq!(event["multiValueQueryStringParameters"]["tag"], json!(["a", "b c"]));
    assert_eq!(event["headers"]["x-one"], "2");
    assert_eq!(event["multiValueHeaders"]["x-one"], json!(["1", "2"]));
    assert_eq!(event["headers"]["X-Forwarded-Proto"], "https");
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{\"prompt\":\"日本\"}"), &json!(false)));
    let context = &event["requestContext"];
    assert_eq!((&context["path"], &context["stage"]), (&json!("/prod/v1/messages"), &json!("prod")));
    assert!(context["requestTimeEpoch"].is_u64() && context["identity"]["userArn"].is_string());
}

#[test]
fn a_request_for_the_root_has_neither_parameters_nor_a_body() {
    let event = rest_event(&request("GET", "/"), "prod");
    assert_eq!(event["resource"], "/");
    for field in ["pathParameters", "queryStringParameters", "multiValueQueryStringParameters", "body"] {
        assert_eq!(event.get(field), Some(&Value::Null), "{field}");
    }
}

#[test]
fn a_body_that_is_not_text_is_encoded() {
    let mut request = request("POST", "/prompt");
    request.body = vec![0xff, 0xfe];
    let event = rest_event(&request, "prod");
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("//4="), &json!(true)));
}

#[test]
fn a_buffered_answer_is_unwrapped_and_decoded() {
    let answer = buffered(&json!({
        "statusCode": 429,
        "headers": { "retry-after": "5", "x-a": "lost" },
        "multiValueHeaders": { "X-A": ["1", "2"] },
        "body": "eyJhIjoxfQ==",
        "isBase64Encoded": true,
    }));
    assert_eq!((answer.status, answer.header("Retry-After")), (429, Some("5")));
    assert_eq!(answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-a")).count(), 2);
    assert_eq!(answer.json(), json!({ "a": 1 }));
    assert_eq!(buffered(&json!({ "statusCode": 200 })).body, b"");
}

#[test]
fn a_malformed_buffered_answer_is_a_502() {
    for answer in [
        json!("text"),
        json!({ "body": "x" }),
        json!({ "statusCode": "200" }),
        json!({ "statusCode": 99 }),
        json!({ "statusCode": 200, "body": { "a": 1 } }),
        json!({ "statusCode": 200, "headers": { "x": ["1"] } }),
        json!({ "statusCode": 200, "multiValueHeaders": { "x": "1" } }),
        json!({ "statusCode": 200, "body": "not base64", "isBase64Encoded": true }),
    ] {
        let refused = buffered(&answer);
        assert_eq!(
            (refused.status, refused.text().as_str()),
            (502, r#"{"message":"Internal server error"}"#),
            "{answer}"
        );
    }
    let stream = outcome("{\"statusCode\":200}\0\0\0\0\0\0\0\0x", Some(HTTP_STREAM));
    assert_eq!(GatewayAnswer::from_outcome(&stream, Mode::Buffered).status, 502);
}

#[test]
fn a_streamed_answer_is_metadata_and_then_the_body() {
    let metadata = r#"{"statusCode":200,"headers":{"content-type":"text/event-stream"},"cookies":["a=1"]}"#;
    let answer = streamed(&format!("{metadata}\0\0\0\0\0\0\0\0event: ping\n\n"));
    assert_eq!((answer.status, answer.text().as_str()), (200, "event: ping\n\n"));
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(answer.header("set-cookie"), Some("a=1"));
}

#[test]
fn a_malformed_stream_is_a_500() {
    let far = format!("{{\"statusCode\":200}}{}\0\0\0\0\0\0\0\0", " ".repeat(16 * 1024));
    for body in
        ["{\"statusCode\":200,\"body\":\"x\"}", "{}\0\0\0\0\0\0\0\0x", "{\"statusCode\":200}\0\0\0\0\0\0\0", &far]
    {
        assert_eq!(streamed(body).status, 500, "{body:?}");
    }
    let good = "{\"statusCode\":200}\0\0\0\0\0\0\0\0x";
    assert_eq!(streamed(good).status, 200);
    for content_type in [None, Some("application/octet-stream")] {
        let undeclared = outcome(good, content_type);
        assert_eq!(GatewayAnswer::from_outcome(&undeclared, Mode::Stream).status, 500);
    }
}

#[test]
fn no_answer_is_a_502_or_a_504() {
    let (request_id, error_type) = ("id".to_owned(), "E".to_owned());
    let failed = Failed { request_id: request_id.clone(), error_type, message: String::new(), raw: String::new() };
    for (outcome, status) in
        [(Outcome::Failed(failed), 502), (Outcome::TooLarge { request_id }, 502), (Outcome::TimedOut, 504)]
    {
        for mode in [Mode::Buffered, Mode::Stream] {
            assert_eq!(GatewayAnswer::from_outcome(&outcome, mode).status, status);
        }
    }
    let late = GatewayAnswer::from_outcome(&Outcome::TimedOut, Mode::Buffered);
    assert_eq!(late.json(), json!({ "message": "Endpoint request timed out" }));
}

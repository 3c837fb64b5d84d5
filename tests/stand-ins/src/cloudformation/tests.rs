//! The bucket takes what is signed for it, and CloudFormation hears what is said to it.

use super::*;

fn put(url: &str, headers: &[(&str, &str)]) -> Parts {
    let (_, path) = url.split_once(BUCKET).expect("the bucket");
    let mut request = Request::put(path).header("host", BUCKET).header("content-length", "2");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request").into_parts().0
}

fn url_of(request: &Value) -> String {
    request["ResponseURL"].as_str().expect("a URL").to_owned()
}

#[test]
fn a_url_is_good_as_it_is_and_not_otherwise() {
    let url = url_of(&request("Create", &json!({})));
    assert_eq!(refused(&put(&url, &[])), None);
    assert_eq!(refused(&put(&url, &[("content-type", "")])), None);
    assert_eq!(refused(&put(&url, &[("content-type", "application/json")])), Some(403));
    assert_eq!(refused(&put(&url, &[("authorization", "AWS4-HMAC-SHA256 …")])), Some(400));
    assert_eq!(refused(&put(&url.replace("%7C", "|"), &[])), Some(403));
    assert_eq!(refused(&put(&url.replace("7200", "7201"), &[])), Some(403));
    let mut parts = put(&url, &[]);
    parts.method = Method::POST;
    assert_eq!(refused(&parts), Some(403));
    let mut parts = put(&url, &[]);
    parts.headers.remove("content-length");
    assert_eq!(refused(&parts), Some(411));
    let mut parts = put(&url, &[]);
    parts.headers.insert("host", http::HeaderValue::from_static("trap.invalid"));
    assert_eq!(refused(&parts), Some(404));
}

#[test]
fn only_an_answer_to_this_very_request_is_heard() {
    let request = request("Update", &json!({}));
    let parts = put(&url_of(&request), &[]);
    let heard = |changes: Value| {
        let mut answer = json!({ "Status": "SUCCESS", "PhysicalResourceId": "here" });
        for name in ["StackId", "RequestId", "LogicalResourceId"] {
            answer[name] = request[name].clone();
        }
        for (name, value) in changes.as_object().expect("changes") {
            answer[name] = value.clone();
        }
        Heard::of(&parts, answer.to_string().as_bytes())
    };
    assert_eq!(heard(json!({})), Heard::Success("here".to_owned()));
    assert_eq!(heard(json!({ "Status": "FAILED", "Reason": "why" })), Heard::Failed("why".to_owned()));
    assert_eq!(heard(json!({ "Status": "FAILED" })), Heard::Nothing("it gives no reason"));
    assert_eq!(heard(json!({ "Status": "Success" })), Heard::Nothing("it has no status"));
    assert_eq!(heard(json!({ "RequestId": "other" })), Heard::Nothing("it answers another request"));
    assert_eq!(heard(json!({ "PhysicalResourceId": "" })), Heard::Nothing("it names no resource"));
    assert_eq!(heard(json!({ "Reason": "x".repeat(4096) })), Heard::Nothing("it is too long"));
    assert_eq!(Heard::of(&parts, b"SUCCESS"), Heard::Nothing("it is no JSON"));
}

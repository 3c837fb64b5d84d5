//! The usage plan lists its keys, to callers who sign for it in Tokyo, and says nothing else.

use super::*;
use crate::aws::signer::getting;

const PATH: &str = "/usageplans/a1b2c3/keys?limit=500";

fn asked(path: &str) -> Result<Page, &'static str> {
    page(&getting(path, API_GATEWAY.host, "ap-northeast-1/apigateway"), b"").map_err(|refusal| refusal.1)
}

#[test]
fn a_list_comes_in_pages() {
    assert_eq!(asked(PATH), Ok(Page { from: 0, limit: 500 }));
    assert_eq!(asked("/usageplans/a1b2c3/keys"), Ok(Page { from: 0, limit: 25 }));
    assert_eq!(asked("/usageplans/a1b2c3/keys?limit=2&position=from-2"), Ok(Page { from: 2, limit: 2 }));
    let keys: Vec<_> = ["a", "b", "c"].map(|id| (id.to_owned(), format!("value-{id}"))).into();
    let first = list(&keys, Page { from: 0, limit: 2 }, false);
    assert_eq!((first["item"].as_array().map(Vec::len), &first["position"]), (Some(2), &json!("from-2")));
    let last = list(&keys, Page { from: 2, limit: 2 }, false);
    assert_eq!((&last["item"][0]["id"], last.get("position")), (&json!("c"), None));
}

#[test]
fn nothing_else_is_told() {
    for path in ["/apikeys", "/usageplans", "/usageplans/other/keys", "/usageplans/a1b2c3/keys/k1"] {
        assert_eq!(asked(path), Err("AccessDeniedException"), "{path}");
    }
    for query in ["limit=501", "limit=0", "position=2", "includeValues=true", "limit"] {
        assert_eq!(asked(&format!("/usageplans/a1b2c3/keys?{query}")), Err("BadRequestException"), "{query}");
    }
    let refused = |parts: &Parts, body: &[u8]| page(parts, body).expect_err("a refusal").1;
    let bedrock = "bedrock.ap-northeast-1.amazonaws.com";
    assert_eq!(refused(&getting(PATH, bedrock, "ap-northeast-1/apigateway"), b""), "UnrecognizedClientException");
    assert_eq!(refused(&getting(PATH, API_GATEWAY.host, "ap-northeast-1/bedrock"), b""), "InvalidSignatureException");
    assert_eq!(
        refused(&getting(PATH, API_GATEWAY.host, "ap-northeast-1/apigateway"), b"{}"),
        "InvalidSignatureException"
    );
}

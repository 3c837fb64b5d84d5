//! What API Gateway hears: a policy for the stage that was asked for, and the key that the usage plan counts by.

use serde::Serialize;

/// Whom a denial is about: nobody, for no key was believed.
const NOBODY: &str = "nobody";

/// The answer of an authoriser. It shows nothing in its debug form, for it holds a key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    principal_id: String,
    policy_document: Document,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_identifier_key: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: &'static str,
    resource: String,
}

impl Policy {
    /// The client may call these methods, as the key with this ID; by its `key` the usage plan counts.
    #[must_use]
    pub fn allow(methods: String, key_id: String, key: String) -> Self {
        Self { usage_identifier_key: Some(key), ..Self::new(key_id, "Allow", methods) }
    }

    /// It may not. The template makes API Gateway say 401.
    #[must_use]
    pub fn deny(methods: String) -> Self {
        Self::new(NOBODY.to_owned(), "Deny", methods)
    }

    fn new(principal_id: String, effect: &'static str, resource: String) -> Self {
        let statement = Statement { action: "execute-api:Invoke", effect, resource };
        let policy_document = Document { version: "2012-10-17", statement: [statement] };
        Self { principal_id, policy_document, usage_identifier_key: None }
    }
}

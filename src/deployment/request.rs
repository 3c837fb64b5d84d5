//! What CloudFormation sends to a custom resource.

use crate::residency::{self, ResponseUrl};
use serde::Deserialize;
use std::borrow::Cow;

/// The resource's own ID, given at its creation and never changed: another one would be another resource.
const RESOURCE_ID: &str = "inference-profile-check";

/// A request whose answer can be sent.
#[derive(Debug)]
pub struct Request<'a> {
    fields: Fields<'a>,
    response_url: ResponseUrl,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields<'a> {
    #[serde(borrow)]
    request_type: Cow<'a, str>,
    #[serde(borrow, rename = "ResponseURL")]
    response_url: Cow<'a, str>,
    #[serde(borrow)]
    stack_id: Cow<'a, str>,
    #[serde(borrow)]
    request_id: Cow<'a, str>,
    #[serde(borrow)]
    logical_resource_id: Cow<'a, str>,
    #[serde(borrow, default)]
    physical_resource_id: Option<Cow<'a, str>>,
    #[serde(default)]
    resource_properties: serde_json::Value,
}

/// What CloudFormation wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The resource is made or changed: the profile is checked.
    CreateOrUpdate,
    /// It goes.
    Delete,
    /// Something that CloudFormation has never asked.
    Unknown,
}

impl<'a> Request<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// A sentence without a word of the URL, which is signed. Nobody can be answered then; the resource's time-out ends the wait.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let fields: Fields<'a> = serde_json::from_str(text).map_err(|error| format!("({error})"))?;
        let response_url = ResponseUrl::parse(&fields.response_url)
            .ok_or_else(|| format!("whose ResponseURL is not CloudFormation's own in {}", residency::REGION))?;
        Ok(Self { fields, response_url })
    }

    pub(super) fn kind(&self) -> Kind {
        match self.fields.request_type.as_ref() {
            "Create" | "Update" => Kind::CreateOrUpdate,
            "Delete" => Kind::Delete,
            _ => Kind::Unknown,
        }
    }

    pub(super) fn response_url(&self) -> &ResponseUrl {
        &self.response_url
    }

    pub(super) fn stack_id(&self) -> &str {
        &self.fields.stack_id
    }

    pub(super) fn request_id(&self) -> &str {
        &self.fields.request_id
    }

    pub(super) fn logical_resource_id(&self) -> &str {
        &self.fields.logical_resource_id
    }

    /// The ID under which CloudFormation knows the resource, or will.
    pub(super) fn resource_id(&self) -> &str {
        self.fields.physical_resource_id.as_deref().unwrap_or(RESOURCE_ID)
    }

    /// Whether the template means the profile and the model that this artifact is pinned to.
    pub(super) fn names_the_pin(&self) -> Result<(), String> {
        for (property, pinned) in [("Profile", residency::PROFILE_ID), ("Model", residency::MODEL_ID)] {
            match self.fields.resource_properties[property].as_str() {
                Some(named) if named == pinned => {}
                Some(_) => return Err(format!("{property} is not {pinned}, to which this artifact is pinned.")),
                None => return Err(format!("{property} is missing; this artifact is pinned to {pinned}.")),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn request(changes: &Value) -> Value {
        let mut request = json!({
            "RequestType": "Create",
            "ResponseURL": "https://cloudformation-custom-resource-response-apnortheast1.s3.ap-northeast-1.amazonaws.com/a?b=c",
            "StackId": "stack", "RequestId": "request", "LogicalResourceId": "ProfileCheck",
            "ResourceProperties": { "Profile": residency::PROFILE_ID, "Model": residency::MODEL_ID },
        });
        for (name, value) in changes.as_object().unwrap() {
            request[name] = value.clone();
        }
        request
    }

    fn of<T>(changes: &Value, ask: impl Fn(&Request<'_>) -> T) -> T {
        ask(&Request::parse(&request(changes).to_string()).unwrap())
    }

    #[test]
    fn a_deletion_needs_no_properties_and_no_known_resource() {
        let gone = json!({ "RequestType": "Delete", "ResourceProperties": null, "PhysicalResourceId": "of-old" });
        assert_eq!(of(&gone, |it| (it.kind(), it.resource_id().to_owned())), (Kind::Delete, "of-old".to_owned()));
        assert_eq!(of(&json!({}), |it| it.resource_id().to_owned()), RESOURCE_ID);
        assert_eq!(of(&json!({ "RequestType": "Import" }), |it| it.kind()), Kind::Unknown);
    }

    #[test]
    fn a_template_that_means_another_profile_is_told_so() {
        let named = |properties: Value| of(&json!({ "ResourceProperties": properties }), |it| it.names_the_pin());
        assert_eq!(of(&json!({}), |it| it.names_the_pin()), Ok(()));
        let global = format!("global.{}", residency::MODEL_ID);
        assert!(named(json!({ "Profile": global })).unwrap_err().starts_with("Profile is not jp."));
        assert!(named(json!({ "Profile": residency::PROFILE_ID })).unwrap_err().starts_with("Model is missing"));
        assert!(named(json!("text")).unwrap_err().starts_with("Profile is missing"));
    }

    #[test]
    fn a_url_of_somebody_else_is_refused_without_being_shown() {
        let text = request(&json!({ "ResponseURL": "https://trap.invalid/a?signature" })).to_string();
        let sentence = Request::parse(&text).unwrap_err();
        assert!(sentence.contains("ResponseURL") && !sentence.contains("trap"), "{sentence}");
        let text = request(&json!({ "StackId": 1 })).to_string();
        assert!(!Request::parse(&text).unwrap_err().contains("https://"));
    }
}

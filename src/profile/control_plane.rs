//! Bedrock's control plane in Tokyo: what it says of the profile and of its model. The only file that names its SDK.

use super::Lifecycle;
use crate::refusal::Refusal;
use crate::residency::{self, Passage, Profile};
use crate::wiring::Wiring;
use aws_sdk_bedrock::Client;

/// What was asked, as a refusal names it.
pub(super) const PROFILE: &str = "profile";
pub(super) const MODEL: &str = "model";

/// A client that can ask two questions.
#[derive(Debug)]
pub(super) struct ControlPlane(Client);

impl ControlPlane {
    /// Builds the client. It is used once a day, so it is not kept.
    pub(super) fn new(wiring: &Wiring) -> Self {
        Self(Client::new(&wiring.config(Passage::ControlPlane)))
    }

    /// What the pinned profile is.
    pub(super) async fn profile(&self) -> Result<Profile, Refusal> {
        let asking = self.0.get_inference_profile().inference_profile_identifier(residency::PROFILE_ID).send();
        let said = asking.await.map_err(|error| Refusal::new(PROFILE, Some(&error)))?;
        Ok(Profile {
            id: said.inference_profile_id,
            arn: said.inference_profile_arn,
            status: said.status.as_str().to_owned(),
            kind: said.r#type.as_str().to_owned(),
            models: said.models.into_iter().map(|model| model.model_arn.unwrap_or_default()).collect(),
        })
    }

    /// How long its model will be there.
    pub(super) async fn lifecycle(&self) -> Result<Lifecycle, Refusal> {
        let asking = self.0.get_foundation_model().model_identifier(residency::MODEL_ID).send();
        let said = asking.await.map_err(|error| Refusal::new(MODEL, Some(&error)))?;
        let lifecycle = said.model_details.and_then(|model| model.model_lifecycle);
        let lifecycle = lifecycle.ok_or_else(|| Refusal { service: MODEL, code: "NoLifecycle".to_owned() })?;
        Ok(Lifecycle {
            status: lifecycle.status.as_str().to_owned(),
            legacy: lifecycle.legacy_time.map(|time| time.secs()),
            end_of_life: lifecycle.end_of_life_time.map(|time| time.secs()),
        })
    }
}

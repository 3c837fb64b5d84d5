//! What AWS must say of the profile, so that the pin means Japan: Sonnet 4.5 in Tokyo and Osaka, and nothing else.

use super::evidence::OSAKA;
use super::{MODEL_ID, PROFILE_ID, REGION, is_profile_arn};

/// The profile as AWS describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its ID.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Whether it can be asked, such as `ACTIVE`.
    pub status: String,
    /// Who defined it: `SYSTEM_DEFINED` is AWS.
    pub kind: String,
    /// The ARNs of the models that it may ask.
    pub models: Vec<String>,
}

/// One thing in which a profile is not what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It has another ID or ARN, so it is another profile.
    Identity,
    /// It is not active.
    Status,
    /// It is not AWS's own.
    Kind,
    /// It does not ask exactly Sonnet 4.5 in Tokyo and in Osaka.
    Models,
}

impl Difference {
    /// Its name in the log line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Status => "status",
            Self::Kind => "type",
            Self::Models => "models",
        }
    }
}

impl Profile {
    /// In what it is not what it must be; empty if it is.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let checks = [
            (Difference::Identity, self.id == PROFILE_ID && is_profile_arn(&self.arn)),
            (Difference::Status, self.status == "ACTIVE"),
            (Difference::Kind, self.kind == "SYSTEM_DEFINED"),
            (Difference::Models, self.asks_japan_only()),
        ];
        checks.into_iter().filter(|(_, holds)| !holds).map(|(difference, _)| difference).collect()
    }

    /// One model fewer would be as wrong as one more: prompts would fail now and then.
    fn asks_japan_only(&self) -> bool {
        let mut models: Vec<&str> = self.models.iter().map(String::as_str).collect();
        models.sort_unstable();
        models == [REGION, OSAKA].map(|region| format!("arn:aws:bedrock:{region}::foundation-model/{MODEL_ID}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn model(region: &str, id: &str) -> String {
        format!("arn:aws:bedrock:{region}::foundation-model/{id}")
    }

    /// What AWS documents today.
    fn documented() -> Profile {
        Profile {
            id: PROFILE_ID.to_owned(),
            arn: format!("arn:aws:bedrock:{REGION}:123456789012:inference-profile/{PROFILE_ID}"),
            status: "ACTIVE".to_owned(),
            kind: "SYSTEM_DEFINED".to_owned(),
            models: vec![model(OSAKA, MODEL_ID), model(REGION, MODEL_ID)],
        }
    }

    #[test]
    fn the_documented_profile_is_what_it_must_be() {
        assert_eq!(documented().differences(), []);
    }

    #[test]
    fn each_difference_has_its_name() {
        let arn = documented().arn;
        for (profile, difference) in [
            (Profile { id: format!("global.{MODEL_ID}"), ..documented() }, Difference::Identity),
            (Profile { arn: arn.replace("/jp.", "/global."), ..documented() }, Difference::Identity),
            (Profile { arn: arn.replace(REGION, OSAKA), ..documented() }, Difference::Identity),
            (Profile { status: "LEGACY".to_owned(), ..documented() }, Difference::Status),
            (Profile { kind: "APPLICATION".to_owned(), ..documented() }, Difference::Kind),
            (Profile { models: Vec::new(), ..documented() }, Difference::Models),
            (Profile { models: vec![model(REGION, MODEL_ID)], ..documented() }, Difference::Models),
            (Profile { models: vec![model(REGION, MODEL_ID); 2], ..documented() }, Difference::Models),
        ] {
            assert_eq!(profile.differences(), [difference], "{profile:?}");
        }
        let all = ["identity", "status", "type", "models"];
        assert_eq!(Profile::default().differences().into_iter().map(Difference::name).collect::<Vec<_>>(), all);
    }

    proptest! {
        #[test]
        fn one_more_model_is_a_difference(region in "[a-z]{2}-[a-z]{4,9}-[1-9]", id in prop_oneof![Just(MODEL_ID.to_owned()), "[a-z0-9.:-]{1,40}"]) {
            let mut profile = documented();
            profile.models.push(model(&region, &id));
            prop_assert_eq!(profile.differences(), [Difference::Models]);
        }

        #[test]
        fn another_model_in_place_of_one_is_a_difference(place in 0_usize..2, other in "\\PC{0,80}") {
            let mut profile = documented();
            prop_assume!(!profile.models.contains(&other));
            profile.models[place] = other;
            prop_assert_eq!(profile.differences(), [Difference::Models]);
        }
    }
}

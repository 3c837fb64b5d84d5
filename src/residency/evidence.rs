//! What a record of CloudTrail can tell of where a call ran: Japan's two Regions, where a model answers, whose record it is.

use super::REGION;

/// Osaka, where the profile may answer too.
pub(super) const OSAKA: &str = "ap-northeast-3";

/// What CloudTrail calls Bedrock's own service. It writes the first; the second is the name of the endpoint.
const EVENT_SOURCES: [&str; 2] = ["bedrock.amazonaws.com", "bedrock-runtime.amazonaws.com"];

/// A Region in Japan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The Region that the function calls.
    Tokyo,
    /// The other one in which the profile may answer.
    Osaka,
}

impl Place {
    /// The place of a Region; `None` if it is not in Japan.
    #[must_use]
    pub fn of(region: &str) -> Option<Self> {
        match region {
            REGION => Some(Self::Tokyo),
            OSAKA => Some(Self::Osaka),
            _ => None,
        }
    }

    /// The name of its city.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokyo => "Tokyo",
            Self::Osaka => "Osaka",
        }
    }
}

/// Where that which a call named can answer, if it was called in Japan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In Japan only: a JP profile, or a bare model, which answers in the Region that is called.
    Japan,
    /// In other countries too.
    Abroad,
    /// The name does not tell: an application inference profile, a prompt, a router, an endpoint.
    Unknown,
}

impl Reach {
    /// Where the model or the profile with this ID or ARN can answer.
    #[must_use]
    pub fn of(model: &str) -> Self {
        model.strip_prefix("arn:").map_or_else(|| Self::of_id(model), Self::of_arn)
    }

    fn of_arn(arn: &str) -> Self {
        let parts: Vec<&str> = arn.splitn(5, ':').collect();
        let [_, "bedrock", region, _, resource] = parts[..] else {
            return Self::Unknown;
        };
        // IAM writes global inference as an ARN without a Region.
        if Place::of(region).is_none() {
            return Self::Abroad;
        }
        match resource.split_once('/') {
            Some(("inference-profile" | "foundation-model", id)) => Self::of_id(id),
            Some(_) | None => Self::Unknown,
        }
    }

    fn of_id(id: &str) -> Self {
        match id.split_once('.') {
            Some((first, rest)) if !is_name(first) || rest.is_empty() => Self::Unknown,
            Some(("jp", _)) => Self::Japan,
            Some((first, _)) if is_geography(first) => Self::Abroad,
            Some(_) => Self::Japan,
            None => Self::Unknown,
        }
    }
}

/// Whether it can be the first part of an ID at all.
fn is_name(first: &str) -> bool {
    !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether the first part of an ID is the geography of a profile, and not the maker of a model: a country's two letters
/// (a hyphen and more may follow, as in `us-gov`), or one of the names for more than a country.
fn is_geography(first: &str) -> bool {
    first.len() == 2 || first.contains('-') || ["global", "apac"].iter().any(|it| it.eq_ignore_ascii_case(first))
}

/// Whether a record with this `eventSource` is one of Bedrock itself.
#[must_use]
pub fn is_bedrock(event_source: &str) -> bool {
    EVENT_SOURCES.contains(&event_source)
}

#[cfg(test)]
mod tests {
    use super::super::{MODEL_ID, PROFILE_ID};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn japan_has_two_regions() {
        assert_eq!((Place::of(REGION), Place::of(OSAKA)), (Some(Place::Tokyo), Some(Place::Osaka)));
        for other in ["", "ap-northeast-2", "ap-northeast-1 ", "AP-NORTHEAST-1", "us-east-1", "Tokyo"] {
            assert_eq!(Place::of(other), None, "{other}");
        }
    }

    #[test]
    fn a_jp_profile_and_a_bare_model_answer_in_japan() {
        let arn = |region: &str, resource: &str| format!("arn:aws:bedrock:{region}:123456789012:{resource}");
        for model in [
            PROFILE_ID.to_owned(),
            MODEL_ID.to_owned(),
            "amazon.nova-lite-v1:0".to_owned(),
            "zai.glm-4.7".to_owned(),
            arn(REGION, &format!("inference-profile/{PROFILE_ID}")),
            arn(OSAKA, &format!("inference-profile/{PROFILE_ID}")),
            format!("arn:aws:bedrock:{OSAKA}::foundation-model/{MODEL_ID}"),
        ] {
            assert_eq!(Reach::of(&model), Reach::Japan, "{model}");
        }
    }

    #[test]
    fn every_other_geography_is_abroad() {
        for geography in ["global", "GLOBAL", "us", "eu", "au", "apac", "ca", "us-gov", "kr"] {
            let id = format!("{geography}.{MODEL_ID}");
            assert_eq!(Reach::of(&id), Reach::Abroad, "{id}");
            let arn = format!("arn:aws:bedrock:{REGION}:123456789012:inference-profile/{id}");
            assert_eq!(Reach::of(&arn), Reach::Abroad, "{arn}");
        }
        for region in ["us-east-1", "ap-northeast-2", ""] {
            let arn = format!("arn:aws:bedrock:{region}::foundation-model/{MODEL_ID}");
            assert_eq!(Reach::of(&arn), Reach::Abroad, "{arn}");
        }
    }

    #[test]
    fn what_hides_its_model_is_unknown() {
        for resource in ["application-inference-profile/ab12", "prompt/AB12", "default-prompt-router/x:1", "x", ""] {
            let arn = format!("arn:aws:bedrock:{REGION}:123456789012:{resource}");
            assert_eq!(Reach::of(&arn), Reach::Unknown, "{arn}");
        }
        let endpoint = "arn:aws:sagemaker:ap-northeast-1:123456789012:endpoint/x";
        for model in ["", ".", "jp.", "ab12cd34", "arn:", "arn%3Aaws%3Abedrock%3Aap-northeast-1.x", endpoint] {
            assert_eq!(Reach::of(model), Reach::Unknown, "{model}");
        }
    }

    proptest! {
        #[test]
        fn no_other_region_is_in_japan(region in "[a-z]{2}-[a-z]{4,9}-[0-9]") {
            prop_assume!(region != REGION && region != OSAKA);
            prop_assert_eq!(Place::of(&region), None);
            let arn = format!("arn:aws:bedrock:{region}:123456789012:inference-profile/{PROFILE_ID}");
            prop_assert_eq!(Reach::of(&arn), Reach::Abroad);
        }
    }
}

//! The pin: the one Region, host, profile and model, and the guard that lets no other request leave.
//!
//! This is the only file that spells them. Nothing here reads the environment, an event or a file, so nothing that
//! an operator or a caller writes can change where a prompt goes.

mod evidence;
mod guard;
mod outlets;
mod profile;
mod response_url;
mod roots;

pub use evidence::{Place, Reach, is_bedrock};
pub use guard::{Counting, Passage, guarded, guarded_answer, https};
pub use outlets::{QueueUrl, Table};
pub use profile::{Difference, Profile};
pub use response_url::ResponseUrl;

/// Tokyo, the only Region that the function runs in and calls.
pub const REGION: &str = "ap-northeast-1";

/// The JP inference profile: inference in Tokyo or Osaka, nowhere else.
pub const PROFILE_ID: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The foundation model behind the profile. It cannot be called without a profile in Japan.
pub const MODEL_ID: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The model's dated name in Anthropic's own API, which answers and model lists show to clients.
pub const MODEL_NAME: &str = "claude-sonnet-4-5-20250929";

/// The names under which a caller may ask for the model; the profile's ARN is the one more, see [`names_the_model`].
pub const MODEL_NAMES: [&str; 4] = ["claude-sonnet-4-5", MODEL_NAME, MODEL_ID, PROFILE_ID];

/// The hosts in Tokyo that may be asked: for answers, for delivering them, and for remembering them.
const BEDROCK_HOST: &str = "bedrock-runtime.ap-northeast-1.amazonaws.com";
const SQS_HOST: &str = "sqs.ap-northeast-1.amazonaws.com";
const DYNAMODB_HOST: &str = "dynamodb.ap-northeast-1.amazonaws.com";

/// The host in Tokyo that says what the profile is. No prompt goes there.
const CONTROL_PLANE_HOST: &str = "bedrock.ap-northeast-1.amazonaws.com";

/// The host in Tokyo that lists the keys of a usage plan. No prompt goes there.
const API_GATEWAY_HOST: &str = "apigateway.ap-northeast-1.amazonaws.com";

/// Whether a request's `model` names the one model: by name, by Bedrock's ID, by the profile's ID or by its ARN.
#[must_use]
pub fn names_the_model(name: &str) -> bool {
    MODEL_NAMES.contains(&name) || is_profile_arn(name)
}

fn is_profile_arn(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts[..] else {
        return false;
    };
    (arn, partition, service, region) == ("arn", "aws", "bedrock", REGION)
        && account.len() == 12
        && account.bytes().all(|digit| digit.is_ascii_digit())
        && resource.strip_prefix("inference-profile/") == Some(PROFILE_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_constant_is_tokyos_and_the_profile_japans() {
        let hosts = [BEDROCK_HOST, SQS_HOST, DYNAMODB_HOST, CONTROL_PLANE_HOST, API_GATEWAY_HOST];
        assert!(hosts.iter().all(|host| host.contains(REGION)));
        assert!(PROFILE_ID.ends_with(MODEL_ID) && PROFILE_ID.starts_with("jp."));
    }

    #[test]
    fn the_model_is_known_by_its_own_names_only() {
        let arn = format!("arn:aws:bedrock:{REGION}:123456789012:inference-profile/{PROFILE_ID}");
        assert!(MODEL_NAMES.iter().all(|name| names_the_model(name)));
        assert!(names_the_model(&arn));
        for other in [
            String::new(),
            format!("global.{MODEL_ID}"),
            format!("us.{MODEL_ID}"),
            arn.replace("/jp.", "/global."),
            arn.replace(REGION, "us-east-1"),
            arn.replace("123456789012", "12345678901x"),
            arn.replace("inference-profile", "application-inference-profile"),
            "claude-opus-4-5".to_owned(),
            "Claude-Sonnet-4-5".to_owned(),
        ] {
            assert!(!names_the_model(&other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_other_name_is_the_model(name in "[a-z0-9.:/-]{0,90}") {
            prop_assume!(!MODEL_NAMES.contains(&name.as_str()));
            prop_assert!(!names_the_model(&name));
        }
    }
}

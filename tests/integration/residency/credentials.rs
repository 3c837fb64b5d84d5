//! Who is asked for credentials where the environment holds no keys, which Lambda never lets happen. Whoever it is decides who
//! pays, and hears no word of a prompt; where the prompt then goes is decided already.

use super::child::{self, tell};
use super::inside::Inside;
use super::judge::judge;
use super::trap::{Environment, Trap};
use crate::stage::{Stage, event};

/// STS in Tokyo.
const STS: &str = "https://sts.ap-northeast-1.amazonaws.com/";

/// Where an instance finds its credentials, in three steps.
const INSTANCE: [&str; 3] = [
    "/latest/api/token",
    "/latest/meta-data/iam/security-credentials/",
    "/latest/meta-data/iam/security-credentials/role",
];

/// Who is asked first, for variables whose `{url}` and `{folder}` are the trap's.
async fn asked(trap: &Trap, variables: &[(&str, &str)]) -> Vec<String> {
    let filled = |text: &str| text.replace("{url}", &trap.url).replace("{folder}", trap.folder.to_str().unwrap());
    let environment: Environment = variables.iter().map(|(name, value)| ((*name).to_owned(), filled(value))).collect();
    let told = child::run("residency::credentials::asking_without_keys", &environment).await;
    told.into_iter().map(|uri| uri.replace(&trap.url, "{url}")).collect()
}

const WEB_IDENTITY: [(&str, &str); 2] =
    [("AWS_WEB_IDENTITY_TOKEN_FILE", "{folder}/token"), ("AWS_ROLE_ARN", "arn:aws:iam::210987654321:role/trap")];

#[tokio::test]
async fn without_keys_a_web_identity_is_shown_to_sts() {
    let trap = Trap::set().await;
    let with = |more: &[(&'static str, &'static str)]| [&WEB_IDENTITY[..], more].concat();
    assert_eq!(asked(&trap, &with(&[])).await, [STS]);
    for (name, value) in [
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "{url}"),
    ] {
        assert_eq!(asked(&trap, &with(&[(name, value)])).await, [STS], "{name}");
    }
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
        assert_eq!(asked(&trap, &with(&[(name, "{url}")])).await, ["{url}/"], "{name}");
    }
    let partitions = with(&[("SMITHY_CLIENT_SDK_CUSTOM_PARTITION", "{folder}/partitions.json")]);
    assert_eq!(asked(&trap, &partitions).await, ["https://sts.ap-northeast-1.trap.invalid/"]);
}

#[tokio::test]
async fn without_keys_containers_and_instances_are_asked() {
    let trap = Trap::set().await;
    let full =
        [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/credentials"), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "trap")];
    assert_eq!(asked(&trap, &full).await, ["{url}/credentials"]);
    let relative = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/credentials")];
    assert_eq!(asked(&trap, &relative).await, ["http://169.254.170.2/credentials"]);
    assert_eq!(asked(&trap, &[]).await, INSTANCE.map(|path| format!("http://169.254.169.254{path}")));
    let instance = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}")];
    assert_eq!(asked(&trap, &instance).await, INSTANCE.map(|path| format!("{{url}}{path}")));
}

#[tokio::test]
async fn without_keys_a_profile_is_followed() {
    let trap = Trap::set().await;
    let keys = "aws_access_key_id = ASIATRAP\naws_secret_access_key = trap\n";
    let role = "role_arn = arn:aws:iam::210987654321:role/trap\nsource_profile = other\n";
    let moving = "region = us-east-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n";
    let other = format!("[profile other]\n{keys}");
    let nobody: [&str; 0] = [];
    for (profile, expected) in [
        (format!("{keys}{moving}endpoint_url = {{url}}\n"), &nobody[..]),
        (format!("{role}{moving}"), &[STS]),
        (format!("{role}{moving}endpoint_url = {}\n", trap.url), &["{url}/"]),
    ] {
        std::fs::write(trap.folder.join("alone"), format!("[default]\n{profile}{other}")).unwrap();
        assert_eq!(asked(&trap, &[("AWS_CONFIG_FILE", "{folder}/alone")]).await, expected, "{profile}");
    }
    assert_eq!(trap.marks(), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
#[ignore = "the tests above start it, each with an environment of its own"]
async fn asking_without_keys() {
    let mut sent = Inside::with(&[]).handle(&event("http-messages")).await;
    let prompt = sent.pop().unwrap();
    judge(&prompt, &[]).unwrap();
    for asked in &sent {
        let text = format!("{:?}{}", asked.headers, String::from_utf8_lossy(&asked.body));
        assert!(!text.contains("messages") && !text.contains("日本"), "{text}");
        tell(&asked.uri);
    }
}

#[tokio::test]
async fn without_credentials_the_prompt_fails_and_says_why() {
    let stage = Stage::with(&[
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_SESSION_TOKEN", ""),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("HOME", "/nonexistent"),
    ])
    .await;
    let answer = stage.http(event("http-messages")).await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert_eq!(stage.prompt_lines(1).await[0]["error.label"], "credentials");
    assert!(stage.bedrock.calls().is_empty());
}

//! Where the SDK sends its calls, and what the door says to those for another place or of another caller.

use aws_types::endpoint_config::AccountIdEndpointMode;

use super::*;

const ARN: &str = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/answers";

/// The host that a read of this table goes to, and what came of it.
async fn host(tokyo: &Tokyo, table: &str) -> (String, String) {
    let get = tokyo.client.get_item().table_name(table).key("id", s("a")).send().await;
    let call = tokyo.dynamodb.calls().pop();
    (call.map(|call| call.host).unwrap_or_default(), code(&get).to_owned())
}

fn of_an_account(config: Builder) -> Builder {
    let credentials = Credentials::builder()
        .access_key_id(TEST_ACCESS_KEY_ID)
        .secret_access_key(TEST_SECRET_ACCESS_KEY)
        .session_token(TEST_SESSION_TOKEN)
        .account_id("123456789012")
        .provider_name("test");
    config.credentials_provider(credentials.build())
}

#[tokio::test]
async fn the_sdk_prefers_the_accounts_own_endpoint_unless_it_is_told_not_to() {
    let account = "123456789012.ddb.ap-northeast-1.amazonaws.com";
    for (tokyo, table) in [(Tokyo::start().await, ARN), (Tokyo::with(of_an_account).await, TABLE)] {
        assert_eq!(host(&tokyo, table).await, (account.to_owned(), "UnrecognizedClientException".to_owned()));
        assert!(tokyo.dynamodb.everything_was_pinned().expect_err("astray").contains(account));
    }
    let disabled = |config: Builder| of_an_account(config).account_id_endpoint_mode(AccountIdEndpointMode::Disabled);
    let pinned = |config: Builder| of_an_account(config).endpoint_url(format!("https://{}", door::TOKYO));
    for tokyo in [Tokyo::with(disabled).await, Tokyo::with(pinned).await, Tokyo::start().await] {
        assert_eq!(host(&tokyo, TABLE).await, (door::TOKYO.to_owned(), String::new()));
        assert_eq!(tokyo.dynamodb.everything_was_pinned(), Ok(()));
    }
    for tokyo in [Tokyo::with(disabled).await, Tokyo::with(pinned).await] {
        assert_eq!(host(&tokyo, ARN).await, (door::TOKYO.to_owned(), String::new()));
        assert_eq!(tokyo.dynamodb.everything_was_pinned(), Ok(()));
    }
}

#[tokio::test]
async fn a_table_elsewhere_is_no_table_here_and_reported() {
    let tokyo = Tokyo::with(|config| config.endpoint_url(format!("https://{}", door::TOKYO))).await;
    let (_, code) = host(&tokyo, "arn:aws:dynamodb:ap-northeast-3:123456789012:table/answers").await;
    assert_eq!(code, "ResourceNotFoundException");
    assert!(tokyo.dynamodb.everything_was_pinned().expect_err("astray").contains("ap-northeast-3"));
}

#[tokio::test]
async fn another_region_or_secret_is_refused() {
    let osaka = Tokyo::with(|config| config.region(Region::new("ap-northeast-3"))).await;
    let (seen, code) = host(&osaka, TABLE).await;
    assert_eq!(
        (seen.as_str(), code.as_str()),
        ("dynamodb.ap-northeast-3.amazonaws.com", "UnrecognizedClientException")
    );
    let osaka = Tokyo::with(|config| {
        config.region(Region::new("ap-northeast-3")).endpoint_url(format!("https://{}", door::TOKYO))
    })
    .await;
    assert_eq!(host(&osaka, TABLE).await.1, "InvalidSignatureException");
    assert!(osaka.dynamodb.everything_was_pinned().expect_err("astray").contains("not signed"));
    let token = Some(TEST_SESSION_TOKEN.to_owned());
    let wrong = Credentials::new(TEST_ACCESS_KEY_ID, "another", token, None, "test");
    let stranger = Tokyo::with(|config| config.credentials_provider(wrong.clone())).await;
    assert_eq!(host(&stranger, TABLE).await.1, "InvalidSignatureException");
}

//! The stand-in as the function meets it: through the real SDK, the real signer and a real socket.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::{Client, Config};
use serde_json::json;

use super::*;
use crate::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, TEST_SESSION_TOKEN, transport};

const TABLE: &str = "answers";

/// A stand-in with a table, and an SDK client that reaches it, in the way of the function's own.
struct Tokyo {
    dynamodb: DynamoDb,
    client: Client,
}

impl Tokyo {
    async fn start() -> Self {
        Self::with(|config| config).await
    }

    async fn with(change: impl Fn(Builder) -> Builder) -> Self {
        let dynamodb = DynamoDb::start().await.expect("a free port");
        dynamodb.create(TABLE, "id");
        let secret = (TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, Some(TEST_SESSION_TOKEN.to_owned()));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .credentials_provider(Credentials::new(secret.0, secret.1, secret.2, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(transport::loopback(dynamodb.address()));
        Self { client: Client::from_conf(change(config).build()), dynamodb }
    }

    /// Begins the record of `id`, unless it has been begun.
    fn begin(&self, id: &str, owner: &str) -> PutItemFluentBuilder {
        let put = self.client.put_item().table_name(TABLE).item("id", s(id)).item("owner", s(owner));
        put.condition_expression("attribute_not_exists(id)")
    }

    async fn read(&self, id: &str) -> Option<HashMap<String, AttributeValue>> {
        let get = self.client.get_item().table_name(TABLE).key("id", s(id)).consistent_read(true);
        get.send().await.expect("an answer").item
    }
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn code<T, E: ProvideErrorMetadata>(answered: &Result<T, SdkError<E>>) -> &str {
    answered.as_ref().err().and_then(ProvideErrorMetadata::code).unwrap_or_default()
}

fn message<T, E: ProvideErrorMetadata>(answered: &Result<T, SdkError<E>>) -> &str {
    answered.as_ref().err().and_then(ProvideErrorMetadata::message).unwrap_or_default()
}

mod addresses;
mod faults;
mod leases;
mod rules;

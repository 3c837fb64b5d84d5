//! The stream read with the bare SDK, in this process: what a Lambda function would do without kokunai, and no less.

use crate::figures::Reading;
use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_sdk_bedrockruntime::config::Region;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::ResponseStream;
use serde_json::json;
use stand_ins::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, TEST_SESSION_TOKEN, transport};
use std::net::SocketAddr;
use std::time::Instant;

/// How every text delta begins.
const DELTA: &[u8] = br#"{"type":"content_block_delta""#;

pub(crate) struct Client(aws_sdk_bedrockruntime::Client);

impl Client {
    pub(crate) fn new(bedrock: SocketAddr) -> Self {
        let token = Some(TEST_SESSION_TOKEN.to_owned());
        let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, token, None, "bench");
        let config = aws_sdk_bedrockruntime::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(kokunai::residency::REGION))
            .credentials_provider(credentials)
            .http_client(transport::loopback(bedrock))
            .build();
        Self(aws_sdk_bedrockruntime::Client::from_conf(config))
    }

    /// Reads the stream that this prompt asks for.
    pub(crate) async fn read(&self, prompt: &str) -> Reading {
        let messages = json!([{ "role": "user", "content": prompt }]);
        let body = json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": 1000, "messages": messages });
        let call = self.0.invoke_model_with_response_stream().model_id(kokunai::residency::PROFILE_ID);
        let call = call.content_type("application/json").body(Blob::new(body.to_string()));
        let mut events = call.send().await.expect("a stream").body;
        let (mut first, mut deltas) = (None, 0);
        while let Some(event) = events.recv().await.expect("an event") {
            first.get_or_insert_with(Instant::now);
            let bytes = if let ResponseStream::Chunk(part) = event { part.bytes } else { None };
            deltas += usize::from(bytes.is_some_and(|it| it.as_ref().starts_with(DELTA)));
        }
        Reading { first: first.expect("a first event"), last: Instant::now(), deltas }
    }
}

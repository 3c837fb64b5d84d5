//! The least code that asks Bedrock with the SDK: the body of the event goes out, and what comes back is given back.

#![expect(
    clippy::disallowed_methods,
    reason = "this is how an SDK's user would write it; only the production function has an environment to mistrust"
)]

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::ResponseStream;
use lambda_runtime::streaming::{self, Response};
use lambda_runtime::{Error, LambdaEvent, MetadataPrelude, Runtime, service_fn};
use serde_json::{Value, json};

const MODEL: &str = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let transport = peers_contenders::transport()?;
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(transport).load().await;
    let client = Client::new(&config);
    if std::env::var("RESPONSE_MODE").is_ok_and(|mode| mode == "stream") {
        return Runtime::new(service_fn(move |event| stream(client.clone(), event))).run_concurrent().await;
    }
    Runtime::new(service_fn(move |event| whole(client.clone(), event))).run_concurrent().await
}

async fn whole(client: Client, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let call = client.invoke_model().model_id(MODEL).content_type("application/json");
    let answer = call.body(request(&event.payload)?).send().await?;
    let headers = json!({ "content-type": "application/json" });
    Ok(json!({ "statusCode": 200, "headers": headers, "body": String::from_utf8(answer.body.into_inner())? }))
}

async fn stream(client: Client, event: LambdaEvent<Value>) -> Result<Response<streaming::Body>, Error> {
    let call = client.invoke_model_with_response_stream().model_id(MODEL).content_type("application/json");
    let mut events = call.body(request(&event.payload)?).send().await?.body;
    let (mut sender, body) = streaming::channel();
    tokio::spawn(async move {
        while let Ok(Some(ResponseStream::Chunk(part))) = events.recv().await {
            let bytes = part.bytes.map(Blob::into_inner).unwrap_or_default();
            if sender.send_data(bytes.into()).await.is_err() {
                break;
            }
        }
    });
    Ok(Response { metadata_prelude: MetadataPrelude::default(), stream: body })
}

/// The body of API Gateway's event, as Bedrock wants it.
fn request(event: &Value) -> Result<Blob, Error> {
    let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap_or_default())?;
    if let Some(body) = body.as_object_mut() {
        // Both stand in the address of the call.
        body.remove("model");
        body.remove("stream");
        body.insert("anthropic_version".to_owned(), "bedrock-2023-05-31".into());
    }
    Ok(Blob::new(body.to_string()))
}

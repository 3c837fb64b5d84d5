//! A queue fails as the test asks, and only the operation that it names.

use super::*;

async fn sent(tokyo: &Tokyo) -> Result<(), String> {
    let call = tokyo.client.send_message().queue_url(&tokyo.url).message_body("x");
    call.send().await.map(drop).map_err(|error| described(&error))
}

#[tokio::test]
async fn every_fault_arrives_as_the_error_it_names() {
    let tokyo = Tokyo::start("results", QueueSettings::default()).await;
    for (fault, status, words) in [
        (Fault::Gone, 400, "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist."),
        (Fault::Denied, 403, "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/kokunai/kokunai"),
        (Fault::Throttled, 403, "RequestThrottled: Request is throttled."),
        (Fault::Unavailable(500), 500, "InternalFailure: We encountered an internal error."),
        (Fault::Unavailable(503), 503, "ServiceUnavailable: Service is unavailable"),
    ] {
        tokyo.sqs.fail("results", Operation::SendMessage, fault, Times::First(1));
        let refused = sent(&tokyo).await.expect_err(words);
        assert!(refused.starts_with(words), "{refused}");
        assert_eq!(tokyo.sqs.calls().last().and_then(|call| call.status), Some(status));
    }
    assert_eq!(sent(&tokyo).await, Ok(()));
    assert_eq!(tokyo.sqs.messages("results").len(), 1);
}

#[tokio::test]
async fn a_fault_holds_for_one_operation_until_it_is_healed() {
    let tokyo = Tokyo::start("results", QueueSettings::default()).await;
    tokyo.sqs.fail("results", Operation::SendMessage, Fault::Denied, Times::Always);
    for _ in 0..3 {
        assert!(sent(&tokyo).await.expect_err("denied").contains("sqs:sendmessage on resource: arn:aws:sqs:"));
    }
    assert!(tokyo.receive().await.is_empty());
    tokyo.sqs.heal("results", Operation::SendMessage);
    assert_eq!(sent(&tokyo).await, Ok(()));
}

#[tokio::test]
async fn a_call_can_stall_or_lose_its_connection() {
    let tokyo = Tokyo::start("results", QueueSettings::default()).await;
    tokyo.sqs.fail("results", Operation::SendMessage, Fault::Stall, Times::First(1));
    assert!(tokio::time::timeout(Duration::from_millis(200), sent(&tokyo)).await.is_err());
    tokyo.sqs.fail("results", Operation::SendMessage, Fault::Drop, Times::First(1));
    assert!(sent(&tokyo).await.is_err());
    assert!(tokyo.sqs.calls().iter().all(|call| call.status.is_none()));
    assert_eq!((sent(&tokyo).await, tokyo.sqs.messages("results").len()), (Ok(()), 1));
}

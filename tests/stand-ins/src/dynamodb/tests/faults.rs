//! What a test can have go wrong, as the SDK reads it.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn every_fault_arrives_as_the_error_that_it_is() {
    let tokyo = Tokyo::start().await;
    let faults = [
        (Fault::Gone, "ResourceNotFoundException", 400),
        (Fault::Denied, "AccessDeniedException", 400),
        (Fault::Throttled, "ThrottlingException", 400),
        (Fault::Unavailable, "ServiceUnavailableException", 503),
    ];
    for (fault, error_type, status) in faults {
        tokyo.dynamodb.fail(Operation::PutItem, fault, 1);
        let put = tokyo.begin("a", "me").send().await;
        assert_eq!(code(&put), error_type);
        assert_eq!(put.expect_err("a fault").raw_response().map(|raw| raw.status().as_u16()), Some(status));
    }
    let call = tokyo.dynamodb.calls().pop().expect("a call");
    assert_eq!((call.operation, call.status), (Some(Operation::PutItem), Some(503)));
    assert!(tokyo.dynamodb.items(TABLE).is_empty());
    tokyo.begin("a", "me").send().await.expect("no fault is left");
}

#[tokio::test]
async fn a_fault_meets_only_its_operation_and_only_so_often() {
    let tokyo = Tokyo::start().await;
    tokyo.dynamodb.fail(Operation::GetItem, Fault::Denied, 2);
    tokyo.dynamodb.fail(Operation::GetItem, Fault::Gone, 1);
    tokyo.begin("a", "me").send().await.expect("written");
    let mut codes = Vec::new();
    for _ in 0..4 {
        let get = tokyo.client.get_item().table_name(TABLE).key("id", s("a")).send().await;
        codes.push(code(&get).to_owned());
    }
    assert_eq!(codes, ["AccessDeniedException", "AccessDeniedException", "ResourceNotFoundException", ""]);
}

#[tokio::test]
async fn a_throttle_and_an_outage_are_retried_by_the_sdk() {
    let fast = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let tokyo = Tokyo::with(|config| config.retry_config(fast.clone())).await;
    tokyo.dynamodb.fail(Operation::PutItem, Fault::Throttled, 1);
    tokyo.dynamodb.fail(Operation::PutItem, Fault::Unavailable, 1);
    tokyo.begin("a", "me").send().await.expect("written at last");
    assert_eq!(tokyo.dynamodb.calls().len(), 3);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_meets_itself() {
    let fast = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let tokyo = Tokyo::with(|config| config.retry_config(fast.clone())).await;
    tokyo.dynamodb.fail(Operation::PutItem, Fault::Lost, 1);
    let put = tokyo.begin("a", "me").send().await;
    assert_eq!(code(&put), "ConditionalCheckFailedException");
    assert_eq!(tokyo.dynamodb.items(TABLE)[0]["owner"]["S"], "me");
    let statuses: Vec<Option<u16>> = tokyo.dynamodb.calls().iter().map(|call| call.status).collect();
    assert_eq!(statuses, [None, Some(400)]);
}

#[tokio::test]
async fn a_dropped_connection_and_a_stall_write_nothing() {
    let limit = TimeoutConfig::builder().operation_timeout(Duration::from_millis(200)).build();
    let tokyo = Tokyo::with(|config| config.timeout_config(limit.clone())).await;
    tokyo.dynamodb.fail(Operation::PutItem, Fault::Drop, 1);
    tokyo.dynamodb.fail(Operation::PutItem, Fault::Stall, 1);
    let dropped = tokyo.begin("a", "me").send().await.expect_err("a drop");
    assert!(matches!(dropped, SdkError::DispatchFailure(_)), "{dropped:?}");
    let began = Instant::now();
    let stalled = tokyo.begin("a", "me").send().await.expect_err("a stall");
    assert!(matches!(stalled, SdkError::TimeoutError(_)), "{stalled:?}");
    assert!(began.elapsed() >= Duration::from_millis(200));
    assert!(tokyo.dynamodb.items(TABLE).is_empty());
}

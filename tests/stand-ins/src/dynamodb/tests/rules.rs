//! What DynamoDB refuses whoever asks: items that are too large, keys that are none, expressions with mistakes in them.

use super::*;

#[tokio::test]
async fn an_item_of_exactly_the_limit_is_kept_and_one_byte_more_is_refused() {
    let tokyo = Tokyo::start().await;
    // The names `id` and `text` and the key `a` weigh seven bytes; a character of Japanese weighs three.
    let put = |text: &str| tokyo.client.put_item().table_name(TABLE).item("id", s("a")).item("text", s(text)).send();
    let fitting = "x".repeat(item::MAX_SIZE - 7);
    put(&fitting).await.expect("kept");
    let larger = format!("{fitting}x");
    let refused = put(&larger).await;
    assert_eq!(code(&refused), "ValidationException");
    assert_eq!(message(&refused), "Item size has exceeded the maximum allowed size");
    let japanese = "国".repeat((item::MAX_SIZE - 7) / 3);
    put(&japanese).await.expect("kept");
    assert_eq!(code(&put(&format!("{japanese}国")).await), "ValidationException");
    let update = tokyo.client.update_item().table_name(TABLE).key("id", s("a")).update_expression("SET more = :more");
    let refused = update.expression_attribute_values(":more", s(&fitting)).send().await;
    assert_eq!(message(&refused), "Item size to update has exceeded the maximum allowed size");
    assert_eq!(tokyo.dynamodb.items(TABLE)[0]["text"]["S"], json!(japanese));
}

#[tokio::test]
async fn a_key_is_there_alone_and_a_string_of_some_length() {
    let tokyo = Tokyo::start().await;
    let put = |id: Option<AttributeValue>| {
        tokyo
            .client
            .put_item()
            .table_name(TABLE)
            .set_item(Some(id.map(|id| ("id".to_owned(), id)).into_iter().collect()))
    };
    let cases = [
        (None, "Missing the key id in the item"),
        (Some(n(1)), "Type mismatch for key id expected: S actual: N"),
        (Some(s("")), "cannot contain an empty string value. Key: id"),
        (Some(s(&"x".repeat(2_049))), "maximum size limit of2048 bytes"),
    ];
    for (id, words) in cases {
        let refused = put(id).send().await;
        assert_eq!(code(&refused), "ValidationException");
        assert!(message(&refused).contains(words), "{}", message(&refused));
    }
    put(Some(s(&"x".repeat(2_048)))).send().await.expect("kept");
    for (name, value) in [("id", n(1)), ("other", s("a"))] {
        let refused = tokyo.client.get_item().table_name(TABLE).key(name, value).send().await;
        assert_eq!(message(&refused), "The provided key element does not match the schema");
    }
    let update = tokyo.client.update_item().table_name(TABLE).key("id", s("a")).update_expression("SET id = :b");
    let refused = update.expression_attribute_values(":b", s("b")).send().await;
    assert!(message(&refused).contains("Cannot update attribute id"), "{}", message(&refused));
}

#[tokio::test]
async fn a_mistake_in_an_expression_reaches_the_caller_and_changes_nothing() {
    let tokyo = Tokyo::start().await;
    let put =
        |condition: &str| tokyo.client.put_item().table_name(TABLE).item("id", s("a")).condition_expression(condition);
    let refused = put("status <> :done").expression_attribute_values(":done", s("done")).send().await;
    assert_eq!(code(&refused), "ValidationException");
    let words = "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: status";
    assert_eq!(message(&refused), words);
    let refused = put("attribute_not_exists(id)").expression_attribute_values(":done", s("done")).send().await;
    assert_eq!(message(&refused), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:done}");
    assert!(tokyo.dynamodb.items(TABLE).is_empty());
}

#[tokio::test]
async fn what_the_stand_in_does_not_know_is_refused_instead_of_obeyed_in_part() {
    let tokyo = Tokyo::start().await;
    let put = tokyo.begin("a", "me").return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew).send().await;
    let words = "Value 'ALL_NEW' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [NONE, ALL_OLD]";
    assert!(message(&put).ends_with(words), "{}", message(&put));
    let get = tokyo.client.get_item().table_name(TABLE).key("id", s("a")).attributes_to_get("owner").send().await;
    assert_eq!(message(&get), "The stand-in for DynamoDB does not know the field AttributesToGet here.");
    let scan = tokyo.client.scan().table_name(TABLE).send().await;
    assert_eq!(code(&scan), "UnknownOperationException");
    assert_eq!(tokyo.dynamodb.calls()[2].operation, None);
}

#[tokio::test]
async fn a_table_is_described_and_one_that_is_not_there_is_not() {
    let tokyo = Tokyo::start().await;
    tokyo.begin("a", "me").send().await.expect("written");
    let table =
        tokyo.client.describe_table().table_name(TABLE).send().await.expect("a description").table.expect("a table");
    assert_eq!(table.table_arn(), Some("arn:aws:dynamodb:ap-northeast-1:123456789012:table/answers"));
    assert_eq!((table.item_count(), table.table_size_bytes()), (Some(1), Some(10)));
    assert_eq!(table.table_status().map(|status| status.as_str()), Some("ACTIVE"));
    assert_eq!(table.key_schema()[0].attribute_name(), "id");
    let missing = tokyo.client.describe_table().table_name("other").send().await;
    assert_eq!(code(&missing), "ResourceNotFoundException");
    assert_eq!(message(&missing), "Requested resource not found: Table: other not found");
    let missing = tokyo.client.get_item().table_name("other").key("id", s("a")).send().await;
    assert_eq!((code(&missing), message(&missing)), ("ResourceNotFoundException", "Requested resource not found"));
}

//! Expressions mean what they mean in DynamoDB, and a mistake in one is a refusal.

use serde_json::{Value, json};

use super::super::item;
use super::*;

/// A record that was begun at 100 by another, and whose lease ends at 200.
fn record() -> item::Item {
    let record = json!({
        "id": { "S": "a" }, "owner": { "S": "other" }, "began": { "N": "100" }, "lease": { "N": "200" },
        "status": { "S": "begun" }, "flag": { "BOOL": true },
    });
    item::read(&record).expect("an item")
}

fn request(field: &str, expression: &str) -> Value {
    let names = json!({ "#s": "status", "#lease": "lease", "#none": "none" });
    let values = json!({
        ":done": { "S": "done" }, ":begun": { "S": "begun" }, ":100": { "N": "100" }, ":150": { "N": "150.0" },
        ":250": { "N": "250" }, ":true": { "BOOL": true }, ":text": { "S": "150" },
    });
    let used = |map: Value| -> serde_json::Map<String, Value> {
        let entries = map.as_object().cloned().unwrap_or_default().into_iter();
        entries.filter(|(key, _)| expression.split(|c| " (),=<>".contains(c)).any(|word| word == key)).collect()
    };
    let mut request = json!({ field: expression });
    for (field, map) in [("ExpressionAttributeNames", used(names)), ("ExpressionAttributeValues", used(values))] {
        if !map.is_empty() {
            request[field] = map.into();
        }
    }
    request
}

fn holds(condition: &str, item: &item::Item) -> bool {
    let request = request("ConditionExpression", condition);
    let read = Expressions::read(&request).unwrap_or_else(|refusal| panic!("{condition}: {}", refusal.message));
    read.condition.expect("a condition").holds(item)
}

fn problem(request: &Value) -> String {
    let refusal = Expressions::read(request).expect_err("a mistake");
    assert_eq!(refusal.error_type, "ValidationException");
    refusal.message
}

#[test]
fn conditions_hold_or_do_not() {
    let holding = [
        "attribute_exists(id)",
        "attribute_not_exists(#none)",
        "attribute_exists ( #s ) AND lease > :150",
        "#s = :begun",
        "#s <> :done",
        "#none <> :done",
        "began <= :100 and began >= :100",
        "lease < :250 AND NOT #s = :done",
        "#s = :begun OR #s = :done AND lease > :250",
        "attribute_not_exists(id) OR (#s = :begun AND #lease < :250)",
        "NOT (attribute_not_exists(id) OR lease < :150)",
        "NOT NOT flag = :true",
        ":100 < began OR :100 = began",
    ];
    for condition in holding {
        assert!(holds(condition, &record()), "{condition}");
    }
    let failing = [
        "attribute_not_exists(id)",
        "attribute_exists(#none)",
        "#none = :done",
        "#none < :150 OR #none > :150 OR #none >= :150 OR #none <= :150",
        "lease < :text OR lease > :text OR lease = :text",
        "(#s = :begun OR #s = :done) AND lease > :250",
        "NOT #s = :done AND lease > :250",
        "lease < :150",
    ];
    for condition in failing {
        assert!(!holds(condition, &record()), "{condition}");
    }
    assert!(holds("attribute_not_exists(id) OR lease < :150", &item::Item::new()));
}

#[test]
fn mistakes_in_a_condition_are_refused_in_dynamodbs_words() {
    let cases = [
        ("", "The expression can not be empty"),
        ("status = :done", "reserved keyword: status"),
        ("attribute_exists(TTL)", "reserved keyword: TTL"),
        ("#nobody = :done", "not defined; attribute name: #nobody"),
        ("#s = :nothing", "not defined; attribute value: :nothing"),
        ("#s = ", "Syntax error; token: \"<EOF>\", near: \"=\""),
        ("#s :done", "Syntax error; token: \":done\", near: \"#s :done\""),
        ("#s = :done)", "Syntax error; token: \")\""),
        ("(#s = :done", "token: \"<EOF>\""),
        ("#s == :done", "Syntax error; token: \"=\""),
        ("#s = :done; lease", "Syntax error; token: \";\""),
        ("#s = \"done\"", "Syntax error; token: \"\"\""),
        ("#s = :done AND", "token: \"<EOF>\""),
        ("attribute_exists(:done)", "requires a document path; operator or function: attribute_exists"),
        ("attribute_missing(id)", "Invalid function name; function: attribute_missing"),
        (
            "lease < :true",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
        ),
        ("((#s = :done))", "redundant parentheses"),
        ("#s = :done AND ((#s = :done OR #s = :begun))", "redundant parentheses"),
    ];
    for (condition, words) in cases {
        let problem = problem(&request("ConditionExpression", condition));
        assert!(problem.starts_with("Invalid ConditionExpression: ") && problem.contains(words), "{problem}");
    }
    assert!(holds("((#s = :begun) AND (lease < :250 OR lease = :100))", &record()));
}

#[test]
fn what_the_stand_in_does_not_know_is_said() {
    let cases = [
        ("ConditionExpression", "size(id) > :100"),
        ("ConditionExpression", "lease BETWEEN :100 AND :250"),
        ("ConditionExpression", "#s IN (:done)"),
        ("ConditionExpression", "answer.text = :done"),
        ("UpdateExpression", "SET lease = lease + :100"),
        ("UpdateExpression", "ADD lease :100"),
    ];
    for (field, expression) in cases {
        let problem = problem(&request(field, expression));
        assert!(problem.starts_with("The stand-in for DynamoDB does not know"), "{problem}");
    }
}

#[test]
fn definitions_are_used_and_well_formed() {
    let cases = [
        (json!({ "ExpressionAttributeNames": { "#s": "status" } }), "can only be specified when using expressions"),
        (json!({ "ExpressionAttributeNames": {} }), "ExpressionAttributeNames must not be empty"),
        (json!({ "ExpressionAttributeValues": {} }), "ExpressionAttributeValues must not be empty"),
        (json!({ "ExpressionAttributeNames": { "s": "status" } }), "contains invalid key: Syntax error; key: \"s\""),
        (json!({ "ExpressionAttributeValues": { ":": { "S": "" } } }), "key: \":\""),
    ];
    for (request, words) in cases {
        let problem = problem(&request);
        assert!(problem.contains(words), "{problem}");
    }
    let mut request = request("ConditionExpression", "attribute_exists(id)");
    request["ExpressionAttributeValues"] = json!({ ":a": { "S": "" }, ":b": { "S": "" } });
    assert_eq!(problem(&request), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a, :b}");
}

#[test]
fn an_update_takes_its_values_from_the_item_as_it_was() {
    let applied = |expression: &str| {
        let read = Expressions::read(&request("UpdateExpression", expression)).expect("an update");
        item::to_json(&read.update.expect("an update").applied(&record()).expect("an item"))
    };
    let item =
        applied("SET #s = :done, began = lease, lease = began, answer = if_not_exists(#none, :text) REMOVE owner2");
    assert_eq!((&item["status"], &item["began"]), (&json!({ "S": "done" }), &json!({ "N": "200" })));
    assert_eq!((&item["lease"], &item["answer"]), (&json!({ "N": "100" }), &json!({ "S": "150" })));
    let item = applied("remove flag, began set lease = if_not_exists(lease, :250)");
    assert_eq!((&item["flag"], &item["began"]), (&Value::Null, &Value::Null));
    assert_eq!(item["lease"], json!({ "N": "200" }));
}

#[test]
fn mistakes_in_an_update_are_refused_in_dynamodbs_words() {
    let cases = [
        ("SET #s = :done SET lease = :100", "The \"SET\" section can only be used once"),
        ("SET lease = :done, lease = :100", "overlap with each other"),
        ("SET lease = :100 REMOVE #lease", "path one: [lease], path two: [lease]"),
        ("SET data = :100", "reserved keyword: data"),
        ("SET :100 = :100", "Syntax error; token: \":100\""),
        ("PUT lease = :100", "Syntax error; token: \"PUT\""),
        ("SET lease = :100,", "token: \"<EOF>\""),
    ];
    for (update, words) in cases {
        let problem = problem(&request("UpdateExpression", update));
        assert!(problem.starts_with("Invalid UpdateExpression: ") && problem.contains(words), "{problem}");
    }
    let update = Expressions::read(&request("UpdateExpression", "SET lease = #none")).expect("an update").update;
    let refusal = update.expect("an update").applied(&record()).expect_err("no such attribute");
    assert!(refusal.message.contains("does not exist in the item"), "{}", refusal.message);
}

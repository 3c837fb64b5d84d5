//! The schema of the log line (`docs/log-line.schema.json`), which every line of a function has to keep.

use std::sync::LazyLock;

use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde_json::Value;

/// The schema.
static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../docs/log-line.schema.json")).unwrap_or_default());

#[expect(clippy::expect_used, reason = "a schema that is none checks nothing, and no test may go on without it")]
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    assert!(SCHEMA["oneOf"].is_array(), "docs/log-line.schema.json has no kinds of lines");
    jsonschema::draft202012::new(&SCHEMA).expect("docs/log-line.schema.json is a schema")
});

/// Looks whether a line keeps the schema, and whether what it tells CloudWatch is in it.
///
/// # Errors
///
/// What is wrong with it: by its keys, and without its values.
pub fn check(line: &str) -> Result<(), String> {
    let Ok(value) = serde_json::from_str::<Value>(line) else {
        return Err("a line is no JSON".to_owned());
    };
    let keys: Vec<_> = value.as_object().into_iter().flat_map(|members| members.keys()).collect();
    let wrong = VALIDATOR.validate(&value).map_err(|error| nearest(&error)).and_then(|()| directions(&value));
    wrong.map_err(|wrong| format!("a line with the keys {keys:?} breaks docs/log-line.schema.json: {wrong}"))
}

/// What the kind of line that it comes nearest to would want of it.
fn nearest(error: &ValidationError<'_>) -> String {
    let ValidationErrorKind::OneOfNotValid { context } = error.kind() else {
        return error.masked().to_string();
    };
    let kinds = context.iter().enumerate();
    // A kind whose message it has is nearer than any other; of several, the one with the fewest faults.
    let says_another =
        |errors: &[ValidationError<'_>]| errors.iter().any(|it| it.instance_path().as_str() == "/message");
    let Some((kind, errors)) = kinds.min_by_key(|(_, errors)| (says_another(errors), errors.len())) else {
        return error.masked().to_string();
    };
    let title = SCHEMA["oneOf"][kind]["title"].as_str().unwrap_or_default();
    let faults: Vec<_> = errors.iter().map(|it| format!("{} {}", it.instance_path(), it.masked())).collect();
    format!("as {title}: {}", faults.join("; "))
}

/// CloudWatch drops a metric of which anything that it is told of is not in the line, and says so nowhere near.
fn directions(line: &Value) -> Result<(), String> {
    let sets = line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten();
    for set in sets {
        let names = |of: &Value| of.as_str().map(str::to_owned).unwrap_or_default();
        let metrics = set["Metrics"].as_array().into_iter().flatten().map(|metric| names(&metric["Name"]));
        if let Some(name) = metrics.into_iter().find(|name| !line[name].is_number()) {
            return Err(format!("the metric {name} is no number in it"));
        }
        let dimensions = set["Dimensions"].as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
        if let Some(name) = dimensions.map(names).find(|name| !line[name].is_string()) {
            return Err(format!("the dimension {name} is no text in it"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! The language of DynamoDB's expressions, as far as a record of answers needs it: conditions, updates and projections.
//!
//! Paths name attributes of the item itself. What the language has beyond that (`size`, `BETWEEN`, `ADD`, `a.b`) is refused by name.

mod condition;
mod parser;
mod scope;
mod token;
mod update;

use serde_json::Value;

use self::parser::Parser;
use self::scope::Scope;
use super::refusal::Refusal;

pub(super) use self::condition::Condition;
pub(super) use self::update::Update;

/// The expressions of one request.
#[derive(Debug)]
pub(super) struct Expressions {
    pub(super) condition: Option<Condition>,
    pub(super) update: Option<Update>,
    /// The attributes that a read asks for.
    pub(super) projection: Option<Vec<String>>,
}

impl Expressions {
    /// Reads all expressions of a request, with the names and values that they use.
    ///
    /// # Errors
    ///
    /// What DynamoDB says to a mistake in them, and to a name or value that none of them defines or uses.
    pub(super) fn read(request: &Value) -> Result<Self, Refusal> {
        let mut scope = Scope::read(request)?;
        let update = parsed(request, "UpdateExpression", &mut scope, Update::parse)?;
        let condition = parsed(request, "ConditionExpression", &mut scope, Condition::parse)?;
        let projection = parsed(request, "ProjectionExpression", &mut scope, |parser| parser.paths())?;
        scope.is_used_up(condition.is_some() || update.is_some() || projection.is_some())?;
        Ok(Self { condition, update, projection })
    }
}

/// One expression, read to its end.
fn parsed<T>(
    request: &Value,
    name: &'static str,
    scope: &mut Scope,
    parse: impl Fn(&mut Parser<'_>) -> Result<T, Refusal>,
) -> Result<Option<T>, Refusal> {
    let text = match &request[name] {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        _ => return Err(Refusal::serialization(format!("{name} is not a string"))),
    };
    let mut parser = Parser::new(name, text, scope)?;
    let expression = parse(&mut parser)?;
    parser.end()?;
    Ok(Some(expression))
}

#[cfg(test)]
mod tests;

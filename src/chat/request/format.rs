//! The format that the answer must have: a schema becomes structured output, and bare JSON an instruction.

use super::block::Block;
use super::conversation::Conversation;
use super::schema::Schema;
use crate::error::Error;
use crate::json;
use crate::prompt::Fields;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What stands for `json_object`: structured output needs a schema, and an open one would allow nothing but `{}`.
const JSON_OBJECT: &str = "Answer with one JSON object and nothing else: no words around it, and no code fence.";

/// What is said where the model is only told some of a schema, and not held to it.
const CONSTRAINTS: &str = "response_format.json_schema.schema: constraints";

/// Structured output.
#[derive(Serialize)]
pub(super) struct OutputConfig {
    format: Format,
}

#[derive(Serialize)]
struct Format {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseFormat<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    json_schema: Option<&'a RawValue>,
}

/// The name and `strict` say nothing to the model: its structured output always keeps to the schema.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonSchema<'a> {
    #[serde(borrow, default)]
    schema: Option<&'a RawValue>,
    #[serde(default, rename = "name")]
    _name: Option<serde::de::IgnoredAny>,
    #[serde(borrow, default)]
    description: Option<Cow<'a, str>>,
    #[serde(default, rename = "strict")]
    _strict: Option<serde::de::IgnoredAny>,
}

/// Reads `response_format`; an instruction goes to the end of what the system says.
pub(super) fn read(fields: &Fields<'_>, conversation: &mut Conversation<'_>) -> Result<Option<OutputConfig>, Error> {
    let Some(format) = fields.value("response_format") else {
        return Ok(None);
    };
    let ResponseFormat { kind, json_schema } = json::object_at(format, "response_format")?;
    match kind.as_ref() {
        "text" => Ok(None),
        "json_object" => {
            conversation.system.extend(Block::text(Cow::Borrowed(JSON_OBJECT)));
            Ok(None)
        }
        "json_schema" => {
            let Schema { text: schema, is_loosened } = schema(json_schema)?;
            conversation.drop_hint(is_loosened, CONSTRAINTS);
            Ok(Some(OutputConfig { format: Format { kind: "json_schema", schema } }))
        }
        _ => Err(Error::invalid("response_format.type", "must be text, json_object or json_schema")),
    }
}

fn schema(json_schema: Option<&RawValue>) -> Result<Schema, Error> {
    let (outer, inner) = ("response_format.json_schema", "response_format.json_schema.schema");
    let json_schema = json_schema.map(|it| json::object_at::<JsonSchema<'_>>(it, outer)).transpose()?;
    let given = json_schema.and_then(|it| it.schema.zip(Some(it.description)));
    let (schema, description) = given.ok_or_else(|| Error::invalid(inner, "is missing"))?;
    Schema::translate(schema, inner, description)
}

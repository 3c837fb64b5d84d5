//! The format that the answer must have: a schema becomes structured output, and bare JSON an instruction.

use super::block::Block;
use crate::error::Error;
use crate::json;
use crate::prompt::Fields;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What stands for `json_object`: structured output needs a schema, and an open one would allow nothing but `{}`.
const JSON_OBJECT: &str = "Answer with one JSON object and nothing else: no words around it, and no code fence.";

/// Structured output.
#[derive(Serialize)]
pub(super) struct OutputConfig<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
struct Format<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseFormat<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    json_schema: Option<&'a RawValue>,
}

/// The name, the description and `strict` say nothing more to the model: its structured output always keeps to the schema.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonSchema<'a> {
    #[serde(borrow, default)]
    schema: Option<&'a RawValue>,
    #[serde(default, rename = "name")]
    _name: Option<serde::de::IgnoredAny>,
    #[serde(default, rename = "description")]
    _description: Option<serde::de::IgnoredAny>,
    #[serde(default, rename = "strict")]
    _strict: Option<serde::de::IgnoredAny>,
}

/// Reads `response_format`; an instruction goes to the end of what the system says.
pub(super) fn read<'a>(fields: &Fields<'a>, system: &mut Vec<Block<'a>>) -> Result<Option<OutputConfig<'a>>, Error> {
    let Some(format) = fields.value("response_format") else {
        return Ok(None);
    };
    let ResponseFormat { kind, json_schema } = json::object_at(format, "response_format")?;
    match kind.as_ref() {
        "text" => Ok(None),
        "json_object" => {
            system.extend(Block::text(Cow::Borrowed(JSON_OBJECT)));
            Ok(None)
        }
        "json_schema" => {
            let path = "response_format.json_schema";
            let schema = json_schema.map(|it| json::object_at::<JsonSchema<'_>>(it, path)).transpose()?;
            let missing = || Error::invalid("response_format.json_schema.schema", "is missing");
            let schema = schema.and_then(|it| it.schema).ok_or_else(missing)?;
            Ok(Some(OutputConfig { format: Format { kind: "json_schema", schema } }))
        }
        _ => Err(Error::invalid("response_format.type", "must be text, json_object or json_schema")),
    }
}

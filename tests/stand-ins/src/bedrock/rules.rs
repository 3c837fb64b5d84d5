//! What Bedrock accepts as the body of a call to Claude Sonnet 4.5, and the sentences with which it refuses the rest.

mod betas;
mod content;
mod field;
mod sampling;
mod schema;
mod tools;
mod turns;

use serde_json::Value;

use self::betas::Betas;
use self::field::{Field, Rule};
use super::operation::Operation;

pub(super) use self::schema::resolve;

/// The only version of the Messages API that Bedrock serves this model in.
const ANTHROPIC_VERSION: &str = "bedrock-2023-05-31";

/// The most that the model writes in one answer.
const MAX_OUTPUT_TOKENS: i64 = 64_000;

/// More than this with thinking takes longer than a call without a stream may, so it must be streamed.
const MAX_THINKING_TOKENS_UNSTREAMED: i64 = 21_333;

/// The most checkpoints that one request may set in the prompt cache.
const MAX_CACHE_CHECKPOINTS: usize = 4;

/// Every field that a body may have at its top. `model` and `stream` are not among them: Bedrock has them in the path.
const FIELDS: &[&str] = &[
    "anthropic_version",
    "anthropic_beta",
    "messages",
    "max_tokens",
    "system",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "tools",
    "tool_choice",
    "thinking",
    "metadata",
    "output_config",
];

/// Parses a body and holds it against every rule; the error is the message of a `ValidationException`.
pub(super) fn read(body: &[u8], operation: Operation) -> Result<Value, String> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Err("Malformed input request, please reformat your input and try again.".to_owned());
    };
    check(&Field::root(&value), operation)?;
    Ok(value)
}

fn check(body: &Field<'_>, operation: Operation) -> Rule {
    if !body.value.is_object() {
        return Err("Malformed input request: #: expected type: JSONObject, please reformat your input and try again."
            .to_owned());
    }
    body.required("anthropic_version")?.one_of(&[ANTHROPIC_VERSION])?;
    let betas = Betas::of(body)?;
    // Bedrock user guide: "Bedrock does not currently support clear_tool_uses_20250919 … on the CountTokens API".
    if betas.has(betas::CONTEXT_MANAGEMENT) && operation != Operation::CountTokens {
        body.only(&[FIELDS, &["context_management"]].concat(), None)?;
    } else {
        body.only(FIELDS, None)?;
    }
    max_tokens(body)?;
    turns::check(body)?;
    if let Some(system) = body.optional("system") {
        content::system(&system)?;
    }
    sampling::check(body)?;
    sampling::thinking(body, betas.has(betas::INTERLEAVED_THINKING), operation)?;
    tools::check(body, &betas)?;
    metadata(body)?;
    output_config(body)?;
    betas::context_management(body)?;
    cache_checkpoints(body)
}

fn max_tokens(body: &Field<'_>) -> Rule {
    let field = body.required("max_tokens")?;
    let tokens = field.integer_from(1)?;
    if tokens <= MAX_OUTPUT_TOKENS {
        return Ok(());
    }
    field.refuse(format_args!(
        "{tokens} > {MAX_OUTPUT_TOKENS}, which is the maximum allowed number of output tokens for {}",
        super::answer::MODEL
    ))
}

fn metadata(body: &Field<'_>) -> Rule {
    let Some(metadata) = body.optional("metadata") else {
        return Ok(());
    };
    metadata.only(&["user_id"], None)?;
    metadata.optional("user_id").map_or(Ok(()), |user| user.string().map(drop))
}

/// Structured output: one JSON schema, and never together with citations, whose blocks would break it.
fn output_config(body: &Field<'_>) -> Rule {
    let Some(config) = body.optional("output_config") else {
        return Ok(());
    };
    config.only(&["format"], None)?;
    let Some(format) = config.optional("format") else {
        return Ok(());
    };
    format.tag(&["json_schema"])?;
    format.only(&["type", "schema"], Some("json_schema"))?;
    let schema = format.required("schema")?;
    schema::check(schema.value).map_err(|problem| format!("{schema}: {problem}"))?;
    if content::blocks_of(body).iter().any(content::has_citations_on) {
        return config.refuse("citations cannot be enabled when a structured output format is set");
    }
    Ok(())
}

/// Counts only where a checkpoint can stand: a tool's schema may well have a property named `cache_control`.
fn cache_checkpoints(body: &Field<'_>) -> Rule {
    let tools = body.optional("tools").and_then(|tools| tools.list().ok()).unwrap_or_default();
    let blocks = content::blocks_of(body);
    let checkpoints: Vec<Field<'_>> =
        blocks.iter().chain(&tools).filter_map(|place| place.optional("cache_control")).collect();
    for checkpoint in checkpoints.iter().filter(|checkpoint| !checkpoint.value.is_null()) {
        checkpoint.tag(&["ephemeral"])?;
        checkpoint.only(&["type", "ttl"], Some("ephemeral"))?;
        checkpoint.optional("ttl").map_or(Ok(""), |ttl| ttl.one_of(&["5m", "1h"]))?;
    }
    let found = checkpoints.iter().filter(|checkpoint| !checkpoint.value.is_null()).count();
    if found > MAX_CACHE_CHECKPOINTS {
        return Err(format!(
            "A maximum of {MAX_CACHE_CHECKPOINTS} blocks with cache_control may be provided. Found {found}."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;

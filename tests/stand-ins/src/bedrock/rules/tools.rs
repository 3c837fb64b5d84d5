//! The rules about tools: the caller's own, those that Anthropic shaped for callers to run, and none that a server runs.

use super::betas::{self, Betas};
use super::field::{Field, Rule};
use super::schema;

/// Tools whose shape the model knows but which run at the caller's, and the beta without which Bedrock does not know them.
const CLIENT_TOOLS: &[(&str, Option<&str>)] = &[
    ("bash_20250124", None),
    ("text_editor_20250124", None),
    ("text_editor_20250429", None),
    ("text_editor_20250728", None),
    ("computer_20250124", Some(betas::COMPUTER_USE)),
    ("memory_20250818", Some(betas::CONTEXT_MANAGEMENT)),
    // The one tool that runs at the model's host, where it looks through the tools of the request itself.
    ("tool_search_tool_regex", Some(betas::TOOL_SEARCH)),
    ("tool_search_tool_regex_20251119", Some(betas::TOOL_SEARCH)),
];

/// What a tool of the caller's own is made of. `eager_input_streaming`, `input_examples` and `allowed_callers`, which
/// newer models know, are not among them, whatever the betas.
const FIELDS: &[&str] = &["type", "name", "description", "input_schema", "cache_control", "strict"];

/// The longest name that a tool may have.
const MAX_NAME: usize = 128;

pub(super) fn check(body: &Field<'_>, betas: &Betas<'_>) -> Rule {
    let Some(tools) = body.optional("tools") else {
        return match body.optional("tool_choice") {
            Some(choice) => choice.refuse("tool_choice may only be specified while providing tools"),
            None => Ok(()),
        };
    };
    let tools = tools.list()?;
    tools.iter().try_for_each(|field| tool(field, betas))?;
    let names: Vec<&str> = tools.iter().filter_map(|tool| tool.value["name"].as_str()).collect();
    if names.iter().enumerate().any(|(index, name)| names.iter().take(index).any(|earlier| earlier == name)) {
        return Err("tools: Tool names must be unique.".to_owned());
    }
    body.optional("tool_choice").map_or(Ok(()), |choice| tool_choice(&choice, &names))
}

fn tool(tool: &Field<'_>, betas: &Betas<'_>) -> Rule {
    tool.object()?;
    let has = |beta: &Option<&str>| beta.is_none_or(|beta| betas.has(beta));
    let known: Vec<&str> = CLIENT_TOOLS.iter().filter(|(_, beta)| has(beta)).map(|(kind, _)| *kind).collect();
    match tool.optional("type").map(|_| tool.tag(&[&["custom"], &known[..]].concat())).transpose()? {
        None | Some("custom") => custom(tool, betas),
        Some(_) => tool.required("name")?.string().map(drop),
    }
}

fn custom(tool: &Field<'_>, betas: &Betas<'_>) -> Rule {
    let deferred: &[&str] = if betas.has(betas::TOOL_SEARCH) { &["defer_loading"] } else { &[] };
    tool.only(&[FIELDS, deferred].concat(), Some("custom"))?;
    let name = tool.required("name")?;
    let text = name.string()?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if text.is_empty() || text.len() > MAX_NAME || !text.bytes().all(allowed) {
        return name.refuse("String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
    }
    if let Some(description) = tool.optional("description") {
        description.string()?;
    }
    let schema = tool.required("input_schema")?;
    schema.object()?;
    schema.required("type")?.one_of(&["object"])?;
    let strict = tool.optional("strict").map(|strict| strict.boolean()).transpose()?;
    if strict == Some(true) {
        schema::check(schema.value).map_err(|problem| format!("{tool}.custom: {problem}"))?;
    }
    Ok(())
}

fn tool_choice(choice: &Field<'_>, names: &[&str]) -> Rule {
    let kind = choice.tag(&["any", "auto", "none", "tool"])?;
    if let Some(alone) = choice.optional("disable_parallel_tool_use") {
        alone.boolean()?;
    }
    if kind != "tool" {
        return choice.only(&["type", "disable_parallel_tool_use"], Some(kind));
    }
    choice.only(&["type", "name", "disable_parallel_tool_use"], Some(kind))?;
    let name = choice.required("name")?.string()?;
    if names.contains(&name) { Ok(()) } else { Err(format!("Tool '{name}' not found in provided tools")) }
}

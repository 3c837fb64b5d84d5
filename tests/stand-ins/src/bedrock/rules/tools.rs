//! The rules about tools: the caller's own, those that Anthropic shaped for callers to run, and none that a server runs.

use super::field::{Field, Rule};

/// Tools whose shape the model knows but which run at the caller's; the date at the end is their version.
const CLIENT_TOOLS: &[&str] = &["bash_", "computer_", "memory_", "text_editor_"];

/// What a tool of the caller's own is made of; other fields need betas that Bedrock does not know for this model.
const FIELDS: &[&str] = &["type", "name", "description", "input_schema", "cache_control", "strict"];

/// The longest name that a tool may have.
const MAX_NAME: usize = 128;

pub(super) fn check(body: &Field<'_>) -> Rule {
    let Some(tools) = body.optional("tools") else {
        return match body.optional("tool_choice") {
            Some(choice) => choice.refuse("tool_choice may only be specified while providing tools"),
            None => Ok(()),
        };
    };
    let tools = tools.list()?;
    tools.iter().try_for_each(tool)?;
    let names: Vec<&str> = tools.iter().filter_map(|tool| tool.value["name"].as_str()).collect();
    if names.iter().enumerate().any(|(index, name)| names.iter().take(index).any(|earlier| earlier == name)) {
        return Err("tools: Tool names must be unique.".to_owned());
    }
    body.optional("tool_choice").map_or(Ok(()), |choice| tool_choice(&choice, &names))
}

fn tool(tool: &Field<'_>) -> Rule {
    tool.object()?;
    match tool.optional("type").map(|kind| kind.string()).transpose()? {
        None | Some("custom") => custom(tool),
        Some(kind) if is_client_tool(kind) => tool.required("name")?.string().map(drop),
        Some(kind) => tool.refuse(format_args!(
            "Input tag '{kind}' found using 'type' does not match any of the expected tags: 'bash_20250124', 'custom', \
             'memory_20250818', 'text_editor_20250124', 'text_editor_20250429', 'text_editor_20250728'"
        )),
    }
}

fn is_client_tool(kind: &str) -> bool {
    let version = CLIENT_TOOLS.iter().find_map(|name| kind.strip_prefix(name));
    version.is_some_and(|version| version.len() == 8 && version.bytes().all(|digit| digit.is_ascii_digit()))
}

fn custom(tool: &Field<'_>) -> Rule {
    tool.only(FIELDS, Some("custom"))?;
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
    schema.required("type")?.one_of(&["object"]).map(drop)
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

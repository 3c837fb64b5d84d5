//! The rules about the conversation as a whole: who speaks when, and that every use of a tool gets its result.

use super::content;
use super::field::{Field, Rule};

pub(super) fn check(body: &Field<'_>) -> Rule {
    let messages = body.required("messages")?.list()?;
    let Some(first) = messages.first() else {
        return Err("messages: at least one message is required".to_owned());
    };
    for message in &messages {
        message.only(&["role", "content"], None)?;
        message.required("role")?.one_of(&["user", "assistant"])?;
        let content = message.required("content")?;
        content::message(&content)?;
        if is_empty(&content) {
            return message.refuse("all messages must have non-empty content");
        }
    }
    if role(first) != "user" {
        return Err("messages: first message must use the \"user\" role".to_owned());
    }
    final_message(&messages)?;
    let turns = turns(&messages);
    if body.value["thinking"]["type"] == "enabled" {
        thoughts_come_first(&turns)?;
    }
    tools_and_results(&turns)
}

fn is_empty(content: &Field<'_>) -> bool {
    content.value.as_str().is_some_and(str::is_empty) || content.value.as_array().is_some_and(Vec::is_empty)
}

fn role<'a>(message: &Field<'a>) -> &'a str {
    message.optional("role").and_then(|role| role.value.as_str()).unwrap_or_default()
}

/// A last message of the assistant is a beginning that the model continues, and it cannot continue after a space.
fn final_message(messages: &[Field<'_>]) -> Rule {
    let Some(last) = messages.last().filter(|last| role(last) == "assistant") else {
        return Ok(());
    };
    let content = last.required("content")?;
    let block = content.value.as_array().and_then(|blocks| blocks.last()).and_then(|block| block.get("text"));
    let text = content.value.as_str().or_else(|| block.and_then(|text| text.as_str())).unwrap_or_default();
    if text.ends_with(char::is_whitespace) {
        return Err("messages: final assistant content cannot end with trailing whitespace".to_owned());
    }
    Ok(())
}

/// What one side says before the other speaks again; Anthropic joins consecutive messages of one role.
struct Turn<'a> {
    /// The path of its first message.
    first: String,
    role: &'a str,
    /// The type of its first block.
    opening: &'a str,
    blocks: Vec<Field<'a>>,
}

impl<'a> Turn<'a> {
    /// How many results of tools it begins with.
    fn leading_results(&self) -> usize {
        if self.opening != "tool_result" {
            return 0;
        }
        self.blocks.iter().take_while(|block| block.value["type"] == "tool_result").count()
    }

    /// The value of `name` in the blocks of one type: the IDs that tie results to uses.
    fn ids(&self, kind: &str, name: &str) -> Vec<&'a str> {
        let of_kind = self.blocks.iter().filter(|block| block.value["type"] == kind);
        of_kind.filter_map(|block| block.value[name].as_str()).collect()
    }
}

fn turns<'a>(messages: &[Field<'a>]) -> Vec<Turn<'a>> {
    let same_speaker = |one: &Field<'_>, next: &Field<'_>| role(one) == role(next);
    let turn = |messages: &[Field<'a>]| Turn {
        first: messages.first().map(Field::to_string).unwrap_or_default(),
        role: messages.first().map(role).unwrap_or_default(),
        opening: messages.first().map(opening).unwrap_or_default(),
        blocks: messages
            .iter()
            .filter_map(|message| message.optional("content"))
            .filter_map(|content| content.list().ok())
            .flatten()
            .collect(),
    };
    messages.chunk_by(same_speaker).map(turn).collect()
}

fn opening<'a>(message: &Field<'a>) -> &'a str {
    let content = &message.value["content"];
    if content.is_string() { "text" } else { content[0]["type"].as_str().unwrap_or_default() }
}

/// With thinking on, the model can go on, after a use of a tool or from words put into its mouth, only from its own
/// thought: what it has said since the user last spoke has to start with one.
fn thoughts_come_first(turns: &[Turn<'_>]) -> Rule {
    let Some((before, [last, after @ ..])) =
        turns.iter().rposition(|turn| turn.role == "assistant").and_then(|index| turns.split_at_checked(index))
    else {
        return Ok(());
    };
    if !after.is_empty() && last.ids("tool_use", "id").is_empty() {
        return Ok(());
    }
    let mut begun = last;
    for pair in before.rchunks_exact(2) {
        // The results of tools are no words of the user's: the model had begun before them.
        match pair {
            [earlier, results] if !results.ids("tool_result", "tool_use_id").is_empty() => begun = earlier,
            _ => break,
        }
    }
    if matches!(begun.opening, "thinking" | "redacted_thinking") {
        return Ok(());
    }
    Err(format!(
        "{}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{}`. When `thinking` is enabled, a final \
         `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` \
         blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \
         `thinking`. Please consult our documentation at \
         https://docs.claude.com/en/docs/build-with-claude/extended-thinking",
        begun.first, begun.opening
    ))
}

fn tools_and_results(turns: &[Turn<'_>]) -> Rule {
    let nothing = Turn { first: String::new(), role: "", opening: "", blocks: Vec::new() };
    for (index, turn) in turns.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| turns.get(index)).unwrap_or(&nothing);
        let used = before.ids("tool_use", "id");
        let answered = turn.ids("tool_result", "tool_use_id");
        if let Some(stray) = answered.iter().find(|id| !used.contains(id)) {
            return Err(format!(
                "{}: unexpected `tool_use_id` found in `tool_result` blocks: {stray}. Each `tool_result` block must \
                 have a corresponding `tool_use` block in the previous message.",
                turn.first
            ));
        }
        if let Some((_, again)) = answered.iter().enumerate().find(|(index, id)| answered[..*index].contains(id)) {
            return Err(format!(
                "{}: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {again}",
                turn.first
            ));
        }
        // Only results that come before anything else in their turn count.
        let answered = &answered[..turn.leading_results()];
        if let Some(open) = used.iter().find(|id| !answered.contains(id)) {
            return Err(unanswered(&before.first, open));
        }
    }
    let last = turns.last().unwrap_or(&nothing);
    last.ids("tool_use", "id").first().map_or(Ok(()), |open| Err(unanswered(&last.first, open)))
}

fn unanswered(message: &str, id: &str) -> String {
    format!(
        "{message}: `tool_use` ids were found without `tool_result` blocks immediately after: {id}. Each `tool_use` \
         block must have a corresponding `tool_result` block in the next message."
    )
}

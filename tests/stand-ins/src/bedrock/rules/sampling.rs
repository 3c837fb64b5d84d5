//! The rules about how the model chooses its words, and whether it thinks before it speaks.

use super::super::operation::Operation;
use super::MAX_THINKING_TOKENS_UNSTREAMED;
use super::field::{Field, Rule};

/// The least budget with which thinking can be turned on.
const MIN_THINKING_TOKENS: i64 = 1_024;

/// Below this, `top_p` would cut into the model's thinking.
const MIN_TOP_P_WITH_THINKING: f64 = 0.95;

pub(super) fn check(body: &Field<'_>) -> Rule {
    let temperature = body.optional("temperature");
    let top_p = body.optional("top_p");
    for probability in [&temperature, &top_p].into_iter().flatten() {
        probability.number_within(0.0..=1.0)?;
    }
    if temperature.is_some() && top_p.is_some() {
        return Err(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.".to_owned()
        );
    }
    if let Some(top_k) = body.optional("top_k") {
        top_k.integer_from(0)?;
        top_k.number_within(0.0..=500.0)?;
    }
    let Some(stop_sequences) = body.optional("stop_sequences") else {
        return Ok(());
    };
    for stop_sequence in stop_sequences.list()? {
        if stop_sequence.string()?.trim().is_empty() {
            return stop_sequence.refuse("each stop sequence must contain non-whitespace");
        }
    }
    Ok(())
}

pub(super) fn thinking(body: &Field<'_>, interleaved: bool, operation: Operation) -> Rule {
    let Some(thinking) = body.optional("thinking") else {
        return Ok(());
    };
    if thinking.tag(&["disabled", "enabled"])? == "disabled" {
        return thinking.only(&["type"], Some("disabled"));
    }
    thinking.only(&["type", "budget_tokens"], Some("enabled"))?;
    let budget = thinking.required("budget_tokens")?.integer_from(MIN_THINKING_TOKENS)?;
    let max_tokens = body.required("max_tokens")?.integer_from(1)?;
    if budget >= max_tokens && !interleaved {
        return Err("`max_tokens` must be greater than `thinking.budget_tokens`.".to_owned());
    }
    // A count takes no time, however long the answer would.
    if operation == Operation::InvokeModel && max_tokens > MAX_THINKING_TOKENS_UNSTREAMED {
        return Err(format!(
            "Streaming is required when `max_tokens` is greater than {MAX_THINKING_TOKENS_UNSTREAMED} and thinking is \
             enabled."
        ));
    }
    with_thinking_on(body)
}

fn with_thinking_on(body: &Field<'_>) -> Rule {
    let number = |name| body.optional(name).and_then(|field| field.value.as_f64());
    if number("temperature").is_some_and(|temperature| temperature < 1.0) {
        return Err("`temperature` may only be set to 1 when thinking is enabled.".to_owned());
    }
    if number("top_p").is_some_and(|top_p| top_p < MIN_TOP_P_WITH_THINKING) {
        return Err("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.".to_owned());
    }
    if body.optional("top_k").is_some() {
        return Err("`top_k` must be unset when thinking is enabled.".to_owned());
    }
    let choice = body.optional("tool_choice").and_then(|choice| choice.optional("type"));
    if choice.is_some_and(|choice| matches!(choice.value.as_str(), Some("any" | "tool"))) {
        return Err("Thinking may not be enabled when tool_choice forces tool use.".to_owned());
    }
    Ok(())
}

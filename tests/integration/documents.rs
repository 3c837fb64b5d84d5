//! The documents say what the code does: the settings, the error labels and the routes.

use crate::stage::text;
use kokunai::error::Kind;

const READMES: [&str; 2] = ["README.md", "README.ja.md"];

#[test]
fn both_readmes_list_every_setting_with_its_default() {
    for (name, default) in [
        ("DEFAULT_MAX_TOKENS", "4096"),
        ("TIME_BUDGET_SECONDS", "900"),
        ("RETRY_BUDGET_SECONDS", "3"),
        ("STREAM_IDLE_SECONDS", "120"),
        ("RESPONSE_MODE", "buffered"),
        ("RESULTS_QUEUE_URL", "none"),
        ("DEAD_LETTER_QUEUE_URL", "none"),
        ("QUEUE_CONCURRENCY", "10"),
        ("IDEMPOTENCY_TABLE", "none"),
        ("IDEMPOTENCY_TTL_HOURS", "24"),
        ("COUNT_TOKENS", "off"),
        ("LOG_LEVEL", "info"),
    ] {
        for readme in READMES {
            let text = text(readme);
            let row = text.lines().find(|line| line.starts_with(&format!("| `{name}`")));
            assert!(row.is_some_and(|row| row.contains(&format!("`{default}`"))), "{readme}: {name}: {row:?}");
        }
        assert!(text("src/settings.rs").contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn the_architecture_lists_every_error_label_with_its_status() {
    let text = text("docs/architecture.md");
    for kind in Kind::ALL {
        let row = kind.row();
        let line = text.lines().find(|line| line.starts_with(&format!("| `{}`", row.label)));
        let line = line.unwrap_or_else(|| panic!("{} is not in the table", row.label));
        let retry = if row.retry { "yes" } else { "no" };
        for part in [row.status.to_string(), format!("`{}`", row.anthropic_type), retry.to_owned()] {
            assert!(line.contains(&part), "{line} lacks {part}");
        }
    }
}

#[test]
fn both_readmes_name_the_two_commands_and_every_route() {
    for readme in READMES {
        let text = text(readme);
        for part in [
            "cargo local events/http-messages.json",
            "cargo test",
            "/v1/messages",
            "/v1/messages/count_tokens",
            "/prompt",
            "/v1/models",
            "/health",
        ] {
            assert!(text.contains(part), "{readme}: {part}");
        }
    }
}

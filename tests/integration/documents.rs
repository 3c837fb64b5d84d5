//! The documents say what the code does: the settings, the error labels and the routes; and what they name is there.

mod log_line;
mod operations;
mod residency;

use crate::stage::{root, text};
use kokunai::error::Kind;
use std::path::{Path, PathBuf};

const READMES: [&str; 2] = ["README.md", "README.ja.md"];

/// The pages in two languages, without their endings.
const TRANSLATED: [&str; 4] = ["README", "docs/operations", "docs/residency", "policies/README"];

/// The pages in one.
const OTHERS: [&str; 3] = ["docs/architecture.md", "docs/performance.md", "CHANGELOG.md"];

/// The lines of a page that are prose: headings, text and tables, but no code.
fn prose(page: &str) -> Vec<String> {
    let mut is_code = false;
    let text = text(page);
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.map(str::to_owned).collect()
}

/// The headings of a page: how deep each is, and the anchor that GitHub gives it.
fn headings(page: &str) -> Vec<(usize, String)> {
    let lines = prose(page).into_iter().filter(|line| line.starts_with('#'));
    lines
        .map(|line| {
            let title = line.trim_start_matches('#');
            let kept = title.trim().chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
            (
                line.len() - title.len(),
                kept.map(|it| if it == ' ' { '-' } else { it }).collect::<String>().to_lowercase(),
            )
        })
        .collect()
}

#[test]
fn both_languages_have_the_same_headings_in_the_same_order() {
    for page in TRANSLATED {
        let depths = |ending: &str| headings(&format!("{page}{ending}")).into_iter().map(|(depth, _)| depth);
        assert_eq!(depths(".md").collect::<Vec<_>>(), depths(".ja.md").collect::<Vec<_>>(), "{page}");
    }
}

#[test]
fn every_link_within_the_repository_leads_to_a_file_and_a_heading() {
    let translated = TRANSLATED.iter().flat_map(|page| [".md", ".ja.md"].map(|ending| format!("{page}{ending}")));
    let mut links = 0;
    for page in translated.chain(OTHERS.map(str::to_owned)) {
        for line in prose(&page) {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            for target in targets.filter(|target| !target.starts_with("http")) {
                links += 1;
                leads_somewhere(&page, target);
            }
        }
    }
    assert!(links > 60, "{links}");
}

/// Asserts that a link on a page has a file behind it, and behind its fragment a heading.
fn leads_somewhere(page: &str, target: &str) {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let linked = if file.is_empty() { PathBuf::from(page) } else { Path::new(page).parent().unwrap().join(file) };
    assert!(root().join(&linked).exists(), "{page}: {target}");
    let known = || headings(linked.to_str().unwrap()).into_iter().any(|(_, known)| known == anchor);
    assert!(anchor.is_empty() || known(), "{page}: {target}");
}

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
        ("CHAT_PROMPT_CACHE", "off"),
        ("USAGE_PLAN_ID", "none"),
        ("PRICES_USD_PER_MILLION", "input:3.30,output:16.50,cache_write_5m:4.125,cache_write_1h:6.60,cache_read:0.33"),
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
            "/v1/chat/completions",
            "/prompt",
            "/v1/models",
            "/health",
        ] {
            assert!(text.contains(part), "{readme}: {part}");
        }
    }
}

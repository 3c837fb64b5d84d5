//! The page on operations says what to do at each alarm of the template, and the READMEs name its parameters.

use crate::stage::text;
use std::collections::BTreeSet;

/// The names of alarms on a page, which stand in backticks.
pub(super) fn alarms(page: &str) -> BTreeSet<String> {
    page.split('`').filter(|name| is_alarm(name)).map(str::to_owned).collect()
}

fn is_alarm(name: &str) -> bool {
    name.ends_with("Alarm") && name.chars().all(|letter| letter.is_ascii_alphabetic())
}

/// What follows a title, up to the next one of its depth.
fn section<'page>(page: &'page str, title: &str) -> &'page str {
    let rest = page.split(&format!("\n## {title}\n")).nth(1).unwrap_or_else(|| panic!("no section {title}"));
    rest.split("\n## ").next().unwrap_or(rest)
}

#[test]
fn both_readmes_name_every_parameter_of_the_template() {
    let template = text("template.yaml");
    let parameters = template.split("\nParameters:\n").nth(1).unwrap().split("\nRules:\n").next().unwrap();
    let names = parameters.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let names: Vec<_> = names.filter(|name| name.chars().all(|letter| letter.is_ascii_alphabetic())).collect();
    assert!(names.len() > 25, "{names:?}");
    for readme in ["README.md", "README.ja.md"] {
        let readme_text = text(readme);
        let missing: Vec<_> = names.iter().filter(|name| !readme_text.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "{readme}: {missing:?}");
    }
}

#[test]
fn every_alarm_of_the_template_has_a_row_in_both_languages_and_no_other_has() {
    let template = text("template.yaml");
    let names = template.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let deployed: BTreeSet<_> = names.filter(|name| is_alarm(name)).map(str::to_owned).collect();
    assert!(deployed.len() > 20, "{deployed:?}");
    for (page, title) in
        [("docs/operations.md", "When an alarm rings"), ("docs/operations.ja.md", "アラームが鳴ったら")]
    {
        let page_text = text(page);
        let first_cells =
            section(&page_text, title).lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
        assert_eq!(alarms(&first_cells.collect::<String>()), deployed, "{page}");
    }
}

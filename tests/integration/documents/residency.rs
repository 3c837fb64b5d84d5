//! The page on residency names tests as its proof, and alarms, so each of them exists.

use super::operations::alarms;
use crate::stage::{root, text};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PAGES: [&str; 2] = ["docs/residency.md", "docs/residency.ja.md"];

/// The names of tests on a page. In backticks, no other name in small letters has four words.
fn named(page: &str) -> BTreeSet<String> {
    let is_test = |word: &&str| {
        let of_a_path = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_:".contains(letter);
        word.chars().all(of_a_path) && word.rsplit("::").next().unwrap().matches('_').count() >= 3
    };
    text(page).split('`').filter(is_test).map(str::to_owned).collect()
}

/// The sources that have tests: those of the crate, and its tests in Rust and in Python.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.extension().and_then(|it| it.to_str()) {
            _ if path.is_dir() => sources(&path),
            Some("rs" | "py") => vec![(path.clone(), std::fs::read_to_string(&path).unwrap())],
            _ => Vec::new(),
        })
        .collect()
}

/// Whether a test stands in the file that its path says; one without a path is the template's, in Python.
fn exists(test: &str, sources: &[(PathBuf, String)]) -> bool {
    let (modules, definition) = match test.rsplit_once("::") {
        Some((modules, name)) => (Some(modules), format!("fn {name}(")),
        None => (None, format!("def {test}(")),
    };
    let is_there = |path: &Path| {
        let Some(modules) = modules else { return path.extension().is_some_and(|it| it == "py") };
        let file = |modules: &str| format!("{}.rs", modules.replace("::", "/"));
        path.ends_with(file(modules)) || modules.strip_suffix("::tests").is_some_and(|it| path.ends_with(file(it)))
    };
    sources.iter().any(|(path, text)| is_there(path) && text.contains(&definition))
}

#[test]
fn every_test_that_is_named_as_a_proof_exists_and_is_named_in_both_languages() {
    let [english, japanese] = PAGES.map(named);
    assert!(english.len() > 30, "{english:?}");
    let in_one_language: Vec<_> = english.symmetric_difference(&japanese).collect();
    assert!(in_one_language.is_empty(), "{in_one_language:#?}");
    let sources = [root().join("src"), root().join("tests")].iter().flat_map(|it| sources(it)).collect::<Vec<_>>();
    let missing: Vec<_> = english.iter().filter(|test| !exists(test, &sources)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_row_of_the_simulator_that_is_named_as_a_proof_is_one() {
    let rows = text("tests/policies/rows.mjs");
    for page in PAGES {
        let text = text(page);
        let lines: Vec<_> =
            text.split("\"every policy: ").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(lines.len() > 5, "{page}: {lines:?}");
        for line in lines {
            let (row, outcome) = line.rsplit_once(": ").unwrap();
            let rest = rows.split(&format!("en: \"{row}\"")).nth(1).unwrap_or_else(|| panic!("{page}: no row {row:?}"));
            let must = rest.split("must: [\"").nth(1).unwrap().split('"').next().unwrap();
            assert_eq!(must, outcome, "{page}: {row}");
        }
    }
}

#[test]
fn the_alarms_on_both_pages_are_those_of_residency() {
    for (page, operations, title) in [
        (PAGES[0], "docs/operations.md", "\n### Residency\n"),
        (PAGES[1], "docs/operations.ja.md", "\n### データの所在\n"),
    ] {
        let operations = text(operations);
        let section = operations.split(title).nth(1).unwrap().split("\n#").next().unwrap();
        let wanted = alarms(section);
        assert!(wanted.contains("ViolationAlarm"), "{wanted:?}");
        assert_eq!(alarms(&text(page)), wanted, "{page}");
    }
}

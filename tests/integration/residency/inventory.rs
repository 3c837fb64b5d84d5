//! What the crates read from outside is what `environment.md` lists: no release adds to it unseen.

use super::graph::{self, Crate};
use super::reads::{Names, Reads};
use super::table::{self, Row};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Taking the sources apart takes seconds, so the tests share it.
static READS: LazyLock<Reads> = LazyLock::new(|| {
    let mut reads = Reads::default();
    graph::production().iter().for_each(|it| reads.of(it));
    reads
});

/// What is in the sources and not on the page, and the other way round, a line each.
fn differences(found: &BTreeSet<String>, listed: &BTreeSet<String>) -> Vec<String> {
    let new = found.difference(listed).map(|it| format!("read by a crate, but not listed: {it}"));
    let gone = listed.difference(found).map(|it| format!("listed, but no longer read: {it}"));
    new.chain(gone).collect()
}

fn lines(names: &Names) -> BTreeSet<String> {
    names.iter().flat_map(|(name, crates)| crates.iter().map(move |of| format!("{name} in {of}"))).collect()
}

fn listed(rows: Vec<Row>) -> Names {
    rows.into_iter().map(|row| (row.name.to_owned(), row.read_in)).collect()
}

#[track_caller]
fn agree(found: &BTreeSet<String>, listed: &BTreeSet<String>) {
    let differences = differences(found, listed);
    assert!(differences.is_empty(), "tests/integration/residency/environment.md:\n{}", differences.join("\n"));
}

#[test]
fn every_variable_that_a_crate_reads_is_listed() {
    agree(&lines(&READS.variables), &lines(&listed(table::variables())));
}

#[test]
fn every_key_of_a_config_file_that_a_crate_reads_is_listed() {
    agree(&lines(&READS.keys), &lines(&listed(table::keys())));
}

#[test]
fn every_service_with_a_variable_of_its_own_is_listed() {
    agree(&lines(&READS.services), &lines(&table::services()));
}

#[test]
fn every_read_without_a_name_is_listed() {
    agree(&READS.unnamed, &table::unnamed());
}

/// A crate with one file, and the only test that no difference is overlooked: the others pass while there is none.
#[test]
fn a_new_read_is_noticed_in_whatever_way_it_is_written() {
    let folder = std::env::temp_dir().join(format!("kokunai-crate-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::create_dir_all(folder.join("tests")).unwrap();
    let text = r#"
        use std::env::{self, var_os as other};
        const NAMED: &str = "BY_CONSTANT";
        fn f() { std::env::var("PLAIN"); env::var_os(NAMED); var("IMPORTED"); m! { env::var("IN_A_MACRO") } }
        fn g(name: &str) { env::var(name); names.map(env::var); env::vars(); libc::getenv(c"OF_C"); option_env!("BUILT_WITH"); }
        fn h() { service_config_key("Some Service", "AWS_OWN", "own_key"); let unrelated = "AWS_IN_PASSING"; }
        fn i(profiles: &EnvConfigSections) { EnvConfigValue::new().env("BY_SHIM").profile("key"); profile.get("other_key"); }
        #[cfg(test)] mod tests;
        #[cfg(test)] fn t() { std::env::var("IN_A_TEST"); }
    "#;
    std::fs::write(folder.join("src/lib.rs"), text).unwrap();
    std::fs::write(folder.join("src/tests.rs"), r#"fn t() { std::env::var("IN_A_TEST_FILE"); }"#).unwrap();
    std::fs::write(folder.join("tests/all.rs"), r#"fn t() { std::env::var("IN_A_TEST_FOLDER"); }"#).unwrap();
    std::fs::write(folder.join("src/native.c"), r#"char *f(void) { return getenv("OF_C"); }"#).unwrap();
    let mut reads = Reads::default();
    reads.of(&Crate { name: "new".to_owned(), folder: folder.clone() });
    std::fs::remove_dir_all(&folder).unwrap();
    let variables: Vec<_> = reads.variables.keys().map(String::as_str).collect();
    let expected = ["AWS_IN_PASSING", "AWS_OWN", "BY_CONSTANT", "BY_SHIM", "IMPORTED", "IN_A_MACRO", "OF_C", "PLAIN"];
    assert_eq!(variables, expected);
    assert_eq!(reads.keys.keys().collect::<Vec<_>>(), ["key", "other_key", "own_key"]);
    assert_eq!(reads.services.keys().collect::<Vec<_>>(), ["Some Service"]);
    let unnamed: Vec<_> = reads.unnamed.iter().map(String::as_str).collect();
    let place = |read: &str| format!("new/src/lib.rs: {read}");
    let in_c = "new/src/native.c: getenv".to_owned();
    assert_eq!(unnamed, [place("env::var"), place("env::vars()"), place("name"), place("var_os as other"), in_c]);
    let found = lines(&reads.variables);
    assert!(differences(&found, &found).is_empty());
    let page: BTreeSet<_> = ["PLAIN in new".to_owned(), "GONE in new".to_owned()].into();
    let differences = differences(&found, &page);
    assert_eq!(differences.len(), expected.len() - 1 + 1);
    assert!(differences.contains(&"listed, but no longer read: GONE in new".to_owned()), "{differences:?}");
}

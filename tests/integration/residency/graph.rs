//! The crates that the artifact is made of, with the folders of their sources.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The machines that the artifact runs on.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// A crate of the artifact.
#[derive(Debug)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) folder: PathBuf,
}

/// Every crate of others that is linked into the artifact: what runs while it is built (macros, build scripts), and
/// what only tests need, is none of them.
pub(super) fn production() -> Vec<Crate> {
    let folders = folders();
    let linked: BTreeSet<(String, String)> = TARGETS.into_iter().flat_map(linked).collect();
    assert!(linked.len() > 100, "cargo lists {} crates only", linked.len());
    let folder = |(name, version): &(String, String)| {
        let folder = folders.get(&(name.clone(), version.clone()));
        folder.unwrap_or_else(|| panic!("cargo does not know the folder of {name} {version}")).clone()
    };
    let crates = linked.iter().filter(|(name, _)| name != env!("CARGO_PKG_NAME"));
    crates.map(|linked| Crate { name: linked.0.clone(), folder: folder(linked) }).collect()
}

/// The names and versions of what is linked for a machine; cargo leaves out the features that only tests turn on.
fn linked(target: &str) -> Vec<(String, String)> {
    let arguments =
        ["tree", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}", "--target", target];
    let lines = cargo(&arguments);
    let name_and_version = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        Some((name.to_owned(), rest.split(' ').next()?.to_owned()))
    };
    lines.lines().map(|line| name_and_version(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

fn folders() -> BTreeMap<(String, String), PathBuf> {
    let mut arguments = vec!["metadata", "--format-version", "1"];
    arguments.extend(TARGETS.iter().flat_map(|target| ["--filter-platform", target]));
    let metadata: Value = serde_json::from_str(&cargo(&arguments)).unwrap();
    let text = |package: &Value, field: &str| package[field].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let manifest = text(package, "manifest_path");
            ((text(package, "name"), text(package, "version")), Path::new(&manifest).parent().unwrap().to_owned())
        })
        .collect()
}

/// What cargo says. With the lock file as it is, and with all crates at hand already, it asks no network.
fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    let output = command.current_dir(crate::stage::root()).args(arguments).arg("--locked").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The files below a folder with one of these endings, by their paths from it, in order.
pub(super) fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| endings.iter().any(|ending| it == *ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

//! What the crates of the artifact read from the environment and from AWS's config files, found in their sources.

use super::graph::{Crate, files};
use super::lens::{File, is_proxy};
use super::tokens::{Code, Token};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Names, each with the crates that read it.
pub(super) type Names = BTreeMap<String, BTreeSet<String>>;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Variables of the environment.
    pub(super) variables: Names,
    /// Keys of AWS's config files.
    pub(super) keys: Names,
    /// Services that have an endpoint or a token of their own, such as `AWS_ENDPOINT_URL_SQS`.
    pub(super) services: Names,
    /// Reads whose name is worked out while the program runs, as `crate/file: expression`.
    pub(super) unnamed: BTreeSet<String>,
}

/// Texts of which a file must have one to be looked at: to take every file of the SDK apart takes half a minute.
const TELLING: [&str; 8] =
    ["env::", "env as", "getenv", "service_config_key", "\"AWS_", "_PROXY\"", "_proxy\"", "\"_X_AMZN"];

/// Words of which a crate that knows the shared config files has one.
const CONFIG_FILES: [&str; 2] = ["EnvConfigSections", "ProfileSet"];

/// Folders of a crate that are not compiled into what depends on it.
const ASIDE: [&str; 5] = ["tests", "benches", "examples", "fuzz", "test-data"];

impl Reads {
    /// Looks through all of a crate.
    pub(super) fn of(&mut self, of: &Crate) {
        self.of_c(of);
        let texts = texts(&of.folder);
        let knows_config_files = texts.iter().any(|(_, text)| CONFIG_FILES.iter().any(|word| text.contains(word)));
        let is_telling = |text: &str| knows_config_files || TELLING.iter().any(|word| text.contains(word));
        if !texts.iter().any(|(_, text)| is_telling(text)) {
            return;
        }
        let read = |(path, text): &(PathBuf, String)| {
            // A file without any of the words may still declare that another one is for tests.
            (is_telling(text) || text.contains("cfg(test") || text.contains("all(test"))
                .then(|| (path.clone(), Code::read(text)))
        };
        let mut codes: Vec<_> = texts.iter().filter_map(read).collect();
        let for_tests: Vec<_> = codes.iter().flat_map(|(path, code)| code.test_files(path)).collect();
        codes.retain(|(path, _)| !for_tests.iter().any(|test| path.with_extension("").starts_with(test)));
        let constants = constants(codes.iter().map(|(_, code)| code));
        for (path, code) in &codes {
            let file = File { of, path, tokens: &code.tokens, constants: &constants, knows_config_files };
            file.look(self);
        }
    }

    /// Looks through what a crate has in C, which is not taken apart: that it reads the environment at all is noted.
    fn of_c(&mut self, of: &Crate) {
        for path in files(&of.folder, &["c", "h", "S"]) {
            let text = std::fs::read(&path).unwrap();
            if String::from_utf8_lossy(&text).contains("getenv") {
                let path = path.strip_prefix(&of.folder).unwrap().display();
                self.unnamed.insert(format!("{}/{path}: getenv", of.name));
            }
        }
    }

    /// Notes a name.
    pub(super) fn found(&mut self, name: &str, of: &Crate) {
        let names = if name.contains(|letter: char| letter.is_ascii_uppercase()) || is_proxy(name) {
            &mut self.variables
        } else {
            &mut self.keys
        };
        names.entry(name.to_owned()).or_default().insert(of.name.clone());
    }
}

/// The sources of a crate by their paths.
fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let is_inside = |path: &PathBuf| {
        let first = path.strip_prefix(folder).unwrap().components().next().unwrap();
        first.as_os_str() != "build.rs" && !ASIDE.iter().any(|aside| first.as_os_str() == *aside)
    };
    let paths = files(folder, &["rs"]).into_iter().filter(is_inside);
    paths.map(|path| (path.clone(), String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned())).collect()
}

/// The texts of the constants of a crate, by their names.
fn constants<'a>(codes: impl Iterator<Item = &'a Code>) -> BTreeMap<String, BTreeSet<String>> {
    let mut constants: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for tokens in codes.map(|code| &code.tokens) {
        let declared = |(_, token): &(usize, &Token)| matches!(token.word(), Some("const" | "static"));
        for (at, _) in tokens.iter().enumerate().filter(declared) {
            let Some(name) = tokens.get(at + 1).and_then(Token::word) else { continue };
            let value = tokens[at..].iter().take_while(|it| **it != Token::Mark(';'));
            let value = value.skip_while(|it| **it != Token::Mark('='));
            let value: Vec<_> = value.skip(1).collect();
            if let [Token::Text(text)] = value[..] {
                constants.entry(name.to_owned()).or_default().insert(text.clone());
            }
        }
    }
    constants
}

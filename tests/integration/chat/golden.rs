//! Golden files: what comes in, and beside it what it becomes. Adding a case is adding files.
//!
//! `GOLDEN=rewrite cargo test --test integration golden` writes what it becomes now; the difference is for a person to read.
//! A name that ends in `cached-5m` or `cached-1h` has the prompt cache on, and one that ends in `with-usage` asks for the usage.

use super::frames;
use crate::stage::root;
use kokunai::chat::{Chunks, PromptCache, Terms, completion, translate};
use kokunai::error::Error;
use kokunai::prompt::{self, Prompt, Purpose};
use serde_json::{Value, json};
use stand_ins::bedrock::{self, Operation};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// When every golden answer came, in seconds since 1970.
const CREATED: u64 = 1_764_288_000;

/// The files of one folder, by name; what has been looked at is taken out.
struct Folder {
    path: PathBuf,
    texts: BTreeMap<String, String>,
}

impl Folder {
    /// Reads a folder that has this many cases or more: one that is empty would prove nothing.
    fn read(name: &str, extension: &str, at_least: usize) -> (Self, Vec<(String, String)>) {
        let path = root().join("tests/golden/chat").join(name);
        let files = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut texts: BTreeMap<_, _> =
            files.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect();
        let is_case = |name: &str| name.strip_suffix(extension).is_some_and(|name| !name.contains('.'));
        let names: Vec<String> = texts.keys().filter(|name| is_case(name)).cloned().collect();
        assert!(names.len() >= at_least, "{} cases in {}", names.len(), path.display());
        let cases = names.iter().map(|name| (name.trim_end_matches(extension).to_owned(), texts.remove(name).unwrap()));
        let cases = cases.collect();
        (Self { path, texts }, cases)
    }

    /// Holds what came of a case against its file, both as `meaning` reads them.
    fn expect<T: PartialEq + std::fmt::Debug>(&mut self, file: &str, came: &str, meaning: impl Fn(&str) -> T) {
        #[expect(clippy::disallowed_methods, reason = "whether the files are rewritten is the test's own question")]
        if std::env::var("GOLDEN").is_ok_and(|it| it == "rewrite") {
            std::fs::write(self.path.join(file), came).unwrap();
            self.texts.remove(file);
            return;
        }
        let expected = self.texts.remove(file).unwrap_or_else(|| panic!("{file} is missing; this came:\n{came}"));
        assert_eq!(meaning(came), meaning(&expected), "{file}");
    }

    fn expect_json(&mut self, file: &str, came: &Value) {
        let text = serde_json::to_string_pretty(came).unwrap() + "\n";
        self.expect(file, &text, |text| serde_json::from_str::<Value>(text).unwrap());
    }

    /// Nothing is left over: no file of a case that is gone, or that ends otherwise now.
    fn end(self) {
        let orphans: Vec<_> = self.texts.keys().collect();
        assert!(orphans.is_empty(), "{}: these belong to no case: {orphans:?}", self.path.display());
    }
}

pub(super) fn terms(name: &str) -> Terms {
    let caches = [("cached-5m", PromptCache::FiveMinutes), ("cached-1h", PromptCache::OneHour)];
    let cache = caches.into_iter().find(|(suffix, _)| name.ends_with(suffix));
    Terms { default_max_tokens: 4096, prompt_cache: cache.map_or(PromptCache::Off, |(_, cache)| cache) }
}

/// What a request becomes, and what was left out of it, through both of its doors.
pub(super) fn asked(request: &str, terms: Terms) -> Result<(Value, Vec<&'static str>), Error> {
    let translated = translate(request.as_bytes(), terms)?;
    let default_max_tokens = terms.default_max_tokens;
    let terms = prompt::Terms { default_max_tokens, purpose: Purpose::Answer, betas: &[] };
    let prompt = Prompt::parse(translated.body.as_bytes(), terms)?;
    let operation = if prompt.streams() { Operation::InvokeModelWithResponseStream } else { Operation::InvokeModel };
    let taken = bedrock::check(&prompt.into_body(), operation);
    assert_eq!(taken, Ok(()), "Bedrock would refuse {}", translated.body);
    Ok((serde_json::from_str(&translated.body).unwrap(), translated.dropped))
}

#[test]
fn each_golden_request_becomes_its_messages_request_or_is_refused_by_name() {
    let (mut folder, cases) = Folder::read("requests", ".json", 75);
    for (name, request) in cases {
        match asked(&request, terms(&name)) {
            Ok((body, dropped)) => {
                folder.expect_json(&format!("{name}.messages.json"), &body);
                if !dropped.is_empty() {
                    folder.expect_json(&format!("{name}.dropped.json"), &json!(dropped));
                }
            }
            Err(error) => {
                let refusal = json!({
                    "field": error.field(),
                    "logged": error.logged_field(),
                    "message": error.message(),
                });
                folder.expect_json(&format!("{name}.refusal.json"), &refusal);
            }
        }
    }
    folder.end();
}

#[test]
fn each_golden_answer_becomes_its_completion() {
    let (mut folder, cases) = Folder::read("answers", ".json", 14);
    for (name, answer) in cases {
        let completion = completion(&answer, CREATED).unwrap_or_else(|| panic!("{name} is not an answer"));
        folder.expect_json(&format!("{name}.completion.json"), &serde_json::from_str(&completion).unwrap());
    }
    folder.end();
}

#[test]
fn each_golden_stream_becomes_its_chunks() {
    let (mut folder, cases) = Folder::read("streams", ".sse", 12);
    for (name, events) in cases {
        let mut chunks = Chunks::new(CREATED, name.ends_with("with-usage"));
        let events = events.split_terminator("\n\n").map(|event| {
            let (kind, data) = event.split_once("\ndata: ").unwrap_or_else(|| panic!("{name}: {event}"));
            (kind.trim_start_matches("event: "), data)
        });
        let came: String = events.map(|(kind, data)| chunks.of(kind, data.as_bytes())).collect();
        folder.expect(&format!("{name}.chunks.sse"), &came, frames);
    }
    folder.end();
}

//! One source file under the lens: the calls in it that read the environment or a config file, and the names that it spells.

use super::graph::Crate;
use super::reads::Reads;
use super::tokens::Token;
use proc_macro2::Delimiter;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Functions of `std::env` that read a variable by its name, and those that read without one.
const BY_NAME: [&str; 2] = ["var", "var_os"];
const WITHOUT_NAME: [&str; 4] = ["vars", "vars_os", "temp_dir", "home_dir"];

/// What C calls it.
const OF_C: [&str; 2] = ["getenv", "secure_getenv"];

/// What AWS's crates call a handle of the environment.
const HANDLES: [&str; 2] = ["env", "env_var"];

pub(super) fn is_proxy(name: &str) -> bool {
    name.to_ascii_uppercase().ends_with("_PROXY")
}

/// Whether a text looks like the name of a variable, as `AWS_REGION` does.
fn looks_like_a_variable(text: &str) -> bool {
    let is_loud = text.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_');
    (is_loud && text.trim_start_matches('_').contains('_') && text.len() > 4) || is_proxy(text)
}

/// One file under the lens.
pub(super) struct File<'a> {
    pub(super) of: &'a Crate,
    pub(super) path: &'a Path,
    pub(super) tokens: &'a [Token],
    pub(super) constants: &'a BTreeMap<String, BTreeSet<String>>,
    pub(super) knows_config_files: bool,
}

impl File<'_> {
    /// Notes everything that it reads.
    pub(super) fn look(&self, reads: &mut Reads) {
        let mut reads_itself = false;
        for at in 0..self.tokens.len() {
            reads_itself |= self.look_at(at, reads);
        }
        let everywhere = |text: &str| text.starts_with("AWS_") || text.starts_with("_X_AMZN") || is_proxy(text);
        for (at, text) in self.tokens.iter().enumerate().filter_map(|(at, token)| Some((at, token.text()?))) {
            let counts = reads_itself || self.knows_config_files || everywhere(text);
            if counts && looks_like_a_variable(text) && !self.is_compiled_in(at) {
                reads.found(text, self.of);
            }
        }
    }

    /// Whether the text at this token is read when the crate is built: `env!("…")`, `option_env!("…")`.
    fn is_compiled_in(&self, at: usize) -> bool {
        let before = at.checked_sub(3).and_then(|at| self.tokens[at].word());
        matches!(before, Some("env" | "option_env")) && self.tokens[at - 2] == Token::Mark('!')
    }

    /// Notes what a call at this token reads, if it is a call; tells whether it reads the environment itself.
    fn look_at(&self, at: usize, reads: &mut Reads) -> bool {
        let Some(word) = self.tokens[at].word() else { return false };
        let before = |back: usize| at.checked_sub(back).map(|at| &self.tokens[at]);
        let is_method = before(1) == Some(&Token::Mark('.'));
        let is_declared = before(1).and_then(Token::word) == Some("fn");
        let of_env = before(1) == Some(&Token::Mark(':')) && before(3).and_then(Token::word) == Some("env");
        let is_path = before(1) == Some(&Token::Mark(':'));
        let Some(arguments) = self.arguments(at + 1) else {
            return self.look_at_mention(at, of_env && BY_NAME.contains(&word), reads);
        };
        let is_bare = !is_method && !is_declared && !is_path;
        if BY_NAME.contains(&word) && (of_env || is_bare) || (OF_C.contains(&word) && !is_declared) {
            self.note(arguments.first().copied().unwrap_or_default(), true, reads);
            return true;
        }
        if WITHOUT_NAME.contains(&word) && of_env {
            reads.unnamed.insert(format!("{}: env::{word}()", self.place()));
            return true;
        }
        if word == "service_config_key" && !is_declared {
            if let Some([Token::Text(service)]) = arguments.first() {
                reads.services.entry(service.clone()).or_default().insert(self.of.name.clone());
            }
            arguments.iter().skip(1).for_each(|argument| self.note(argument, true, reads));
        }
        if self.knows_config_files && is_method && ["env", "profile", "get"].contains(&word) {
            let handle = self.tokens[..at - 1].iter().rev().find_map(Token::word);
            let must_be_known = word != "get" || handle.is_some_and(|handle| HANDLES.contains(&handle));
            arguments.iter().for_each(|argument| self.note(argument, must_be_known, reads));
        }
        false
    }

    /// Notes a function that reads the environment where it is handed on or given another name; where it is imported, its
    /// calls will tell.
    fn look_at_mention(&self, at: usize, is_read: bool, reads: &mut Reads) -> bool {
        let word = self.tokens[at].word().unwrap_or_default();
        let follows = self.tokens.get(at + 1);
        let renamed = (BY_NAME.contains(&word) || word == "env") && follows.and_then(Token::word) == Some("as");
        if renamed {
            reads.unnamed.insert(format!("{}: {word} as {}", self.place(), shown(&self.tokens[at + 2..at + 3])));
        } else if is_read && follows == Some(&Token::Close(Delimiter::Parenthesis)) {
            reads.unnamed.insert(format!("{}: env::{word}", self.place()));
        }
        is_read || renamed
    }

    /// The arguments of a call whose parenthesis opens here.
    fn arguments(&self, open: usize) -> Option<Vec<&[Token]>> {
        if self.tokens.get(open)? != &Token::Open(Delimiter::Parenthesis) {
            return None;
        }
        let mut depth = 0_usize;
        let inside = self.tokens[open + 1..].iter().take_while(|token| {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close(_) if depth == 0 => return false,
                Token::Close(_) => depth -= 1,
                Token::Word(_) | Token::Mark(_) | Token::Text(_) => {}
            }
            true
        });
        let inside = &self.tokens[open + 1..open + 1 + inside.count()];
        Some(inside.split(|token| *token == Token::Mark(',')).filter(|argument| !argument.is_empty()).collect())
    }

    /// Notes the name that an argument is: a text, or a constant of the crate. Any other is noted as it stands, if it must be known.
    fn note(&self, argument: &[Token], must_be_known: bool, reads: &mut Reads) {
        let constant = argument.last().and_then(Token::word).and_then(|name| self.constants.get(name));
        match (argument, constant) {
            ([Token::Text(text)], _) if text.is_empty() => {}
            ([Token::Text(text)], _) => self.note_text(text, must_be_known, reads),
            (_, Some(texts)) => texts.iter().for_each(|text| self.note_text(text, must_be_known, reads)),
            (_, None) if must_be_known => {
                reads.unnamed.insert(format!("{}: {}", self.place(), shown(argument)));
            }
            (_, None) => {}
        }
    }

    fn note_text(&self, text: &str, must_be_known: bool, reads: &mut Reads) {
        let is_name = !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'-');
        if must_be_known || is_name {
            reads.found(text, self.of);
        }
    }

    fn place(&self) -> String {
        format!("{}/{}", self.of.name, self.path.strip_prefix(&self.of.folder).unwrap().display())
    }
}

/// An expression as a person would write it, more or less.
fn shown(expression: &[Token]) -> String {
    let mut text = String::new();
    for token in expression {
        match token {
            Token::Word(word) => text.push_str(word),
            Token::Mark(mark) => text.push(*mark),
            Token::Text(inside) => text.push_str(&format!("\"{inside}\"")),
            Token::Open(_) => text.push('('),
            Token::Close(_) => text.push(')'),
        }
    }
    text
}

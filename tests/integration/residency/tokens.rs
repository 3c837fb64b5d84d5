//! What a source file of Rust says outside its tests, as one list of tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::iter::Peekable;
use std::path::{Path, PathBuf};

/// A token. What stands in an attribute is none, so that documentation never counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Mark(char),
    /// A string literal, without its quotation marks.
    Text(String),
    Open(Delimiter),
    Close(Delimiter),
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// The code of one file, and the modules that it declares for its tests.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub(super) tokens: Vec<Token>,
    test_modules: Vec<String>,
}

impl Code {
    /// Reads a file's text; what `#[cfg(test)]` and `#[test]` stand before is left out.
    pub(super) fn read(text: &str) -> Self {
        let mut code = Self::default();
        let stream: TokenStream = text.parse().unwrap_or_else(|error| panic!("{error}: {text:.200}"));
        code.take(stream);
        code
    }

    /// The paths, without `.rs`, at which the files of its test modules may stand, if it stands at `path` itself.
    pub(super) fn test_files(&self, path: &Path) -> Vec<PathBuf> {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let folder = path.parent().unwrap();
        let folder = if ["lib", "mod", "main"].contains(&stem) { folder.to_owned() } else { folder.join(stem) };
        self.test_modules.iter().map(|module| folder.join(module)).collect()
    }

    fn take(&mut self, stream: TokenStream) {
        let mut trees = stream.into_iter().peekable();
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Punct(mark) if mark.as_char() == '#' => match attribute(&mut trees) {
                    Some((true, Scope::Next)) => self.skip_item(&mut trees),
                    Some((true, Scope::All)) => return,
                    Some((false, _)) => {}
                    None => self.tokens.push(Token::Mark('#')),
                },
                TokenTree::Punct(mark) => self.tokens.push(Token::Mark(mark.as_char())),
                TokenTree::Ident(word) => self.tokens.push(Token::Word(word.to_string())),
                TokenTree::Literal(literal) => self.tokens.extend(text_of(&literal.to_string()).map(Token::Text)),
                TokenTree::Group(group) => {
                    self.tokens.push(Token::Open(group.delimiter()));
                    self.take(group.stream());
                    self.tokens.push(Token::Close(group.delimiter()));
                }
            }
        }
    }

    /// Leaves out what an attribute stood before: to a semicolon where its first word says that it ends with one, to a block
    /// where it says that, and to a comma for a field, a variant or an arm.
    fn skip_item(&mut self, trees: &mut Peekable<impl Iterator<Item = TokenTree>>) {
        let mut words: Vec<String> = Vec::new();
        let mut is_lifetime = false;
        for tree in trees.by_ref() {
            let item = words.iter().find(|word| ITEMS.contains(&word.as_str()));
            let ends = match &tree {
                TokenTree::Punct(mark) if mark.as_char() == ';' => true,
                TokenTree::Punct(mark) if mark.as_char() == ',' => item.is_none(),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    !item.is_some_and(|item| ENDED_BY_SEMICOLON.contains(&item.as_str()))
                }
                TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => false,
            };
            match &tree {
                // In `'static` the word opens nothing.
                TokenTree::Ident(word) if !is_lifetime => words.push(word.to_string()),
                TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            is_lifetime = matches!(&tree, TokenTree::Punct(mark) if mark.as_char() == '\'');
            if !ends {
                continue;
            }
            if let (TokenTree::Punct(_), Some(at)) = (&tree, words.iter().position(|word| word == "mod")) {
                self.test_modules.extend(words.get(at + 1).cloned());
            }
            return;
        }
    }
}

/// What opens an item.
const ITEMS: [&str; 11] = ["use", "static", "const", "type", "let", "fn", "mod", "impl", "trait", "struct", "enum"];

/// Those of them in which a block may come before the end.
const ENDED_BY_SEMICOLON: [&str; 4] = ["use", "static", "type", "let"];

enum Scope {
    Next,
    All,
}

/// An attribute after its `#`: whether it marks a test, and what it is about.
fn attribute(trees: &mut Peekable<impl Iterator<Item = TokenTree>>) -> Option<(bool, Scope)> {
    let scope = match trees.peek() {
        Some(TokenTree::Punct(mark)) if mark.as_char() == '!' => {
            trees.next();
            Scope::All
        }
        _ => Scope::Next,
    };
    match trees.next_if(|tree| matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket)) {
        Some(TokenTree::Group(group)) => Some((marks_a_test(group.stream()), scope)),
        _ => None,
    }
}

fn marks_a_test(attribute: TokenStream) -> bool {
    let trees: Vec<_> = attribute.into_iter().collect();
    let first = trees.first().map(ToString::to_string);
    match trees.last() {
        Some(TokenTree::Group(group)) if first.as_deref() == Some("cfg") => needs_test(group),
        // `#[test]`, and `#[tokio::test]` with its arguments or without.
        _ => trees.iter().filter(|tree| matches!(tree, TokenTree::Ident(_))).any(|word| word.to_string() == "test"),
    }
}

/// Whether a condition holds in tests only: it is `test`, or a conjunction with it.
fn needs_test(condition: &Group) -> bool {
    let trees: Vec<_> = condition.stream().into_iter().collect();
    match &trees[..] {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(all), TokenTree::Group(parts)] if all == "all" => {
            parts.stream().into_iter().any(|part| matches!(part, TokenTree::Ident(word) if word == "test"))
        }
        _ => false,
    }
}

/// What stands between the quotation marks of a string literal of any kind; `None` of any other literal.
fn text_of(literal: &str) -> Option<String> {
    let (before, rest) = literal.split_once('"')?;
    let (text, _) = rest.rsplit_once('"')?;
    ["", "r", "b", "c", "br", "cr"].contains(&before.trim_end_matches('#')).then(|| text.to_owned())
}

#[test]
fn what_is_for_tests_is_left_out() {
    let text = r##"
        //! "DOC"
        #[cfg(feature = "x")] const A: &str = "KEPT";
        #[cfg(test)] use a::{b, C};
        #[cfg(test)] mod tests;
        #[cfg(all(test, unix))] impl X { const B: &str = "GONE"; }
        #[cfg(any(test, feature = "x"))] fn kept() { env::var(r#"RAW"#) }
        #[tokio::test] async fn t() -> R { f("GONE") }
        #[test] fn u() { "GONE" }
        #[cfg(test)] fn v() -> &'static str { "GONE" } const C: &str = "KEPT TOO";
        struct S { #[cfg(test)] gone: &'static str, kept: m!("A FIELD") }
        enum E { #[cfg(test)] Gone(&'static str), Kept }
        cfg! { #[cfg(test)] mod inner { "GONE" } g("MACRO") }
    "##;
    let code = Code::read(text);
    let texts: Vec<_> = code.tokens.iter().filter_map(Token::text).collect();
    assert_eq!(texts, ["KEPT", "RAW", "KEPT TOO", "A FIELD", "MACRO"]);
    assert!(code.tokens.contains(&Token::Word("Kept".to_owned())));
    assert!(!code.tokens.contains(&Token::Word("Gone".to_owned())));
    assert_eq!(code.test_files(Path::new("src/a.rs")), [Path::new("src/a/tests")]);
    assert_eq!(code.test_files(Path::new("src/lib.rs")), [Path::new("src/tests")]);
}

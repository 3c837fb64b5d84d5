//! What all kinds of expressions are read with: tokens, paths and operands.

use std::ops::Range;

use super::super::attribute::Attribute;
use super::super::item::Item;
use super::super::refusal::Refusal;
use super::scope::Scope;
use super::token::{Kind, Token, tokens};

/// The words that DynamoDB keeps for itself, from its developer guide, one a line and in capitals.
const RESERVED: &str = include_str!("reserved.txt");

/// The longest expression.
const MAX_BYTES: usize = 4_096;

/// The functions of the language that are not understood here.
const OTHER_FUNCTIONS: [&str; 5] = ["attribute_type", "begins_with", "contains", "size", "list_append"];

/// One side of a comparison, or of an assignment.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Operand {
    /// The attribute of this name.
    Path(String),
    Value(Attribute),
}

impl Operand {
    /// What it is for this item; nothing if the item has no such attribute.
    pub(super) fn of<'a>(&'a self, item: &'a Item) -> Option<&'a Attribute> {
        match self {
            Self::Path(name) => item.get(name),
            Self::Value(value) => Some(value),
        }
    }
}

/// An expression that is being read.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    /// The field of the request that the expression stands in.
    field: &'static str,
    tokens: Vec<Token>,
    at: usize,
    /// The last pair of parentheses that was closed, from the first of its tokens to the one behind it.
    closed: Range<usize>,
    scope: &'a mut Scope,
}

impl<'a> Parser<'a> {
    pub(super) fn new(field: &'static str, text: &str, scope: &'a mut Scope) -> Result<Self, Refusal> {
        let invalid = |problem: &str| Refusal::validation(format!("Invalid {field}: {problem}"));
        if text.trim().is_empty() {
            return Err(invalid("The expression can not be empty;"));
        }
        if text.len() > MAX_BYTES {
            return Err(invalid("Expression size has exceeded the maximum allowed size;"));
        }
        let tokens = tokens(text).map_err(|piece| invalid(&format!("Syntax error; token: \"{piece}\"")))?;
        Ok(Self { field, tokens, at: 0, closed: 0..0, scope })
    }

    /// How many tokens have been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Whether the token after so many more has this text.
    pub(super) fn sees(&self, ahead: usize, text: &str) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|token| token.text == text)
    }

    /// Takes a symbol if it is next.
    pub(super) fn takes(&mut self, symbol: &str) -> bool {
        let taken = self.sees(0, symbol);
        self.at += usize::from(taken);
        taken
    }

    /// Takes a symbol that must be next.
    pub(super) fn needs(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.takes(symbol) { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// Takes the parenthesis that closes the one before token `first`. DynamoDB takes no second pair around another.
    pub(super) fn closes(&mut self, first: usize) -> Result<(), Refusal> {
        let inside = first..self.at;
        self.needs(")")?;
        if self.closed == inside {
            return Err(self.invalid("The expression has redundant parentheses;"));
        }
        self.closed = first - 1..self.at;
        Ok(())
    }

    /// Takes a keyword, in letters of any case, if it is next.
    pub(super) fn takes_word(&mut self, keyword: &str) -> bool {
        let next = self.tokens.get(self.at);
        let taken = next.is_some_and(|token| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(keyword));
        self.at += usize::from(taken);
        taken
    }

    /// Takes a function with one argument, which must be a path.
    pub(super) fn takes_call(&mut self, function: &str) -> Result<Option<String>, Refusal> {
        if !(self.sees(0, function) && self.sees(1, "(")) {
            return Ok(None);
        }
        self.at += 2;
        let path = self.argument(function)?;
        self.needs(")")?;
        Ok(Some(path))
    }

    /// The path that a function wants.
    pub(super) fn argument(&mut self, function: &str) -> Result<String, Refusal> {
        match self.operand()? {
            Operand::Path(path) => Ok(path),
            Operand::Value(_) => Err(self
                .invalid(&format!("Operator or function requires a document path; operator or function: {function}"))),
        }
    }

    /// Paths, with commas between them.
    pub(super) fn paths(&mut self) -> Result<Vec<String>, Refusal> {
        let mut paths = vec![self.path()?];
        while self.takes(",") {
            paths.push(self.path()?);
        }
        Ok(paths)
    }

    /// The name of an attribute, bare or through a placeholder.
    pub(super) fn path(&mut self) -> Result<String, Refusal> {
        match self.operand()? {
            Operand::Path(path) => Ok(path),
            Operand::Value(_) => {
                self.at -= 1;
                Err(self.syntax_error())
            }
        }
    }

    pub(super) fn operand(&mut self) -> Result<Operand, Refusal> {
        let Some(Token { kind, text }) = self.tokens.get(self.at).cloned() else {
            return Err(self.syntax_error());
        };
        let operand = match kind {
            Kind::Symbol => return Err(self.syntax_error()),
            Kind::Value => Operand::Value(self.scope.value(&text).ok_or_else(|| {
                let problem = "An expression attribute value used in expression is not defined; attribute value:";
                self.invalid(&format!("{problem} {text}"))
            })?),
            Kind::Name => Operand::Path(self.scope.name(&text).ok_or_else(|| {
                let problem = "An expression attribute name used in the document path is not defined; attribute name:";
                self.invalid(&format!("{problem} {text}"))
            })?),
            Kind::Word => Operand::Path(self.bare(text)?),
        };
        self.at += 1;
        if self.sees(0, ".") || self.sees(0, "[") {
            return Err(Refusal::not_in_the_stand_in("paths into a document"));
        }
        Ok(operand)
    }

    /// A word that is to be the name of an attribute.
    fn bare(&self, word: String) -> Result<String, Refusal> {
        if self.sees(1, "(") && OTHER_FUNCTIONS.contains(&word.as_str()) {
            return Err(Refusal::not_in_the_stand_in(&format!("the function {word}")));
        }
        if self.sees(1, "(") {
            return Err(self.invalid(&format!("Invalid function name; function: {word}")));
        }
        if RESERVED.lines().any(|reserved| reserved.eq_ignore_ascii_case(&word)) {
            let problem = format!("Attribute name is a reserved keyword; reserved keyword: {word}");
            return Err(self.invalid(&problem));
        }
        Ok(word)
    }

    /// That nothing is left.
    pub(super) fn end(&self) -> Result<(), Refusal> {
        if self.at == self.tokens.len() { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// Why the expression is refused, as DynamoDB words it.
    pub(super) fn invalid(&self, problem: &str) -> Refusal {
        Refusal::validation(format!("Invalid {}: {problem}", self.field))
    }

    /// The next token has no place here.
    pub(super) fn syntax_error(&self) -> Refusal {
        let near = self.at.saturating_sub(1)..self.tokens.len().min(self.at + 2);
        let near: Vec<&str> = self.tokens[near].iter().map(|token| token.text.as_str()).collect();
        let token = self.tokens.get(self.at).map_or("<EOF>", |token| &token.text);
        self.invalid(&format!("Syntax error; token: \"{token}\", near: \"{}\"", near.join(" ")))
    }
}

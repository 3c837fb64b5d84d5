//! Conditions: whether a write may happen, given the item that is there.

use std::cmp::Ordering;

use super::super::item::Item;
use super::super::refusal::Refusal;
use super::parser::{Operand, Parser};

/// The comparators, longest first, so that `<` is not found in `<>`.
const COMPARATORS: [(&str, Comparator); 6] = [
    ("<>", Comparator::NotEqual),
    ("<=", Comparator::LessOrEqual),
    (">=", Comparator::GreaterOrEqual),
    ("=", Comparator::Equal),
    ("<", Comparator::Less),
    (">", Comparator::Greater),
];

/// What an item must be like.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Condition {
    Exists(String),
    NotExists(String),
    Compare(Operand, Comparator, Operand),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparator {
    fn needs_an_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl Condition {
    /// Whether it holds for an item; for one that is not there, the item is empty.
    pub(in super::super) fn holds(&self, item: &Item) -> bool {
        match self {
            Self::Exists(name) => item.contains_key(name),
            Self::NotExists(name) => !item.contains_key(name),
            Self::Compare(left, comparator, right) => compare(left, *comparator, right, item),
            Self::Not(condition) => !condition.holds(item),
            Self::And(left, right) => left.holds(item) && right.holds(item),
            Self::Or(left, right) => left.holds(item) || right.holds(item),
        }
    }

    /// `OR` binds least, then `AND`, then `NOT`.
    pub(super) fn parse(parser: &mut Parser<'_>) -> Result<Self, Refusal> {
        let mut left = Self::conjunction(parser)?;
        while parser.takes_word("OR") {
            left = Self::Or(Box::new(left), Box::new(Self::conjunction(parser)?));
        }
        Ok(left)
    }

    fn conjunction(parser: &mut Parser<'_>) -> Result<Self, Refusal> {
        let mut left = Self::negation(parser)?;
        while parser.takes_word("AND") {
            left = Self::And(Box::new(left), Box::new(Self::negation(parser)?));
        }
        Ok(left)
    }

    fn negation(parser: &mut Parser<'_>) -> Result<Self, Refusal> {
        if parser.takes_word("NOT") {
            return Ok(Self::Not(Box::new(Self::negation(parser)?)));
        }
        if parser.takes("(") {
            return Self::group(parser);
        }
        if let Some(path) = parser.takes_call("attribute_exists")? {
            return Ok(Self::Exists(path));
        }
        if let Some(path) = parser.takes_call("attribute_not_exists")? {
            return Ok(Self::NotExists(path));
        }
        Self::comparison(parser)
    }

    /// What follows an opened parenthesis.
    fn group(parser: &mut Parser<'_>) -> Result<Self, Refusal> {
        let first = parser.at();
        let condition = Self::parse(parser)?;
        parser.closes(first)?;
        Ok(condition)
    }

    fn comparison(parser: &mut Parser<'_>) -> Result<Self, Refusal> {
        let left = parser.operand()?;
        let found = COMPARATORS.into_iter().find(|(symbol, _)| parser.takes(symbol));
        let Some((symbol, comparator)) = found else {
            let other = ["BETWEEN", "IN"].into_iter().find(|keyword| parser.takes_word(keyword));
            return Err(other.map_or_else(|| parser.syntax_error(), Refusal::not_in_the_stand_in));
        };
        let right = parser.operand()?;
        for operand in [&left, &right] {
            if let Operand::Value(value) = operand
                && comparator.needs_an_order()
                && !value.is_ordered()
            {
                let problem = "Incorrect operand type for operator or function; operator or function:";
                return Err(parser.invalid(&format!("{problem} {symbol}, operand type: {}", value.type_name())));
            }
        }
        Ok(Self::Compare(left, comparator, right))
    }
}

/// An attribute that is not there equals nothing and has no order, and so it is unequal to everything.
fn compare(left: &Operand, comparator: Comparator, right: &Operand, item: &Item) -> bool {
    let (left, right) = (left.of(item), right.of(item));
    let equal = left.is_some() && left == right;
    let order = left.zip(right).and_then(|(left, right)| left.compare(right));
    match comparator {
        Comparator::Equal => equal,
        Comparator::NotEqual => !equal,
        Comparator::Less => order == Some(Ordering::Less),
        Comparator::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparator::Greater => order == Some(Ordering::Greater),
        Comparator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    }
}

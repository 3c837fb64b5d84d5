//! Updates: which attributes of an item get a value, and which go.

use super::super::attribute::Attribute;
use super::super::item::Item;
use super::super::refusal::Refusal;
use super::parser::{Operand, Parser};

/// What becomes of an item.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Update {
    set: Vec<(String, Source)>,
    remove: Vec<String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    Operand(Operand),
    /// The value of this attribute, or the other operand where there is no such attribute.
    IfNotExists(String, Operand),
}

impl Source {
    fn of(&self, item: &Item) -> Result<Attribute, Refusal> {
        let value = match self {
            Self::Operand(operand) => operand.of(item),
            Self::IfNotExists(name, operand) => item.get(name).or_else(|| operand.of(item)),
        };
        value.cloned().ok_or_else(|| {
            Refusal::validation("The provided expression refers to an attribute that does not exist in the item")
        })
    }
}

impl Update {
    /// The attributes that it touches.
    pub(in super::super) fn names(&self) -> impl Iterator<Item = &String> {
        self.set.iter().map(|(name, _)| name).chain(&self.remove)
    }

    /// Whether there is anything to write; removing attributes from nothing makes no item.
    pub(in super::super) fn writes(&self) -> bool {
        !self.set.is_empty()
    }

    /// The item as it is afterwards. Every value is taken from the item as it was before.
    pub(in super::super) fn applied(&self, item: &Item) -> Result<Item, Refusal> {
        let mut changed = item.clone();
        for name in &self.remove {
            changed.remove(name);
        }
        for (name, source) in &self.set {
            changed.insert(name.clone(), source.of(item)?);
        }
        Ok(changed)
    }

    /// `SET` and `REMOVE`, each at most once, in any order.
    pub(super) fn parse(parser: &mut Parser<'_>) -> Result<Self, Refusal> {
        let mut update = Self::default();
        loop {
            if parser.takes_word("SET") {
                once("SET", update.set.is_empty(), parser)?;
                update.set = assignments(parser)?;
            } else if parser.takes_word("REMOVE") {
                once("REMOVE", update.remove.is_empty(), parser)?;
                update.remove = parser.paths()?;
            } else {
                break;
            }
        }
        if update.names().next().is_none() {
            let other = ["ADD", "DELETE"].into_iter().find(|keyword| parser.takes_word(keyword));
            return Err(other.map_or_else(|| parser.syntax_error(), Refusal::not_in_the_stand_in));
        }
        update.has_no_overlap(parser)?;
        Ok(update)
    }

    fn has_no_overlap(&self, parser: &Parser<'_>) -> Result<(), Refusal> {
        let mut names: Vec<&String> = self.names().collect();
        names.sort_unstable();
        let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) else {
            return Ok(());
        };
        let name = twice[0];
        Err(parser.invalid(&format!(
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [{name}], \
             path two: [{name}]"
        )))
    }
}

fn once(section: &str, first: bool, parser: &Parser<'_>) -> Result<(), Refusal> {
    if first {
        return Ok(());
    }
    Err(parser.invalid(&format!("The \"{section}\" section can only be used once in an update expression;")))
}

/// `a = :a, b = if_not_exists(b, :b)` and so on.
fn assignments(parser: &mut Parser<'_>) -> Result<Vec<(String, Source)>, Refusal> {
    let mut assignments = Vec::new();
    loop {
        let name = parser.path()?;
        parser.needs("=")?;
        assignments.push((name, source(parser)?));
        if parser.sees(0, "+") || parser.sees(0, "-") {
            return Err(Refusal::not_in_the_stand_in("sums"));
        }
        if !parser.takes(",") {
            return Ok(assignments);
        }
    }
}

fn source(parser: &mut Parser<'_>) -> Result<Source, Refusal> {
    let function = "if_not_exists";
    if !(parser.takes_word(function) && parser.takes("(")) {
        return parser.operand().map(Source::Operand);
    }
    let name = parser.argument(function)?;
    parser.needs(",")?;
    let otherwise = parser.operand()?;
    parser.needs(")")?;
    Ok(Source::IfNotExists(name, otherwise))
}

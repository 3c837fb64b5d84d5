//! What the command line chooses.

use crate::Failure;
use crate::contender::{ALL, Contender};
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const USAGE: &str = "cargo bench-peers [--only NAME,…] [--rounds N]

Names: kokunai, floor, bare, python, node, bundled, litellm. Ratios are to the first of them. Rounds: 15 unless said otherwise.";

/// Fewer have an unsteady median.
const ROUNDS: usize = 15;

pub(crate) struct Options {
    pub(crate) contenders: Vec<Contender>,
    pub(crate) rounds: usize,
}

impl Options {
    /// Reads the arguments; nothing if they ask how to use it.
    pub(crate) fn read() -> Result<Option<Self>, Failure> {
        let mut options = Self { contenders: ALL.to_vec(), rounds: ROUNDS };
        let mut arguments = Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("only") => options.contenders = named(&arguments.value()?.string()?)?,
                Arg::Long("rounds") => options.rounds = arguments.value()?.parse()?,
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Some(options))
    }
}

fn named(names: &str) -> Result<Vec<Contender>, String> {
    let find =
        |name: &str| ALL.into_iter().find(|it| it.name() == name).ok_or(format!("{name} is no contender\n\n{USAGE}"));
    names.split(',').map(find).collect()
}

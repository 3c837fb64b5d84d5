//! Where in a caller's schema something stands; its path is written only when it is refused.

use crate::error::Error;
use std::borrow::Cow;
use std::fmt;

/// A place, as the steps that lead to it. A name may be long and stand above a thousand others, so no place holds a path.
pub(super) struct Place<'a> {
    before: Option<&'a Place<'a>>,
    step: Cow<'a, str>,
    depth: usize,
}

impl<'a> Place<'a> {
    /// The schema itself, by its path in the request.
    pub(super) fn root(path: &'a str) -> Self {
        Self { before: None, step: path.into(), depth: 0 }
    }

    /// A place inside this one.
    pub(super) fn at(&'a self, step: impl Into<Cow<'a, str>>) -> Self {
        Self { before: Some(self), step: step.into(), depth: self.depth + 1 }
    }

    pub(super) fn is_root(&self) -> bool {
        self.before.is_none()
    }

    /// How many steps lead here from the schema itself.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// What is wrong here.
    pub(super) fn refuse(&self, rule: impl fmt::Display) -> Error {
        Error::invalid(&self.to_string(), rule)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(before) = self.before {
            write!(f, "{before}.")?;
        }
        f.write_str(&self.step)
    }
}

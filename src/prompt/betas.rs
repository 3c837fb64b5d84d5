//! Anthropic's betas: Bedrock's are passed on; the others are dropped together with the body fields that they own.
//!
//! Bedrock refuses a beta that it does not know ("invalid beta flag"), and a field whose beta is missing ("Extra inputs
//! are not permitted"): one must not go without the other.

mod table;

use super::Purpose;
use super::fields::Fields;
use crate::error::Error;
use crate::json;
use std::borrow::Cow;
use table::{BETAS, Beta, HINTS, UNCOUNTED};

/// The most names of unknown betas that are told back; more are counted.
const MAX_TOLD: usize = 16;

/// What was left out of a request, to be said in the answer's headers and in the log line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Betas of the table: these names are ours, so that they may be logged.
    pub known: Vec<&'static str>,
    /// How many others there were: a header's value never reaches the log.
    pub unknown: usize,
    /// The body fields that went with them.
    pub fields: Vec<&'static str>,
    told: Vec<String>,
}

impl Dropped {
    /// The betas as the caller named them, for a response header: known ones, and others that look like a beta's name.
    #[must_use]
    pub fn betas(&self) -> Option<String> {
        let names: Vec<_> = self.known.iter().copied().chain(self.told.iter().map(String::as_str)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// How many more there were, whose names do not look like any, or that were too many.
    #[must_use]
    pub fn untold(&self) -> usize {
        self.unknown.saturating_sub(self.told.len())
    }
}

/// The most names in a body. The limit keeps the search for repetitions short; a header has its own, for API Gateway takes
/// 10 KB of them.
const MAX_IN_BODY: usize = 256;

/// The betas of one request, told apart.
#[derive(Debug, Default)]
pub(super) struct Betas {
    accepted: Vec<&'static Beta>,
    dropped: Vec<&'static Beta>,
    told: Vec<String>,
    unknown: usize,
    purpose: Option<Purpose>,
}

impl Betas {
    /// Sorts the betas that a request names, in its header and in its body; repetitions count once.
    pub(super) fn sort<'a>(names: impl IntoIterator<Item = &'a str>, purpose: Purpose) -> Self {
        let mut betas = Self { purpose: Some(purpose), ..Self::default() };
        let mut strangers: Vec<&str> = Vec::new();
        for name in names.into_iter().map(str::trim).filter(|name| !name.is_empty()) {
            match BETAS.iter().find(|beta| beta.name == name) {
                Some(beta) if beta.source.is_some() => push_once(&mut betas.accepted, beta),
                Some(beta) => push_once(&mut betas.dropped, beta),
                None => push_once(&mut strangers, name),
            }
        }
        betas.unknown = strangers.len();
        betas.told =
            strangers.into_iter().filter(|name| looks_like_a_beta(name)).take(MAX_TOLD).map(str::to_owned).collect();
        betas
    }

    /// The names that Bedrock is told.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &'static str> {
        self.accepted.iter().map(|beta| beta.name)
    }

    /// Whether an accepted beta lets thinking go on between the calls of tools, with a budget over several turns.
    pub(super) fn interleave_thinking(&self) -> bool {
        self.accepted().any(|name| name.starts_with("interleaved-thinking"))
    }

    /// The text of a top-level field without what dropped betas own in it, and without what is a mere hint that Bedrock
    /// does not know; `None` if nothing of it is left. What was taken out is noted in `taken`.
    pub(super) fn strip<'a>(&self, name: &str, text: &'a str, taken: &mut Vec<&'static str>) -> Option<Cow<'a, str>> {
        let mut text = Cow::Borrowed(text);
        let owned = self.dropped.iter().flat_map(|beta| beta.fields).filter(|field| !self.keeps(field.name));
        let uncounted = if self.purpose == Some(Purpose::Count) { UNCOUNTED } else { &[] };
        for field in owned.chain(HINTS).chain(uncounted) {
            for path in field.paths {
                let (top, rest) = path.split_once('.').unwrap_or((path, ""));
                if top != name {
                    continue;
                }
                if rest.is_empty() {
                    push_once(taken, field.name);
                    return None;
                }
                if !may_hold(&text, rest) {
                    continue;
                }
                if let Some(changed) = json::without(&text, rest) {
                    push_once(taken, field.name);
                    if changed == "{}" {
                        return None;
                    }
                    text = Cow::Owned(changed);
                }
            }
        }
        Some(text)
    }

    /// What was dropped, with the fields that went with it.
    pub(super) fn into_dropped(self, fields: Vec<&'static str>) -> Dropped {
        let known = self.dropped.iter().map(|beta| beta.name).collect();
        Dropped { known, unknown: self.unknown, fields, told: self.told }
    }

    /// Whether an accepted beta owns this field too.
    fn keeps(&self, field: &str) -> bool {
        self.accepted.iter().flat_map(|beta| beta.fields).any(|owned| owned.name == field)
    }
}

/// The names in the body's `anthropic_beta`.
pub(super) fn in_body(fields: &Fields<'_>) -> Result<Vec<String>, Error> {
    let names: Vec<String> = fields.typed("anthropic_beta", "a list of strings")?.unwrap_or_default();
    if names.len() > MAX_IN_BODY {
        return Err(Error::invalid("anthropic_beta", format!("names more than {MAX_IN_BODY} betas")));
    }
    Ok(names)
}

fn push_once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// Whether a text may hold what a path leads to: to look for a name is a hundred times quicker than to read a long
/// conversation field by field, and nearly always enough. (A name with an escape in it is left for Bedrock to refuse.)
fn may_hold(text: &str, path: &str) -> bool {
    let name = path.rsplit(['.', ':']).next().unwrap_or(path);
    text.contains(&format!("\"{name}\""))
}

/// Such as `files-api-2025-04-14`: fit for a response header, and long enough for any name so far.
fn looks_like_a_beta(name: &str) -> bool {
    name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests;

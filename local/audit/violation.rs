//! The violations that are shown one by one.

use kokunai::audit::Judged;
use serde::Serialize;
use std::borrow::Cow;

/// How many are kept. Whoever has more looks for their cause, not for each of them.
const MOST: usize = 1_000;

/// No value of a record that means anything is longer.
const LONGEST_VALUE: usize = 512;

/// A violation, as far as its record tells.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Violation {
    pub(super) time: Option<String>,
    pub(super) event_id: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) model: Option<String>,
    pub(super) region: Option<String>,
    pub(super) source_region: Option<String>,
    pub(super) principal: Option<String>,
    pub(super) reason: Option<&'static str>,
    pub(super) bedrock_request_id: Option<String>,
}

/// The first of them.
#[derive(Debug, Default)]
pub(super) struct Violations(Vec<Violation>);

impl Violations {
    /// Adds the violation that a record tells of, with what was known before of who asked.
    pub(super) fn add(&mut self, judged: &Judged<'_>, principal: Option<&str>) {
        if self.0.len() < MOST {
            self.0.push(Violation {
                time: shown(judged.event_time.as_deref()),
                event_id: shown(judged.event_id.as_deref()),
                operation: shown(judged.event_name.as_deref()),
                model: shown(judged.model.as_deref()),
                region: shown(judged.region.as_deref()),
                source_region: shown(judged.source_region.as_deref()),
                principal: shown(judged.principal.as_deref().or(principal)),
                reason: judged.verdict.reason(),
                bedrock_request_id: shown(judged.bedrock_request_id.as_deref()),
            });
        }
    }

    /// A service event does not say who asked: the record of the call may say it later.
    pub(super) fn name_principal(&mut self, judged: &Judged<'_>) {
        let request = shown(judged.bedrock_request_id.as_deref());
        let nameless = |it: &&mut Violation| it.principal.is_none() && it.bedrock_request_id == request;
        if let Some(violation) = self.0.iter_mut().find(nameless).filter(|_| request.is_some()) {
            violation.principal = shown(judged.principal.as_deref());
        }
    }

    pub(super) fn all(&self) -> &[Violation] {
        &self.0
    }
}

/// A value as it may be shown: none of a record's own characters moves the cursor of whoever reads the report.
fn shown(value: Option<&str>) -> Option<String> {
    let printable = |text: &str| text.replace(|it: char| it.is_control(), "\u{fffd}");
    value.map(|text| printable(short(text)))
}

/// A value, cut where it is too long to mean anything.
pub(super) fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_VALUE)]
}

/// What is shown where a record does not tell.
pub(super) fn or_dash(value: Option<&str>) -> Cow<'_, str> {
    value.map_or(Cow::Borrowed("–"), Cow::Borrowed)
}

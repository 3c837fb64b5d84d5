//! A folder as CloudTrail fills it, with as many records as a test wants, and the report that it must lead to.

mod event;

use event::{Kind, id};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, create_dir_all};
use std::io::Write;
use std::path::Path;
use time::macros::{datetime, offset};
use time::{Duration, OffsetDateTime};

const TOKYO: &str = "ap-northeast-1";
const ACCOUNT: &str = "123456789012";

/// Records of a day. The longer the trail, the more days it has, as in life.
const A_DAY: u32 = 2_000;

/// Records in a file.
const A_FILE: usize = 400;

/// The roles that may ask; the two principals after them may not.
pub(super) const ROLES: [&str; 2] = ["kokunai-ApiRole", "kokunai-QueueFunctionRole"];
const PRINCIPALS: [&str; 4] = [
    "arn:aws:sts::123456789012:assumed-role/kokunai-ApiRole/kokunai-ApiFunction",
    "arn:aws:sts::123456789012:assumed-role/kokunai-QueueFunctionRole/kokunai-QueueFunction",
    "arn:aws:sts::123456789012:assumed-role/reports-role/nightly",
    "arn:aws:iam::123456789012:user/analyst",
];

/// The counts of a day, in the words of the document.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) calls: u64,
    pub(super) tokyo: u64,
    pub(super) osaka: u64,
    pub(super) unverified: u64,
    pub(super) awaited: u64,
    pub(super) violations: u64,
    pub(super) denied: u64,
    pub(super) unknown_roles: Option<u64>,
}

/// The counts of records, in the words of the document.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(super) struct Records {
    pub(super) read: u64,
    pub(super) repeated: u64,
    pub(super) malformed: u64,
    pub(super) another_service: u64,
    pub(super) another_operation: u64,
}

/// What a report on a trail must say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) days: BTreeMap<String, Row>,
    pub(super) records: Records,
    pub(super) files: u64,
}

/// Writes a trail of so many records; the same seed writes the same one.
pub(super) fn write(folder: &Path, records: usize, seed: u64) -> Expected {
    let mut trail = Trail {
        random: fastrand::Rng::with_seed(seed),
        now: datetime!(2026-09-01 00:00 UTC),
        later: VecDeque::new(),
        expected: Expected::default(),
    };
    let (mut written, mut file) = (0, Vec::new());
    while written < records {
        file.push(trail.next(records - written));
        written += 1;
        if file.len() == A_FILE || written == records {
            trail.save(folder, &std::mem::take(&mut file));
        }
    }
    trail.expected.records.read = records as u64;
    trail.expected
}

struct Trail {
    random: fastrand::Rng,
    now: OffsetDateTime,
    /// Records that come after others, with the number of those that come first.
    later: VecDeque<(usize, Value)>,
    expected: Expected,
}

impl Trail {
    /// The next record, if so many are still to come.
    fn next(&mut self, left: usize) -> Value {
        self.now += Duration::DAY / A_DAY;
        self.later.iter_mut().for_each(|(before, _)| *before = before.saturating_sub(1));
        let is_due = self.later.front().is_some_and(|(before, _)| *before == 0) || self.later.len() >= left;
        match self.later.pop_front_if(|_| is_due) {
            Some((_, record)) => record,
            None => self.event(self.later.len() + 1 < left),
        }
    }

    /// A new event; one of two records only if there is room for both.
    fn event(&mut self, has_room: bool) -> Value {
        let kind = Kind::any(&mut self.random);
        let kind = if kind.has_two() && !has_room { Kind::Tokyo } else { kind };
        let principal = self.random.choice(PRINCIPALS).unwrap();
        self.expect(kind, principal);
        let (first, second) = kind.records(self.now, principal, &mut self.random);
        if let Some(second) = second {
            // In order, so that what comes first is in front.
            let wait = self.later.back().map_or(0, |(before, _)| *before).max(1 + self.random.usize(..30));
            self.later.push_back((wait, second));
        }
        first
    }

    /// Adds an event to what the report must say.
    fn expect(&mut self, kind: Kind, principal: &str) {
        let records = &mut self.expected.records;
        match kind {
            Kind::AnotherService => return records.another_service += 1,
            Kind::AnotherOperation => return records.another_operation += 1,
            Kind::Malformed => return records.malformed += 1,
            Kind::Twice => records.repeated += 1,
            Kind::Tokyo | Kind::Osaka | Kind::StreamInTokyo | Kind::StreamInOsaka | Kind::StreamAbroad => {}
            Kind::StreamAlone | Kind::NoRegion | Kind::Denied | Kind::Abroad | Kind::Global | Kind::Reissued => {}
        }
        let day = self.now.to_offset(offset!(+9)).date().to_string();
        let row = self.expected.days.entry(day).or_insert(Row { unknown_roles: Some(0), ..Row::default() });
        *match kind {
            Kind::Tokyo | Kind::StreamInTokyo | Kind::Twice => &mut row.tokyo,
            Kind::Osaka | Kind::StreamInOsaka | Kind::Reissued => &mut row.osaka,
            Kind::StreamAlone | Kind::NoRegion => &mut row.unverified,
            Kind::StreamAbroad | Kind::Abroad | Kind::Global => &mut row.violations,
            Kind::Denied | Kind::AnotherService | Kind::AnotherOperation | Kind::Malformed => &mut row.denied,
        } += 1;
        if kind != Kind::Denied {
            let is_known = ROLES.iter().any(|role| principal.contains(role));
            row.calls += 1;
            row.awaited += u64::from(kind == Kind::StreamAlone);
            *row.unknown_roles.as_mut().unwrap() += u64::from(!is_known);
        }
    }

    /// Writes a file where S3 has it, and as it has it: one list in one line, in gzip.
    fn save(&mut self, folder: &Path, records: &[Value]) {
        let now = self.now;
        let (year, month, day) = (now.year(), u8::from(now.month()), now.day());
        let folder = folder.join(format!("AWSLogs/{ACCOUNT}/CloudTrail/{TOKYO}/{year}/{month:02}/{day:02}"));
        create_dir_all(&folder).unwrap();
        let (hour, minute, id) = (now.hour(), now.minute(), &id(&mut self.random)[..8]);
        let name = format!("{ACCOUNT}_CloudTrail_{TOKYO}_{year}{month:02}{day:02}T{hour:02}{minute:02}Z_{id}.json.gz");
        let mut file = GzEncoder::new(File::create(folder.join(name)).unwrap(), Compression::fast());
        file.write_all(json!({ "Records": records }).to_string().as_bytes()).unwrap();
        file.finish().unwrap();
        self.expected.files += 1;
    }
}

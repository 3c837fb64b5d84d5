//! The command line of `cargo local audit`.

use super::roles::{Role, Roles};
use lexopt::prelude::*;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use time::UtcOffset;
use time::format_description::BorrowedFormatItem;

/// What `cargo local audit --help` prints.
pub(super) const HELP: &str = "\
cargo local audit FILES…    where the account's calls of models on Bedrock ran, by day, from CloudTrail's files
cargo local audit --lookup  the same from CloudTrail itself in Tokyo, with your own AWS credentials

FILES are files, folders with everything in them, or - for standard input: CloudTrail's files as S3 has them, plain or
gzip; files with one record a line; records as EventBridge hands them over; what aws cloudtrail lookup-events prints;
single records. Folders are read in the
order of their names. Folders and files named CloudTrail-Digest or CloudTrail-Insight hold no calls, and are skipped,
like hidden files in a folder.

  --role NAME-OR-ARN  a role that may ask, or the ARN of any other principal; repeat it for each. The column
                      'unknown roles' counts the calls of all others
  --zone OFFSET       the days are those of this zone instead of Japan's +09:00, such as +00:00
  --days N            with --lookup: so many days back, 1 to 90; 7 without it
  --json              print one JSON document instead of the table
  --progress          show the progress bar also where standard error is no terminal
  --help              print this

A call is counted once, however many records there are of it: a streamed one has two, and CloudTrail sends some again.
For that, calls are remembered for as long as records of their day are read and for seven more days of calls.
  calls          those that a model may have answered: the next four columns together
  Tokyo, Osaka   proved: CloudTrail says that it ran there, and what was asked answers nowhere else
  unverified     CloudTrail does not say where it ran, or what was asked hides its model; also a streamed call
                 whose second record, the service event, is not there
  violations     it ran outside Japan, or was asked in a way that can lead there
  denied         calls that failed, and were answered by nobody

Exit status: 1 if there is a violation, whatever else there is; else 2 if something could not be read to its end, if a
record cannot be judged (malformed), if there was no record at all, or if the command line is wrong; else 0.

The document of --json has
  zone                 the offset of the days
  days                 a list of {day, calls, tokyo, osaka, unverified, awaited, violations, denied, unknown_roles}.
                       day is null for calls without a time; awaited is how many of the unverified are streamed calls
                       without a service event; unknown_roles is null without --role
  totals               the same without day
  violations           a list of {time, event_id, operation, model, region, source_region, principal, reason,
                       bedrock_request_id}; region is where inference ran, if that was told
  violations_left_out  how many more there are than the 1,000 that are listed
  records              {read, repeated, malformed, another_service, another_operation}
  sources              {read, skipped, unreadable: a list of {name, fault}}; of --lookup, pages are sources
  seconds, records_per_second
";

/// How far back CloudTrail looks up events.
const LONGEST_LOOKUP: u16 = 90;

/// What is looked up unless it is said otherwise.
const USUAL_LOOKUP: u16 = 7;

/// An offset from UTC, as `--zone` takes it and as it is shown.
pub(super) const OFFSET: &[BorrowedFormatItem<'_>] =
    time::macros::format_description!("[offset_hour sign:mandatory]:[offset_minute]");

/// Japan's offset from UTC. Its clocks have not been changed since 1951.
pub(super) const JAPAN: UtcOffset = time::macros::offset!(+9);

/// What to report.
pub(super) struct Options {
    pub(super) source: Source,
    pub(super) zone: UtcOffset,
    pub(super) roles: Roles,
    pub(super) json: bool,
    /// Whether the progress bar is wanted in any case.
    pub(super) progress: bool,
}

/// Where the records come from.
pub(super) enum Source {
    Files(Vec<PathBuf>),
    Lookup { days: u16 },
}

impl Options {
    /// Reads what follows `audit` on the command line; `None` if help is asked for.
    pub(super) fn parse(arguments: Vec<OsString>) -> Result<Option<Self>, lexopt::Error> {
        let mut options = Self {
            source: Source::Files(Vec::new()),
            zone: JAPAN,
            roles: Roles::default(),
            json: false,
            progress: false,
        };
        let (mut files, mut lookup, mut days) = (Vec::new(), false, None);
        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next()? {
            match argument {
                Short('h') | Long("help") => return Ok(None),
                Long("lookup") => lookup = true,
                Long("days") => days = Some(days_back(&parser.value()?)?),
                Long("role") => options.roles.add(role(&parser.value()?)?),
                Long("zone") => options.zone = zone(&parser.value()?)?,
                Long("json") => options.json = true,
                Long("progress") => options.progress = true,
                Value(file) => files.push(PathBuf::from(file)),
                Short(_) | Long(_) => return Err(argument.unexpected()),
            }
        }
        options.source = match (lookup, days, &files[..]) {
            (true, days, []) => Source::Lookup { days: days.unwrap_or(USUAL_LOOKUP) },
            (true, _, _) => return Err("--lookup takes no files".into()),
            (false, Some(_), _) => return Err("--days is for --lookup".into()),
            (false, None, []) => return Err("audit takes files or folders, or --lookup".into()),
            (false, None, _) => Source::Files(files),
        };
        Ok(Some(options))
    }
}

fn days_back(value: &OsStr) -> Result<u16, lexopt::Error> {
    let days = value.to_str().and_then(|value| value.parse().ok()).filter(|days| (1..=LONGEST_LOOKUP).contains(days));
    days.ok_or_else(|| format!("--days takes a number from 1 to {LONGEST_LOOKUP}").into())
}

fn role(value: &OsStr) -> Result<Role, lexopt::Error> {
    let role = value.to_str().and_then(Role::read);
    role.ok_or_else(|| "--role takes the name of a role, or the ARN of a principal".into())
}

fn zone(value: &OsStr) -> Result<UtcOffset, lexopt::Error> {
    let zone = value.to_str().and_then(|value| UtcOffset::parse(value, OFFSET).ok());
    zone.ok_or_else(|| "--zone takes an offset from UTC, such as +09:00".into())
}

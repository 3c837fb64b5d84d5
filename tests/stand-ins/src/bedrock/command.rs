//! What a prompt can tell the stand-in to do instead of answering, and the parser of that small language.

mod fault;
mod interruption;

use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use self::fault::{FAULTS, Fault};
use self::interruption::INTERRUPTIONS;
pub(super) use self::interruption::{Exception, Interruption, Kind, Moment};
use super::answer::tools::Use;

/// What starts a command, anywhere in the last user text; the command runs to the end of the line.
const MARK: &str = "stand-in: ";

/// Every command, as a person reads it who has just mistyped one.
pub const COMMANDS: &str = "\
stand-in: throttle [n]           429 ThrottlingException, for ever or the first n times
stand-in: not-ready [n]          429 ModelNotReadyException
stand-in: internal-error [n]     500 InternalServerException
stand-in: unavailable [n]        503 ServiceUnavailableException
stand-in: denied [n]             403 AccessDeniedException
stand-in: validation [n]         400 ValidationException that quotes the prompt
stand-in: not-found [n]          404 ResourceNotFoundException
stand-in: quota [n]              400 ServiceQuotaExceededException
stand-in: model-timeout [n]      408 ModelTimeoutException
stand-in: model-error [n]        424 ModelErrorException
stand-in: drop [n]               closes the connection without an answer
stand-in: stall                  never answers, and keeps the connection open
stand-in: slow <ms>              answers after that many milliseconds
stand-in: not-json               200 with a page of HTML
stand-in: empty                  200 with no bytes
stand-in: truncated              200 with the first half of the JSON, or of the stream
stand-in: odd-shape              200 with JSON that is not a message, or not an event
stand-in: refusal                an empty answer whose stop reason is refusal
stand-in: long <n>               an answer of n characters
stand-in: tool [n]               one use of a tool of the request's, or n of them, after a few words
stand-in: use <tool> <json>      one use of that tool of the request's, with this input, after a few words
stand-in: pace <ms>              a stream that waits that long before each chunk
stand-in: chunks <n>             a stream of exactly n text deltas, whatever max_tokens says
stand-in: wide <n>               the same, with 64 KiB of text in each delta
stand-in: size <n>               an answer of n bytes (25 MB at most), whatever max_tokens says; a stream has 1 KiB in each delta
stand-in: quiet <ms>             a stream that goes on after a few deltas and that long a silence
stand-in: first-throttle         throttlingException as the very first frame of a stream
stand-in: stream-throttle        throttlingException after a few deltas of a stream
stand-in: stream-internal-error  internalServerException after a few deltas
stand-in: stream-unavailable     serviceUnavailableException after a few deltas
stand-in: stream-validation      validationException that quotes the prompt, after a few deltas
stand-in: stream-model-error     modelStreamErrorException after a few deltas
stand-in: stream-model-timeout   modelTimeoutException after a few deltas
stand-in: stream-broken          a frame whose checksum is wrong after a few deltas
stand-in: stream-drop            closes the connection in the middle of a frame
stand-in: stream-stall           silence for ever after a few deltas
stand-in: end-drop               closes the connection after the end of a whole stream
stand-in: end-stall              keeps the connection open after the end of a whole stream
stand-in: help                   this list";

/// The largest answer that can be asked for by its size. Prepared answers are kept, so somebody who tries sizes must not use up the
/// memory.
const LARGEST: usize = 25_000_000;

/// One thing to do instead of, or around, a plain answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Refuse, or hang up, the first so many times that this very prompt arrives, and answer after that.
    Fail(Failure, Times),
    Stall,
    Slow(Duration),
    NotJson,
    Empty,
    Truncated,
    OddShape,
    Refusal,
    Long(usize),
    Help,
    /// Use so many of the request's tools.
    Tools(usize),
    /// Use this tool of the request's.
    Use(Use),
    /// Stream with this much time before each chunk.
    Pace(Duration),
    /// Stream exactly so many text deltas.
    Chunks(usize),
    /// The same, with 64 KiB of text in each.
    Wide(usize),
    /// Say so many bytes.
    Size(usize),
    /// Stream a few deltas, then nothing for this long, then the rest.
    Quiet(Duration),
    /// Stream a few deltas, or nothing, and then this instead of the rest.
    Interrupt(&'static Interruption),
}

/// How often a failure happens before the same prompt is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Always,
    First(usize),
}

/// A failure that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    Drop,
    Refuse(&'static Fault),
}

impl Command {
    /// The command in a prompt, if there is one; an unknown one is an error that lists those that exist.
    pub(super) fn find(prompt: &str) -> Result<Option<Self>, String> {
        let Some((_, rest)) = prompt.split_once(MARK) else {
            return Ok(None);
        };
        rest.lines().next().unwrap_or_default().parse().map(Some)
    }

    /// Whether it makes sense for a stream only; obeying it half on a whole answer would let a test pass for nothing.
    pub(super) fn needs_a_stream(&self) -> bool {
        matches!(self, Self::Pace(_) | Self::Chunks(_) | Self::Wide(_) | Self::Quiet(_) | Self::Interrupt(_))
    }
}

impl FromStr for Command {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || format!("The stand-in does not know the command {text:?}. It knows:\n{COMMANDS}");
        if let Some(tool) = text.strip_prefix("use ") {
            return spelt_out(tool).map(Self::Use).ok_or_else(unknown);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let (name, argument) = match words[..] {
            [name] => (name, None),
            [name, number] => (name, Some(number.parse::<u32>().map_err(|_| unknown())?)),
            _ => return Err(unknown()),
        };
        let number = argument.and_then(|number| usize::try_from(number).ok());
        let duration = argument.map(|milliseconds| Duration::from_millis(milliseconds.into()));
        let times = number.map_or(Times::Always, Times::First);
        let fault = FAULTS.iter().find(|fault| fault.name == name);
        let interruption = INTERRUPTIONS.iter().find(|interruption| interruption.name == name);
        match (name, duration, number, fault) {
            (_, _, _, Some(fault)) => Ok(Self::Fail(Failure::Refuse(fault), times)),
            ("drop", ..) => Ok(Self::Fail(Failure::Drop, times)),
            ("slow", Some(duration), ..) => Ok(Self::Slow(duration)),
            ("long", _, Some(characters), _) => Ok(Self::Long(characters)),
            ("tool", ..) => Ok(Self::Tools(number.unwrap_or(1))),
            ("pace", Some(duration), ..) => Ok(Self::Pace(duration)),
            ("quiet", Some(duration), ..) => Ok(Self::Quiet(duration)),
            ("chunks", _, Some(deltas), _) => Ok(Self::Chunks(deltas)),
            ("wide", _, Some(deltas), _) => Ok(Self::Wide(deltas)),
            ("size", _, Some(bytes @ ..=LARGEST), _) => Ok(Self::Size(bytes)),
            ("stall", None, ..) => Ok(Self::Stall),
            ("not-json", None, ..) => Ok(Self::NotJson),
            ("empty", None, ..) => Ok(Self::Empty),
            ("truncated", None, ..) => Ok(Self::Truncated),
            ("odd-shape", None, ..) => Ok(Self::OddShape),
            ("refusal", None, ..) => Ok(Self::Refusal),
            ("help", None, ..) => Ok(Self::Help),
            (_, None, ..) => interruption.map(Self::Interrupt).ok_or_else(unknown),
            _ => Err(unknown()),
        }
    }
}

/// The name of a tool and its input, which is an object.
fn spelt_out(tool: &str) -> Option<Use> {
    let (name, input) = tool.split_once(' ')?;
    let input = serde_json::from_str(input).ok().filter(Value::is_object)?;
    Some(Use { name: name.to_owned(), input })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_help_text_parses() {
        for line in COMMANDS.lines() {
            let (usage, _) = line.split_once("  ").expect("a usage and a meaning");
            let prompt = usage.replace(" [n]", "").replace("<ms>", "250").replace("<n>", "9");
            let prompt = prompt.replace("<tool> <json>", r#"Read {"path": "a b"}"#);
            assert!(matches!(Command::find(&prompt), Ok(Some(_))), "{prompt}");
        }
    }

    #[test]
    fn every_fault_is_in_the_help_text_with_its_status_and_type() {
        for fault in FAULTS {
            let meaning = format!("{} {}", fault.status.as_u16(), fault.error_type);
            let documented = |line: &str| line.contains(&format!("{MARK}{} ", fault.name)) && line.contains(&meaning);
            assert!(COMMANDS.lines().any(documented), "{}", fault.name);
        }
    }

    #[test]
    fn every_interruption_is_in_the_help_text_with_its_exception_and_needs_a_stream() {
        for interruption in INTERRUPTIONS {
            let usage = format!("{MARK}{} ", interruption.name);
            let line = COMMANDS.lines().find(|line| line.starts_with(&usage)).expect(interruption.name);
            let exception = interruption.exception().map_or("", |exception| exception.exception_type);
            assert!(line.contains(exception), "{line}");
            assert!(Command::find(usage.trim()).expect("a command").is_some_and(|command| command.needs_a_stream()));
        }
    }

    #[test]
    fn a_command_runs_from_anywhere_to_the_end_of_its_line() {
        let found = Command::find("Hello.\nPlease stand-in: slow 250\nThank you.");
        assert_eq!(found, Ok(Some(Command::Slow(Duration::from_millis(250)))));
        assert_eq!(Command::find("What is the capital of Japan?"), Ok(None));
    }

    #[test]
    fn a_failure_happens_always_or_so_many_times() {
        assert_eq!("drop".parse(), Ok(Command::Fail(Failure::Drop, Times::Always)));
        assert_eq!("drop 2".parse(), Ok(Command::Fail(Failure::Drop, Times::First(2))));
    }

    #[test]
    fn a_mistyped_command_is_told_what_exists() {
        for mistyped in [
            "",
            "trottle",
            "slow",
            "slow soon",
            "long",
            "stall 3",
            "stream-stall 3",
            "throttle 2 please",
            "throttle -1",
            "use Read",
            "use Read a b",
            "use Read []",
        ] {
            let error = Command::find(&format!("{MARK}{mistyped}")).expect_err(mistyped);
            assert!(error.contains("stand-in: throttle [n]"), "{error}");
        }
    }
}

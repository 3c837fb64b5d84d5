//! What a prompt can tell the stand-in to do instead of answering, and the parser of that small language.

use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;

/// What starts a command, anywhere in the last user text; the command runs to the end of the line.
const MARK: &str = "stand-in: ";

/// Every command, as a person reads it who has just mistyped one.
pub const COMMANDS: &str = "\
stand-in: throttle [n]        429 ThrottlingException, for ever or the first n times
stand-in: not-ready [n]       429 ModelNotReadyException
stand-in: internal-error [n]  500 InternalServerException
stand-in: unavailable [n]     503 ServiceUnavailableException
stand-in: denied [n]          403 AccessDeniedException
stand-in: validation [n]      400 ValidationException that quotes the prompt
stand-in: not-found [n]       404 ResourceNotFoundException
stand-in: quota [n]           400 ServiceQuotaExceededException
stand-in: model-timeout [n]   408 ModelTimeoutException
stand-in: model-error [n]     424 ModelErrorException
stand-in: drop [n]            closes the connection without an answer
stand-in: stall               never answers, and keeps the connection open
stand-in: slow <ms>           answers after that many milliseconds
stand-in: not-json            200 with a page of HTML
stand-in: empty               200 with no bytes
stand-in: truncated           200 with the first half of the JSON
stand-in: odd-shape           200 with JSON that is not a message
stand-in: refusal             an empty answer whose stop reason is refusal
stand-in: long <n>            an answer of n characters
stand-in: help                this list";

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

/// An error that Bedrock documents for InvokeModel.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    name: &'static str,
    pub(super) status: StatusCode,
    pub(super) error_type: &'static str,
    /// `{prompt}` in it stands for the prompt, to prove that nobody logs what Bedrock says.
    message: &'static str,
}

impl Fault {
    pub(super) fn message(&self, prompt: &str) -> String {
        self.message.replace("{prompt}", prompt)
    }
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "throttle",
        status: StatusCode::TOO_MANY_REQUESTS,
        error_type: "ThrottlingException",
        message: "Too many requests, please wait before trying again.",
    },
    Fault {
        name: "not-ready",
        status: StatusCode::TOO_MANY_REQUESTS,
        error_type: "ModelNotReadyException",
        message: "The model specified in the request is not ready to serve inference requests.",
    },
    Fault {
        name: "internal-error",
        status: StatusCode::INTERNAL_SERVER_ERROR,
        error_type: "InternalServerException",
        message: "The system encountered an unexpected error during processing. Try your request again.",
    },
    Fault {
        name: "unavailable",
        status: StatusCode::SERVICE_UNAVAILABLE,
        error_type: "ServiceUnavailableException",
        message: "Bedrock is unable to process your request.",
    },
    Fault {
        name: "denied",
        status: StatusCode::FORBIDDEN,
        error_type: "AccessDeniedException",
        message: "You don't have access to the model with the specified model ID.",
    },
    Fault {
        name: "validation",
        status: StatusCode::BAD_REQUEST,
        error_type: "ValidationException",
        message: "messages.0.content: Input should not be {prompt}",
    },
    Fault {
        name: "not-found",
        status: StatusCode::NOT_FOUND,
        error_type: "ResourceNotFoundException",
        message: "Model use case details have not been submitted for this account.",
    },
    Fault {
        name: "quota",
        status: StatusCode::BAD_REQUEST,
        error_type: "ServiceQuotaExceededException",
        message: "Your request exceeds the service quota for your account.",
    },
    Fault {
        name: "model-timeout",
        status: StatusCode::REQUEST_TIMEOUT,
        error_type: "ModelTimeoutException",
        message: "Model has timed out in processing the request. Try your request again.",
    },
    Fault {
        name: "model-error",
        status: StatusCode::FAILED_DEPENDENCY,
        error_type: "ModelErrorException",
        message: "The system encountered an unexpected error during processing. Try your request again.",
    },
];

impl Command {
    /// The command in a prompt, if there is one; an unknown one is an error that lists those that exist.
    pub(super) fn find(prompt: &str) -> Result<Option<Self>, String> {
        let Some((_, rest)) = prompt.split_once(MARK) else {
            return Ok(None);
        };
        rest.lines().next().unwrap_or_default().parse().map(Some)
    }
}

impl FromStr for Command {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || format!("The stand-in does not know the command {text:?}. It knows:\n{COMMANDS}");
        let words: Vec<&str> = text.split_whitespace().collect();
        let (name, argument) = match words[..] {
            [name] => (name, None),
            [name, number] => (name, Some(number.parse::<u32>().map_err(|_| unknown())?)),
            _ => return Err(unknown()),
        };
        let number = argument.and_then(|number| usize::try_from(number).ok());
        let times = number.map_or(Times::Always, Times::First);
        let fault = FAULTS.iter().find(|fault| fault.name == name);
        match (name, argument, number, fault) {
            (_, _, _, Some(fault)) => Ok(Self::Fail(Failure::Refuse(fault), times)),
            ("drop", ..) => Ok(Self::Fail(Failure::Drop, times)),
            ("slow", Some(milliseconds), ..) => Ok(Self::Slow(Duration::from_millis(milliseconds.into()))),
            ("long", _, Some(characters), _) => Ok(Self::Long(characters)),
            ("stall", None, ..) => Ok(Self::Stall),
            ("not-json", None, ..) => Ok(Self::NotJson),
            ("empty", None, ..) => Ok(Self::Empty),
            ("truncated", None, ..) => Ok(Self::Truncated),
            ("odd-shape", None, ..) => Ok(Self::OddShape),
            ("refusal", None, ..) => Ok(Self::Refusal),
            ("help", None, ..) => Ok(Self::Help),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_help_text_parses() {
        for line in COMMANDS.lines() {
            let (usage, _) = line.split_once("  ").expect("a usage and a meaning");
            let prompt = usage.replace(" [n]", "").replace("<ms>", "250").replace("<n>", "9");
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
        for mistyped in ["", "trottle", "slow", "slow soon", "long", "stall 3", "throttle 2 please", "throttle -1"] {
            let error = Command::find(&format!("{MARK}{mistyped}")).expect_err(mistyped);
            assert!(error.contains("stand-in: throttle [n]"), "{error}");
        }
    }
}

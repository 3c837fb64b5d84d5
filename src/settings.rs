//! The settings: the environment, read once through a lookup; every mistake is reported at once, by name.

use crate::residency;
use std::fmt::{self, Display};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Sonnet 4.5 writes at most this many tokens in one answer.
pub const MAX_OUTPUT_TOKENS: u32 = 64_000;

/// How HTTP answers leave the function. API Gateway does not tell in its event, so it must be set to what the
/// integration says: one that is answered in the other way shows its caller an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// One JSON document with status, headers and body; API Gateway waits 29 s for it.
    Buffered,
    /// Metadata, eight NUL bytes, and the body as it comes.
    Stream,
}

/// What the operator can choose. Where prompts go is not among it, see [`residency`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `DEFAULT_MAX_TOKENS`: tokens that an answer may have when the prompt does not say.
    pub default_max_tokens: u32,
    /// `TIME_BUDGET_SECONDS`: the longest that one prompt may take, whatever the platform would allow.
    pub time_budget: Duration,
    /// `RETRY_BUDGET_SECONDS`: how long after its start a prompt that was throttled is tried again.
    pub retry_budget: Duration,
    /// `RESPONSE_MODE`: how HTTP answers leave.
    pub response_mode: ResponseMode,
    /// `LOG_LEVEL`: the least severe level that kokunai's own lines are written at.
    pub log_level: LevelFilter,
}

/// Everything that was wrong with the environment; shown as one sentence per mistake, all on one line.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes {
    sentences: Vec<String>,
    runtime_api: Option<String>,
}

impl Mistakes {
    /// Where Lambda can be told, if this is Lambda.
    #[must_use]
    pub fn runtime_api(&self) -> Option<&str> {
        self.runtime_api.as_deref()
    }
}

impl Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences.join(" "))
    }
}

impl Settings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// All mistakes at once, each by the name of its variable.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn from_environment() -> Result<Self, Mistakes> {
        // A value that is not Unicode becomes one that no setting accepts, and so is reported like any other.
        Self::read(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads the settings through `lookup`, which gives the value of a variable by its name.
    ///
    /// # Errors
    /// All mistakes at once, each by the name of its variable.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader { lookup, mistakes: Vec::new() };
        reader.platform();
        let settings = Self {
            default_max_tokens: reader.number("DEFAULT_MAX_TOKENS", 1..=MAX_OUTPUT_TOKENS, 4096),
            time_budget: reader.seconds("TIME_BUDGET_SECONDS", 1..=900, 900),
            retry_budget: reader.seconds("RETRY_BUDGET_SECONDS", 0..=60, 3),
            response_mode: reader.choice("RESPONSE_MODE", &RESPONSE_MODES, ResponseMode::Buffered),
            log_level: reader.choice("LOG_LEVEL", &LOG_LEVELS, LevelFilter::INFO),
        };
        if reader.mistakes.is_empty() {
            return Ok(settings);
        }
        Err(Mistakes { sentences: reader.mistakes, runtime_api: (reader.lookup)("AWS_LAMBDA_RUNTIME_API") })
    }
}

const RESPONSE_MODES: [(&str, ResponseMode); 2] =
    [("buffered", ResponseMode::Buffered), ("stream", ResponseMode::Stream)];

const LOG_LEVELS: [(&str, LevelFilter); 5] = [
    ("trace", LevelFilter::TRACE),
    ("debug", LevelFilter::DEBUG),
    ("info", LevelFilter::INFO),
    ("warn", LevelFilter::WARN),
    ("error", LevelFilter::ERROR),
];

/// The variables that Lambda sets in every function, and without which its runtime would panic.
const PLATFORM: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

struct Reader<L> {
    lookup: L,
    mistakes: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    /// Checks what Lambda itself sets: the Region, which nobody else can set there, and what its runtime needs.
    fn platform(&mut self) {
        match (self.lookup)("AWS_REGION") {
            Some(region) if region == residency::REGION => {}
            Some(region) => self.mistakes.push(format!(
                "AWS_REGION is {region:?}, but this function runs in {} (Tokyo) only.",
                residency::REGION
            )),
            None => self.mistakes.push(format!(
                "AWS_REGION is not set: this is a Lambda function for {}; `cargo local` runs it on this machine.",
                residency::REGION
            )),
        }
        let missing: Vec<_> = PLATFORM.into_iter().filter(|name| (self.lookup)(name).is_none()).collect();
        if !missing.is_empty() {
            self.mistakes.push(format!("{} must be set, as Lambda does.", missing.join(", ")));
        }
        if (self.lookup)("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").is_some_and(|size| size.parse::<i32>().is_err()) {
            self.mistakes.push("AWS_LAMBDA_FUNCTION_MEMORY_SIZE must be a whole number of megabytes.".to_owned());
        }
    }

    fn number<N: FromStr + PartialOrd + Display>(&mut self, name: &str, range: RangeInclusive<N>, default: N) -> N {
        let Some(value) = (self.lookup)(name) else {
            return default;
        };
        match value.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                let (least, most) = (range.start(), range.end());
                self.mistakes.push(format!("{name} is {value:?}, but must be a whole number from {least} to {most}."));
                default
            }
        }
    }

    fn seconds(&mut self, name: &str, range: RangeInclusive<u64>, default: u64) -> Duration {
        Duration::from_secs(self.number(name, range, default))
    }

    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], default: T) -> T {
        let Some(value) = (self.lookup)(name) else {
            return default;
        };
        if let Some((_, choice)) = choices.iter().find(|(known, _)| value.eq_ignore_ascii_case(known)) {
            return *choice;
        }
        let known: Vec<_> = choices.iter().map(|(known, _)| *known).collect();
        self.mistakes.push(format!("{name} is {value:?}, but must be one of {}.", known.join(", ")));
        default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Settings, Mistakes> {
        let lambda = [
            ("AWS_REGION", "ap-northeast-1"),
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
            ("AWS_LAMBDA_FUNCTION_NAME", "kokunai"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ];
        let find = |pairs: &[(&str, &str)], name: &str| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(|name| find(changes, name).or_else(|| find(&lambda, name)))
    }

    #[test]
    fn nothing_set_gives_the_documented_defaults() {
        let expected = Settings {
            default_max_tokens: 4096,
            time_budget: Duration::from_secs(900),
            retry_budget: Duration::from_secs(3),
            response_mode: ResponseMode::Buffered,
            log_level: LevelFilter::INFO,
        };
        assert_eq!(read(&[]), Ok(expected));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let mistakes = read(&[
            ("AWS_REGION", "us-east-1"),
            ("DEFAULT_MAX_TOKENS", "64001"),
            ("TIME_BUDGET_SECONDS", ""),
            ("RETRY_BUDGET_SECONDS", "-1"),
            ("RESPONSE_MODE", "both"),
            ("LOG_LEVEL", "loud"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "much"),
        ]);
        let text = mistakes.unwrap_err().to_string();
        for name in [
            "AWS_REGION is \"us-east-1\"",
            "DEFAULT_MAX_TOKENS",
            "TIME_BUDGET_SECONDS",
            "RETRY_BUDGET_SECONDS",
            "RESPONSE_MODE",
            "LOG_LEVEL",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        ] {
            assert!(text.contains(name), "{name} is missing in: {text}");
        }
        assert!(!text.contains('\n'), "one line: {text}");
    }

    #[test]
    fn outside_lambda_the_reason_is_plain() {
        let text = Settings::read(|_| None).unwrap_err().to_string();
        assert!(text.contains("AWS_REGION is not set") && text.contains("AWS_LAMBDA_RUNTIME_API"), "{text}");
    }

    #[test]
    fn levels_and_modes_are_read_in_any_case() {
        let settings = read(&[("LOG_LEVEL", "WARN"), ("RESPONSE_MODE", "Stream")]).unwrap();
        assert_eq!((settings.log_level, settings.response_mode), (LevelFilter::WARN, ResponseMode::Stream));
    }
}

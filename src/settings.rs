//! The settings: the environment, read once through a lookup; every mistake is reported at once, by name.

mod reader;

use crate::authoriser::UsagePlanId;
use crate::chat::{PromptCache, Terms};
use crate::cost::Prices;
use crate::residency::{QueueUrl, Table};
use reader::Reader;
use std::fmt::{self, Display};
use std::net::SocketAddr;
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

/// What the operator can choose. Where prompts go is not among it, see [`crate::residency`].
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `DEFAULT_MAX_TOKENS`: tokens that an answer may have when the prompt does not say.
    pub default_max_tokens: u32,
    /// `TIME_BUDGET_SECONDS`: the longest that one prompt may take, whatever the platform would allow.
    pub time_budget: Duration,
    /// `RETRY_BUDGET_SECONDS`: how long after its start a prompt that was throttled is tried again.
    pub retry_budget: Duration,
    /// `STREAM_IDLE_SECONDS`: how long the model may be silent in the middle of a stream.
    pub stream_idle: Duration,
    /// `RESPONSE_MODE`: how HTTP answers leave.
    pub response_mode: ResponseMode,
    /// `COUNT_TOKENS`: whether tokens are counted. Counting names the bare model in Tokyo, because Bedrock counts with no
    /// profile: the one exception to asking through the JP profile only.
    pub count_tokens: bool,
    /// `CHAT_PROMPT_CACHE`: how long prompts of Chat Completions are kept in Bedrock's prompt cache, which they cannot say.
    pub prompt_cache: PromptCache,
    /// `QUEUE_CONCURRENCY`: how many messages of a batch are asked at once.
    pub queue_concurrency: usize,
    /// `RESULTS_QUEUE_URL` and `DEAD_LETTER_QUEUE_URL`: where the answers of queued prompts go, and those that can have none.
    pub outlets: Option<Outlets>,
    /// `IDEMPOTENCY_TABLE`: where it is kept which prompts were answered; without it, nothing is remembered.
    pub table: Option<Table>,
    /// `IDEMPOTENCY_TTL_HOURS`: how long an answer is kept there.
    pub idempotency_ttl: Duration,
    /// `USAGE_PLAN_ID`: the usage plan whose keys may pass; without it, the function is no authoriser.
    pub usage_plan: Option<UsagePlanId>,
    /// `AWS_XRAY_DAEMON_ADDRESS`: where Lambda takes what is told to X-Ray; Lambda sets it, and it is on this machine.
    pub xray: Option<SocketAddr>,
    /// `PRICES_USD_PER_MILLION`: what `cost_usd` is worked out with.
    pub prices: Prices,
    /// `LOG_LEVEL`: the least severe level that kokunai's own lines are written at.
    pub log_level: LevelFilter,
}

/// The queues that a worker delivers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlets {
    /// Where results go.
    pub results: QueueUrl,
    /// Where messages go that can have no answer.
    pub dead_letters: QueueUrl,
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
    /// What is set for Chat Completions.
    #[must_use]
    pub fn chat_terms(&self) -> Terms {
        Terms { default_max_tokens: self.default_max_tokens, prompt_cache: self.prompt_cache }
    }

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
        let mut reader = Reader::new(lookup);
        reader.platform();
        let settings = Self {
            default_max_tokens: reader.number("DEFAULT_MAX_TOKENS", 1..=MAX_OUTPUT_TOKENS, 4096),
            time_budget: reader.seconds("TIME_BUDGET_SECONDS", 1..=900, 900),
            retry_budget: reader.seconds("RETRY_BUDGET_SECONDS", 0..=60, 3),
            stream_idle: reader.seconds("STREAM_IDLE_SECONDS", 1..=900, 120),
            response_mode: reader.choice("RESPONSE_MODE", &RESPONSE_MODES, ResponseMode::Buffered),
            count_tokens: reader.choice("COUNT_TOKENS", &SWITCH, false),
            prompt_cache: reader.choice("CHAT_PROMPT_CACHE", &PROMPT_CACHES, PromptCache::Off),
            queue_concurrency: reader.number("QUEUE_CONCURRENCY", 1..=100, 10),
            outlets: reader.outlets(),
            table: reader.table("IDEMPOTENCY_TABLE"),
            idempotency_ttl: reader.hours("IDEMPOTENCY_TTL_HOURS", 1..=8760, 24),
            usage_plan: reader.usage_plan("USAGE_PLAN_ID"),
            xray: reader.daemon("AWS_XRAY_DAEMON_ADDRESS"),
            prices: reader.prices("PRICES_USD_PER_MILLION", Prices::JP),
            log_level: reader.choice("LOG_LEVEL", &LOG_LEVELS, LevelFilter::INFO),
        };
        reader.outcome(settings)
    }
}

const RESPONSE_MODES: [(&str, ResponseMode); 2] =
    [("buffered", ResponseMode::Buffered), ("stream", ResponseMode::Stream)];

const PROMPT_CACHES: [(&str, PromptCache); 3] =
    [("off", PromptCache::Off), ("5m", PromptCache::FiveMinutes), ("1h", PromptCache::OneHour)];

const SWITCH: [(&str, bool); 2] = [("off", false), ("on", true)];

const LOG_LEVELS: [(&str, LevelFilter); 5] = [
    ("trace", LevelFilter::TRACE),
    ("debug", LevelFilter::DEBUG),
    ("info", LevelFilter::INFO),
    ("warn", LevelFilter::WARN),
    ("error", LevelFilter::ERROR),
];

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
            stream_idle: Duration::from_secs(120),
            response_mode: ResponseMode::Buffered,
            count_tokens: false,
            prompt_cache: PromptCache::Off,
            queue_concurrency: 10,
            outlets: None,
            table: None,
            idempotency_ttl: Duration::from_secs(24 * 3600),
            usage_plan: None,
            xray: None,
            prices: Prices::JP,
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
            ("STREAM_IDLE_SECONDS", "0"),
            ("RESPONSE_MODE", "both"),
            ("COUNT_TOKENS", "true"),
            ("LOG_LEVEL", "loud"),
            ("USAGE_PLAN_ID", "the first/one"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "much"),
        ]);
        let text = mistakes.unwrap_err().to_string();
        for name in [
            "AWS_REGION is \"us-east-1\"",
            "DEFAULT_MAX_TOKENS",
            "TIME_BUDGET_SECONDS",
            "RETRY_BUDGET_SECONDS",
            "STREAM_IDLE_SECONDS",
            "RESPONSE_MODE",
            "COUNT_TOKENS",
            "LOG_LEVEL",
            "USAGE_PLAN_ID",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        ] {
            assert!(text.contains(name), "{name} is missing in: {text}");
        }
        assert!(!text.contains('\n'), "one line: {text}");
    }

    #[test]
    fn what_leaves_for_elsewhere_is_refused() {
        let tokyo = "https://sqs.ap-northeast-1.amazonaws.com/123456789012/results";
        let both = |results: &str, dead: &str| read(&[("RESULTS_QUEUE_URL", results), ("DEAD_LETTER_QUEUE_URL", dead)]);
        let dead = tokyo.replace("results", "dead");
        assert_eq!(both(tokyo, &dead).unwrap().outlets.unwrap().results.as_str(), tokyo);
        assert!(both(tokyo, tokyo).unwrap_err().to_string().contains("must be two queues"));
        let text = both(tokyo, &tokyo.replace("ap-northeast-1", "us-east-1")).unwrap_err().to_string();
        assert!(text.contains("DEAD_LETTER_QUEUE_URL is") && !text.contains("RESULTS_QUEUE_URL is"), "{text}");
        let text = read(&[("RESULTS_QUEUE_URL", tokyo)]).unwrap_err().to_string();
        assert!(text.contains("DEAD_LETTER_QUEUE_URL must be set too"), "{text}");
        let text = read(&[("IDEMPOTENCY_TABLE", "arn:aws:dynamodb:us-east-1:123456789012:table/t")]).unwrap_err();
        assert!(text.to_string().contains("IDEMPOTENCY_TABLE"), "{text}");
        let xray = |address: &str| read(&[("AWS_XRAY_DAEMON_ADDRESS", address)]);
        assert_eq!(xray("169.254.100.1:2000").unwrap().xray, Some(SocketAddr::from(([169, 254, 100, 1], 2000))));
        assert!(xray("203.0.113.10:2000").unwrap_err().to_string().contains("an address of this machine"));
        assert_eq!(both("", "").unwrap().outlets, None, "a template may set what is not wanted to nothing");
    }

    #[test]
    fn a_price_that_is_set_takes_the_place_of_its_own_and_a_mistake_is_named() {
        let priced = |prices: &str| read(&[("PRICES_USD_PER_MILLION", prices)]);
        let set = priced("output:20, cache_read:0").unwrap().prices;
        assert_eq!(set, Prices { output: 20.0, cache_read: 0.0, ..Prices::JP });
        let all = "input:3.30,output:16.50,cache_write_5m:4.125,cache_write_1h:6.60,cache_read:0.33";
        assert_eq!((priced(all).unwrap().prices, priced("").unwrap().prices), (Prices::JP, Prices::JP));
        for mistake in
            ["inputs:1", "input:-1", "input:NaN", "input:inf", "input", "input:1,input:2", "input:1,", "3.30"]
        {
            let text = priced(mistake).unwrap_err().to_string();
            assert!(text.contains("PRICES_USD_PER_MILLION is") && text.contains("cache_write_1h"), "{mistake}: {text}");
        }
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

//! What one prompt costs, in US dollars and in quota: the prices of the JP profile, in one place.

use crate::answer::Usage;

/// What a million tokens cost, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// Read, without those from or into the prompt cache.
    pub input: f64,
    /// Written, thinking included.
    pub output: f64,
    /// Written into the prompt cache for five minutes, which is the default: 1.25 times an input token.
    pub cache_write_5m: f64,
    /// The same for an hour: twice an input token.
    pub cache_write_1h: f64,
    /// Read from the prompt cache: a tenth of an input token.
    pub cache_read: f64,
}

impl Prices {
    /// Of Claude Sonnet 4.5 through the JP profile, on demand: as reported by others in November 2026, a tenth above the global
    /// profile's. What is billed is what <https://aws.amazon.com/bedrock/pricing/> says, which is why they can be set.
    pub const JP: Self =
        Self { input: 3.30, output: 16.50, cache_write_5m: 4.125, cache_write_1h: 6.60, cache_read: 0.33 };

    /// Each price by the name that it has in the setting.
    pub(crate) fn by_name(&mut self) -> [(&'static str, &mut f64); 5] {
        [
            ("input", &mut self.input),
            ("output", &mut self.output),
            ("cache_write_5m", &mut self.cache_write_5m),
            ("cache_write_1h", &mut self.cache_write_1h),
            ("cache_read", &mut self.cache_read),
        ]
    }
}

/// An output token counts five times against Bedrock's quota of tokens a minute.
const OUTPUT_QUOTA: u64 = 5;

/// The price of a call in US dollars.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
pub fn usd(usage: Usage, prices: Prices) -> f64 {
    let written = usage.cache_creation_input_tokens.unwrap_or_default();
    let long = usage.cache_creation.and_then(|it| it.ephemeral_1h_input_tokens).unwrap_or_default().min(written);
    let micro_usd = [
        (usage.input_tokens.unwrap_or_default(), prices.input),
        (usage.output_tokens.unwrap_or_default(), prices.output),
        (written - long, prices.cache_write_5m),
        (long, prices.cache_write_1h),
        (usage.cache_read_input_tokens.unwrap_or_default(), prices.cache_read),
    ];
    let micro_usd: f64 = micro_usd.into_iter().map(|(tokens, price)| tokens as f64 * price).sum();
    // Nine digits: what binary fractions add behind them is noise in a log line.
    (micro_usd * 1000.0).round() / 1e9
}

/// The tokens that a call takes from the quota once it has ended. Cache reads take none.
#[must_use]
pub fn quota_tokens(usage: Usage) -> u64 {
    let taken =
        [usage.input_tokens, usage.cache_creation_input_tokens, usage.output_tokens.map(|it| OUTPUT_QUOTA * it)];
    taken.into_iter().flatten().sum()
}

/// The tokens that a call holds of the quota while it runs: what it reads, and all that it may write. `None` where Bedrock did not
/// say what it read.
#[must_use]
pub fn reserved_tokens(usage: Usage, max_tokens: u32) -> Option<u64> {
    let written = usage.cache_creation_input_tokens.unwrap_or_default();
    usage.input_tokens.map(|input| input + written + u64::from(max_tokens))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::CacheCreation;

    const MILLION: Option<u64> = Some(1_000_000);
    const USAGE: Usage = Usage {
        input_tokens: MILLION,
        output_tokens: MILLION,
        cache_read_input_tokens: MILLION,
        cache_creation_input_tokens: MILLION,
        cache_creation: None,
    };

    #[test]
    fn a_million_of_each_costs_what_the_price_list_says() {
        assert!((usd(USAGE, Prices::JP) - (3.30 + 16.50 + 0.33 + 4.125)).abs() < 1e-9);
        let long = Usage { cache_creation: Some(CacheCreation { ephemeral_1h_input_tokens: MILLION }), ..USAGE };
        assert!((usd(long, Prices::JP) - (3.30 + 16.50 + 0.33 + 6.60)).abs() < 1e-9);
    }

    #[test]
    fn each_price_is_that_of_its_own_tokens() {
        let long = Usage {
            input_tokens: Some(1_000_000),
            output_tokens: Some(10_000_000),
            cache_read_input_tokens: Some(100_000_000),
            cache_creation_input_tokens: Some(11_000_000_000),
            cache_creation: Some(CacheCreation { ephemeral_1h_input_tokens: Some(10_000_000_000) }),
        };
        let prices = Prices { input: 1.0, output: 2.0, cache_read: 3.0, cache_write_5m: 4.0, cache_write_1h: 5.0 };
        assert!((usd(long, prices) - 54_321.0).abs() < 1e-9);
    }

    #[test]
    fn what_may_be_written_is_reserved_in_full() {
        assert_eq!(reserved_tokens(USAGE, 4096), Some(2_004_096));
        assert_eq!(reserved_tokens(Usage { input_tokens: None, ..USAGE }, 4096), None);
    }

    #[test]
    fn output_counts_five_times_and_cache_reads_not_at_all() {
        assert_eq!(quota_tokens(USAGE), 7_000_000);
        assert_eq!(quota_tokens(Usage::default()), 0);
    }
}

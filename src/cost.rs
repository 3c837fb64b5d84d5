//! What one prompt costs, in US dollars and in quota: the prices of the JP profile, in one place.

use crate::answer::Usage;

/// US dollars per million tokens through the JP profile, as published in the second half of 2026.
const INPUT_USD: f64 = 3.30;
const OUTPUT_USD: f64 = 16.50;

/// A cache write costs this many times an input token: with the five-minute life that is the default, or the long one.
const CACHE_WRITE: f64 = 1.25;
const LONG_CACHE_WRITE: f64 = 2.0;
/// A cache read costs this many times an input token.
const CACHE_READ: f64 = 0.1;

/// An output token counts five times against Bedrock's quota of tokens a minute.
const OUTPUT_QUOTA: u64 = 5;

/// The price of a call in US dollars.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
pub fn usd(usage: Usage) -> f64 {
    let written = usage.cache_creation_input_tokens.unwrap_or_default();
    let long = usage.cache_creation.and_then(|it| it.ephemeral_1h_input_tokens).unwrap_or_default().min(written);
    let input = usage.input_tokens.unwrap_or_default() as f64
        + (written - long) as f64 * CACHE_WRITE
        + long as f64 * LONG_CACHE_WRITE
        + usage.cache_read_input_tokens.unwrap_or_default() as f64 * CACHE_READ;
    let micro_usd = input * INPUT_USD + usage.output_tokens.unwrap_or_default() as f64 * OUTPUT_USD;
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
        assert!((usd(USAGE) - (3.30 + 16.50 + 0.33 + 4.125)).abs() < 1e-9);
        let long = Usage { cache_creation: Some(CacheCreation { ephemeral_1h_input_tokens: MILLION }), ..USAGE };
        assert!((usd(long) - (3.30 + 16.50 + 0.33 + 6.60)).abs() < 1e-9);
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

//! What one prompt costs, in US dollars and in quota: the prices of the JP profile, in one place.

use crate::answer::Usage;

/// US dollars per million tokens through the JP profile, as published in the second half of 2026.
const INPUT_USD: f64 = 3.30;
const OUTPUT_USD: f64 = 16.50;

/// A cache write costs this many times an input token (with the five-minute life that is the default).
const CACHE_WRITE: f64 = 1.25;
/// A cache read costs this many times an input token.
const CACHE_READ: f64 = 0.1;

/// An output token counts five times against Bedrock's quota of tokens a minute.
const OUTPUT_QUOTA: u64 = 5;

/// The price of a call in US dollars.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
pub fn usd(usage: Usage) -> f64 {
    let input = usage.input_tokens as f64
        + usage.cache_creation_input_tokens as f64 * CACHE_WRITE
        + usage.cache_read_input_tokens as f64 * CACHE_READ;
    let micro_usd = input * INPUT_USD + usage.output_tokens as f64 * OUTPUT_USD;
    // Nine digits: what binary fractions add behind them is noise in a log line.
    (micro_usd * 1000.0).round() / 1e9
}

/// The tokens that a call takes from the quota once it has ended. Cache reads take none.
#[must_use]
pub fn quota_tokens(usage: Usage) -> u64 {
    usage.input_tokens + usage.cache_creation_input_tokens + OUTPUT_QUOTA * usage.output_tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: Usage = Usage {
        input_tokens: 1_000_000,
        output_tokens: 1_000_000,
        cache_read_input_tokens: 1_000_000,
        cache_creation_input_tokens: 1_000_000,
    };

    #[test]
    fn a_million_of_each_costs_what_the_price_list_says() {
        assert!((usd(USAGE) - (3.30 + 16.50 + 0.33 + 4.125)).abs() < 1e-9);
    }

    #[test]
    fn output_counts_five_times_and_cache_reads_not_at_all() {
        assert_eq!(quota_tokens(USAGE), 7_000_000);
    }
}

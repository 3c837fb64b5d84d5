//! DynamoDB's numbers: decimals of up to 38 digits, compared by value, given back in their shortest form.

use std::cmp::Ordering;
use std::fmt;

/// More significant digits than these are refused, not rounded.
const MAX_DIGITS: usize = 38;

/// Where the point of the largest number is, 9.99…E+125, if its digits are written as a fraction.
const LARGEST_POINT: i64 = 126;

/// Where the point of the smallest number is, 1E-130.
const SMALLEST_POINT: i64 = -129;

/// The decimal 0.`digits` × 10^`point`, with no zero at either end of its digits; zero itself has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    negative: bool,
    digits: String,
    point: i64,
}

impl Number {
    /// Reads a number as it is sent, in which the exponent may be written out.
    ///
    /// # Errors
    ///
    /// What DynamoDB says to one that is no number, or that it cannot hold.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let number =
            Self::read(text).ok_or_else(|| format!("The parameter cannot be converted to a numeric value: {text}"))?;
        if number.digits.len() > MAX_DIGITS {
            return Err(format!("Attempting to store more than {MAX_DIGITS} significant digits in a Number"));
        }
        match number.point {
            point if point > LARGEST_POINT => {
                Err("Number overflow. Attempting to store a number with magnitude larger than supported range"
                    .to_owned())
            }
            point if point < SMALLEST_POINT => {
                Err("Number underflow. Attempting to store a number with magnitude smaller than supported range"
                    .to_owned())
            }
            _ => Ok(number),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_start_matches('0');
        let leading = i64::try_from(digits.len() - significant.len()).ok()?;
        let point = i64::try_from(whole.len()).ok()? + i64::from(exponent) - leading;
        let significant = significant.trim_end_matches('0');
        let zero = significant.is_empty();
        Some(Self {
            negative: text.starts_with('-') && !zero,
            digits: significant.to_owned(),
            point: if zero { 0 } else { point },
        })
    }

    /// What it weighs: a byte for every two digits and one more, and one for the sign of a negative number.
    pub(super) fn size(&self) -> usize {
        self.digits.len().div_ceil(2) + 1 + usize::from(self.negative)
    }

    fn magnitude(&self) -> (bool, i64, &str) {
        (!self.digits.is_empty(), self.point, &self.digits)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude().cmp(&other.magnitude()),
            (true, true) => other.magnitude().cmp(&self.magnitude()),
            (left, right) => right.cmp(&left),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        let after = self.point - i64::try_from(self.digits.len()).unwrap_or_default();
        match usize::try_from(self.point).ok().and_then(|point| self.digits.split_at_checked(point)) {
            _ if self.digits.is_empty() => formatter.write_str("0"),
            Some((whole, fraction)) if !whole.is_empty() && !fraction.is_empty() => {
                write!(formatter, "{sign}{whole}.{fraction}")
            }
            _ if after >= 0 => write!(formatter, "{sign}{}{}", self.digits, zeros(after)),
            _ => write!(formatter, "{sign}0.{}{}", zeros(-self.point), self.digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).expect("a number")
    }

    #[test]
    fn a_number_comes_back_in_its_shortest_form() {
        let forms = [
            ("007", "7"),
            ("-0", "0"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("-.05", "-0.05"),
            ("12e-3", "0.012"),
            ("1760000000", "1760000000"),
            ("+1.2E+1", "12"),
        ];
        for (sent, shown) in forms {
            assert_eq!(number(sent).to_string(), shown, "{sent}");
        }
    }

    #[test]
    fn numbers_compare_by_value() {
        let ordered = ["-100", "-9.5", "-9", "-0.1", "0", "0.09", "0.1", "9", "10", "10.5", "100"];
        assert!(ordered.map(number).is_sorted());
        assert_eq!(number("1e2"), number("100.0"));
    }

    #[test]
    fn what_is_no_number_or_does_not_fit_is_refused() {
        for text in ["", "-", "one", "1,5", "0x10", "1e", "NaN", "."] {
            let problem = Number::parse(text).expect_err("no number");
            assert!(problem.starts_with("The parameter cannot be converted"), "{problem}");
        }
        assert!(Number::parse(&"1".repeat(39)).expect_err("too long").contains("38 significant digits"));
        assert!(Number::parse("1e126").expect_err("too large").contains("overflow"));
        assert!(Number::parse("1e-131").expect_err("too small").contains("underflow"));
        assert_eq!((Number::parse("9e125").is_ok(), Number::parse("1e-130").is_ok()), (true, true));
    }

    #[test]
    fn every_two_digits_weigh_a_byte() {
        assert_eq!(["0", "7", "42", "420", "-42", "1760000001"].map(|text| number(text).size()), [1, 2, 2, 2, 3, 6]);
    }
}

//! Reads the variables one by one, and keeps every mistake for the end.

use super::{Mistakes, Outlets, Settings};
use crate::authoriser::UsagePlanId;
use crate::cost::Prices;
use crate::residency::{self, QueueUrl, Table};
use crate::trace;
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// The variables that Lambda sets in every function, and without which its runtime would panic.
const PLATFORM: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Reads variables, and collects what is wrong with them.
pub(super) struct Reader<L> {
    lookup: L,
    mistakes: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    pub(super) fn new(lookup: L) -> Self {
        Self { lookup, mistakes: Vec::new() }
    }

    /// The settings, unless there was a mistake.
    pub(super) fn outcome(self, settings: Settings) -> Result<Settings, Mistakes> {
        if self.mistakes.is_empty() {
            return Ok(settings);
        }
        Err(Mistakes { sentences: self.mistakes, runtime_api: (self.lookup)("AWS_LAMBDA_RUNTIME_API") })
    }

    /// Checks what Lambda itself sets: the Region, which nobody else can set there, and what its runtime needs.
    pub(super) fn platform(&mut self) {
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

    pub(super) fn number<N: FromStr + PartialOrd + Display>(
        &mut self,
        name: &str,
        range: RangeInclusive<N>,
        default: N,
    ) -> N {
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

    pub(super) fn seconds(&mut self, name: &str, range: RangeInclusive<u64>, default: u64) -> Duration {
        Duration::from_secs(self.number(name, range, default))
    }

    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], default: T) -> T {
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

    pub(super) fn hours(&mut self, name: &str, range: RangeInclusive<u64>, default: u64) -> Duration {
        Duration::from_secs(3600 * self.number(name, range, default))
    }

    /// Prices by their names, such as `input:3.30,output:16.50`; one that is not named stays what it is.
    pub(super) fn prices(&mut self, name: &str, defaults: Prices) -> Prices {
        let Some(value) = (self.lookup)(name).filter(|value| !value.is_empty()) else {
            return defaults;
        };
        priced(&value, defaults).unwrap_or_else(|| {
            let mut prices = defaults;
            let known = prices.by_name().map(|(known, _)| known).join(", ");
            let form = "must be a list such as input:3.30,output:16.50, each price once, at least 0, and one of";
            self.mistakes.push(format!("{name} is {value:?}, but {form} {known}."));
            defaults
        })
    }

    /// The two queues that a worker delivers to: both or none, for a prompt that can have no answer must go somewhere.
    pub(super) fn outlets(&mut self) -> Option<Outlets> {
        let results = self.located("RESULTS_QUEUE_URL", "the URL of a queue", QueueUrl::parse);
        let dead_letters = self.located("DEAD_LETTER_QUEUE_URL", "the URL of a queue", QueueUrl::parse);
        match (results, dead_letters) {
            (Ok(Some(results)), Ok(Some(dead_letters))) if results == dead_letters => {
                self.mistake("RESULTS_QUEUE_URL and DEAD_LETTER_QUEUE_URL must be two queues.")
            }
            (Ok(Some(results)), Ok(Some(dead_letters))) => Some(Outlets { results, dead_letters }),
            (Ok(Some(_)), Ok(None)) => self.mistake("DEAD_LETTER_QUEUE_URL must be set too, if RESULTS_QUEUE_URL is."),
            (Ok(None), Ok(Some(_))) => self.mistake("RESULTS_QUEUE_URL must be set too, if DEAD_LETTER_QUEUE_URL is."),
            (Err(()), _) | (_, Err(())) | (Ok(None), Ok(None)) => None,
        }
    }

    /// A table, if one is named.
    pub(super) fn table(&mut self, name: &str) -> Option<Table> {
        self.located(name, "the name of a table, or an ARN", Table::parse).ok().flatten()
    }

    /// A usage plan, if one is named.
    pub(super) fn usage_plan(&mut self, name: &str) -> Option<UsagePlanId> {
        let value = (self.lookup)(name).filter(|value| !value.is_empty())?;
        let plan = UsagePlanId::parse(&value);
        if plan.is_none() {
            self.mistakes.push(format!("{name} is {value:?}, but must be the ID of a usage plan: letters and digits."));
        }
        plan
    }

    /// The address of X-Ray's daemon, if there is one. What it is told must not leave this machine.
    pub(super) fn daemon(&mut self, name: &str) -> Option<SocketAddr> {
        let value = (self.lookup)(name).filter(|value| !value.is_empty())?;
        let address = trace::daemon_address(&value);
        if address.is_none() {
            self.mistakes
                .push(format!("{name} is {value:?}, but must be an address of this machine, as Lambda sets it."));
        }
        address
    }

    /// Something that must be in Tokyo; nothing, or an empty value, names none.
    fn located<T>(&mut self, name: &str, what: &str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, ()> {
        let Some(value) = (self.lookup)(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        if let Some(located) = parse(&value) {
            return Ok(Some(located));
        }
        self.mistake::<()>(&format!("{name} is {value:?}, but must be {what} in {} (Tokyo).", residency::REGION));
        Err(())
    }

    fn mistake<T>(&mut self, sentence: &str) -> Option<T> {
        self.mistakes.push(sentence.to_owned());
        None
    }
}

/// The prices with those of a list in their places; `None` if the list is none.
fn priced(list: &str, mut prices: Prices) -> Option<Prices> {
    let mut named = Vec::new();
    for (name, price) in list.split(',').map(|entry| entry.split_once(':')).collect::<Option<Vec<_>>>()? {
        let name = name.trim();
        let price = price.trim().parse().ok().filter(|price: &f64| price.is_finite() && *price >= 0.0)?;
        let mut known = prices.by_name().into_iter();
        *known.find(|(known, _)| *known == name)?.1 = price;
        if named.contains(&name) {
            return None;
        }
        named.push(name);
    }
    Some(prices)
}

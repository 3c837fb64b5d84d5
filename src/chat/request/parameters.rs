//! The parameters that are one value each: sampling, stop sequences, the user, and the options of a stream.

use super::object;
use crate::error::Error;
use crate::prompt::Fields;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Who asks, as the Messages language says it.
#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    user_id: Cow<'a, str>,
}

/// Temperature and `top_p`, of which the model takes one. One is both fields' default, and says nothing beside the other.
pub(super) fn sampling(fields: &Fields<'_>) -> Result<(Option<f64>, Option<f64>), Error> {
    let is_set = |value: &f64| (*value - 1.0).abs() > f64::EPSILON;
    let temperature: Option<f64> = fields.typed("temperature", "a number from 0 to 1")?;
    if temperature.is_some_and(|it| !(0.0..=1.0).contains(&it)) {
        let rule = "must be from 0 to 1: the model knows nothing else, and a scaled value would mean something else";
        return Err(Error::invalid("temperature", rule));
    }
    let top_p: Option<f64> = fields.typed("top_p", "a number from 0 to 1")?;
    Ok(match (temperature, top_p) {
        (Some(temperature), Some(top_p)) if !is_set(&top_p) => (Some(temperature), None),
        (Some(temperature), Some(top_p)) if !is_set(&temperature) => (None, Some(top_p)),
        both => both,
    })
}

pub(super) fn stop(fields: &Fields<'_>) -> Result<Option<Vec<String>>, Error> {
    let stop: Option<Vec<String>> = match fields.value("stop") {
        Some(stop) if stop.get().starts_with('"') => fields.typed("stop", "a string")?.map(|stop| vec![stop]),
        Some(_) | None => fields.typed("stop", "a string or a list of strings")?,
    };
    if stop.iter().flatten().any(|stop| stop.trim().is_empty()) {
        return Err(Error::invalid("stop", "must not be blank: the model does not stop at white space alone"));
    }
    Ok(stop)
}

/// Who uses the application: `safety_identifier` is the newer name.
pub(super) fn user<'a>(fields: &Fields<'a>) -> Result<Option<Metadata<'a>>, Error> {
    let user = fields.typed("safety_identifier", "a string")?;
    let user = if user.is_some() { user } else { fields.typed("user", "a string")? };
    Ok(user.map(|user_id| Metadata { user_id }))
}

pub(super) fn include_usage(fields: &Fields<'_>) -> Result<bool, Error> {
    #[derive(Deserialize)]
    struct StreamOptions {
        include_usage: Option<bool>,
        /// Random characters against those who measure packets. TLS is ours to use, and this is not ours to give.
        include_obfuscation: Option<bool>,
    }
    let options =
        fields.value("stream_options").map(|options| object::read::<StreamOptions>(options, "stream_options"));
    let options = options.transpose()?;
    if options.as_ref().is_some_and(|it| it.include_obfuscation == Some(true)) {
        return Err(Error::invalid("stream_options.include_obfuscation", "has no counterpart here; leave it out"));
    }
    Ok(options.and_then(|it| it.include_usage).unwrap_or_default())
}

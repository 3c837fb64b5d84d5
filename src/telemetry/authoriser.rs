//! The lines of the authoriser: whom it denied, and that it could not read the keys. No field holds a key.

use super::{Asker, Level, cut, line, milliseconds};
use crate::authoriser::Denial;
use crate::error::Kind;
use crate::refusal::Refusal;

/// Tells that a client was denied. `gateway_request_id` is what API Gateway calls the client's request.
pub fn key_denied(asker: &Asker, denial: Denial, gateway_request_id: Option<&str>) {
    tracing::warn!(
        request_id = asker.request_id,
        trace_id = asker.trace_id,
        source = asker.source.name(),
        function = &*asker.function,
        cold_start = asker.cold_start,
        init_ms = asker.init.map(milliseconds),
        gateway.request_id = gateway_request_id.map(cut),
        authoriser.denied = denial.name(),
        "a client was denied: {}",
        denial.name()
    );
}

/// Tells that the list of keys could not be read, and whether an older one still holds.
pub fn keys_unread(asker: &Asker, refusal: &Refusal, holds: bool) {
    let (level, consequence) =
        if holds { (Level::Warn, "an older list holds for five minutes") } else { (Level::Error, "nobody can pass") };
    line!(
        level,
        request_id = asker.request_id,
        trace_id = asker.trace_id,
        source = asker.source.name(),
        function = &*asker.function,
        cold_start = asker.cold_start,
        init_ms = asker.init.map(milliseconds),
        error.label = (!holds).then_some(Kind::KeysUnavailable.row().label),
        error.service = refusal.service,
        error.code = refusal.code.as_str(),
        "the keys could not be read: {consequence}"
    );
}

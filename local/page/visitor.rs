//! Who asks: this machine's own page, another site's, or a program.
//!
//! A browser lets any site send requests to this machine, and a site whose name is pointed at 127.0.0.1 (DNS rebinding) passes
//! for the server itself. But it always says truly which name it was given (`Host`) and whose page asks (`Origin`,
//! `Sec-Fetch-Site`). Programs send none of the latter two.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::uri::{Authority, Uri};

/// The names that lead to this machine wherever one is.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whether the page of another site asks. Other servers of this machine, such as an application in the making, may.
pub(super) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let is_here = |origin: &str| origin.parse::<Uri>().ok().and_then(|it| it.host().map(is_this_machine));
    headers.get(ORIGIN).is_some_and(|origin| origin.to_str().ok().and_then(is_here) != Some(true))
}

/// Whether the request was sent to a name that can be nobody else's, on whatever port it was forwarded from.
pub(super) fn names_this_machine(headers: &HeaderMap) -> bool {
    host(headers).and_then(|host| host.parse::<Authority>().ok()).is_some_and(|it| is_this_machine(it.host()))
}

/// Whether the page itself asks, or a program: no page of another origin, be it of this machine.
pub(super) fn is_the_page_itself(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let own = host(headers).map(|host| format!("http://{host}"));
    let is_own = text(ORIGIN.as_str()).is_none_or(|origin| own.as_deref() == Some(origin));
    // "none" is a person who typed the address.
    is_own && text("sec-fetch-site").is_none_or(|site| ["same-origin", "none"].contains(&site))
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST)?.to_str().ok()
}

fn is_this_machine(name: &str) -> bool {
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

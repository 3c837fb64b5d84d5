//! What `cargo local` prints: what was asked for on standard output, everything else on standard error.

use std::io::Write;

/// Prints something that was asked for.
pub(crate) fn say(text: &str) {
    // Whoever has stopped reading, such as `head`, has read enough.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a note beside it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints what went wrong.
pub(crate) fn complain(error: &str) {
    let _ = writeln!(std::io::stderr(), "cargo local: {error}");
}

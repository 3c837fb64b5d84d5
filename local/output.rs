//! What `cargo local` prints: what was asked for on standard output, everything else on standard error.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this file is for")]

/// Prints something that was asked for.
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Prints a note beside it.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Prints what went wrong.
pub(crate) fn complain(error: &str) {
    eprintln!("cargo local: {error}");
}

//! The progress bar on standard error, if there is somebody to see it.

use indicatif::{HumanCount, ProgressBar, ProgressBarIter, ProgressDrawTarget, ProgressStyle, TermLike};
use std::io::{self, Read, Write, stderr};

/// The bar of a known number of bytes, and that of something of unknown length.
const OF_BYTES: &str = "{bar:30} {bytes} of {total_bytes}, {msg}, {eta} to go";
const OF_RECORDS: &str = "{spinner} {msg}, {elapsed}";

/// How often a second the bar is drawn at most.
const FRAMES: u8 = 10;

/// How far a report has come. It disappears when it is dropped.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Of files with so many bytes. They are counted only if somebody sees the bar.
    pub(super) fn of_bytes(is_forced: bool, size: impl FnOnce() -> u64) -> Self {
        let progress = Self::on(target(is_forced), OF_RECORDS);
        let size = if progress.0.is_hidden() { 0 } else { size() };
        if size > 0 {
            progress.0.set_style(style(OF_BYTES));
            progress.0.set_length(size);
        }
        progress
    }

    /// Of an unknown number of records.
    pub(super) fn of_records(is_forced: bool) -> Self {
        Self::on(target(is_forced), OF_RECORDS)
    }

    fn on(target: ProgressDrawTarget, template: &str) -> Self {
        Self(ProgressBar::with_draw_target(None, target).with_style(style(template)))
    }

    /// Shows how many records there are by now.
    pub(super) fn show(&self, records: u64) {
        self.0.set_message(format!("{} records", HumanCount(records)));
    }

    /// What is read through this, the bar shows.
    pub(super) fn watch<R: Read>(&self, bytes: R) -> ProgressBarIter<R> {
        self.0.wrap_read(bytes)
    }

    /// Prints something while the bar is out of the way.
    pub(super) fn aside(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The terminal; or whatever standard error is, if that is wanted.
fn target(is_forced: bool) -> ProgressDrawTarget {
    let terminal = ProgressDrawTarget::stderr_with_hz(FRAMES);
    if terminal.is_hidden() && is_forced {
        return ProgressDrawTarget::term_like_with_hz(Box::new(AnyStandardError), FRAMES);
    }
    terminal
}

/// Standard error, written to as if it were a terminal of the usual width.
#[derive(Debug)]
struct AnyStandardError;

impl TermLike for AnyStandardError {
    fn width(&self) -> u16 {
        80
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        write!(stderr(), "\x1b[{n}A")
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        write!(stderr(), "\x1b[{n}B")
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        write!(stderr(), "\x1b[{n}C")
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        write!(stderr(), "\x1b[{n}D")
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        writeln!(stderr(), "{text}")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        write!(stderr(), "{text}")
    }

    fn clear_line(&self) -> io::Result<()> {
        write!(stderr(), "\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        stderr().flush()
    }
}

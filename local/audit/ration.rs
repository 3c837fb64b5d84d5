//! Text that is read a document at a time, and never so much of it that the memory fills.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

/// The most bytes between one record and the next. CloudTrail's records are far smaller; what is larger is none, and must not
/// fill the memory.
pub(super) const LONGEST_RECORD: usize = 8 << 20;

/// Bytes that end in an error if too many of them are read without a record in them.
pub(super) struct Rationed<'l, R> {
    bytes: R,
    left: &'l Cell<usize>,
    line: u64,
}

impl<'l, R: BufRead> Rationed<'l, R> {
    /// As many of these bytes as `left` says, which whoever finds a record sets again.
    pub(super) fn new(bytes: R, left: &'l Cell<usize>) -> Self {
        Self { bytes, left, line: 1 }
    }

    /// The line that comes next, from one.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Skips what may stand between documents; false at the end.
    pub(super) fn skip_space(&mut self) -> io::Result<bool> {
        self.skip_until(|byte| !byte.is_ascii_whitespace())
    }

    /// Skips the rest of a line, and those after it that cannot begin a document.
    pub(super) fn skip_to_document(&mut self) -> io::Result<bool> {
        loop {
            if !self.skip_until(|byte| byte == b'\n')? {
                return Ok(false);
            }
            self.consume_one(b'\n');
            if self.bytes.fill_buf()?.first() == Some(&b'{') {
                return Ok(true);
            }
        }
    }

    fn skip_until(&mut self, is_wanted: impl Fn(u8) -> bool) -> io::Result<bool> {
        while let Some(&byte) = self.bytes.fill_buf()?.first() {
            if is_wanted(byte) {
                return Ok(true);
            }
            self.consume_one(byte);
        }
        Ok(false)
    }

    fn consume_one(&mut self, byte: u8) {
        self.line += u64::from(byte == b'\n');
        self.bytes.consume(1);
    }
}

impl<R: BufRead> Read for Rationed<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // The parser asks for one byte after another.
        let (Some(into), Some(&byte)) = (into.first_mut(), self.bytes.fill_buf()?.first()) else {
            return Ok(0);
        };
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(io::Error::other(format!("has no record within {LONGEST_RECORD} bytes")));
        };
        self.left.set(left);
        self.consume_one(byte);
        *into = byte;
        Ok(1)
    }
}

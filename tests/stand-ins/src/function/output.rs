//! What a process writes, read as it comes and kept line by line.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use tokio::sync::watch;

use crate::log_line;
use crate::server::lock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// Who writes: a function, whose lines have a schema, or any program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writer {
    Function,
    Program,
}

/// What the process has written so far, and how many lines that is, for those who wait for more.
#[derive(Debug)]
pub(super) struct Output {
    lines: Mutex<Vec<(Stream, String)>>,
    count: watch::Sender<usize>,
    breaches: Mutex<Vec<String>>,
}

impl Default for Output {
    fn default() -> Self {
        Self { lines: Mutex::default(), count: watch::Sender::new(0), breaches: Mutex::default() }
    }
}

impl Output {
    /// Reads a pipe to its end on a thread of its own, so that the process never blocks on a full one, whatever the
    /// test does.
    pub(super) fn collect(
        output: &Arc<Self>,
        stream: Stream,
        pipe: impl Read + Send + 'static,
        writer: Writer,
    ) -> JoinHandle<()> {
        let output = Arc::clone(output);
        thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            // Split as bytes, because a line that is not UTF-8 must show in the test, not end the reading.
            while pipe.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
                // What has no end was cut by the end of the process.
                let is_whole = line.pop_if(|byte| *byte == b'\n').is_some();
                output.take(
                    stream,
                    String::from_utf8_lossy(&line).into_owned(),
                    writer == Writer::Function && is_whole,
                );
                line.clear();
            }
        })
    }

    fn take(&self, stream: Stream, line: String, is_checked: bool) {
        if is_checked {
            lock(&self.breaches).extend(log_line::check(&line).err());
        }
        let mut lines = lock(&self.lines);
        lines.push((stream, line));
        self.count.send_replace(lines.len());
    }

    /// What was wrong with lines so far.
    pub(super) fn breaches(&self) -> Vec<String> {
        lock(&self.breaches).clone()
    }

    pub(super) fn of(&self, stream: Stream) -> Vec<String> {
        lock(&self.lines).iter().filter(|(of, _)| *of == stream).map(|(_, line)| line.clone()).collect()
    }

    pub(super) fn since(&self, seen: usize) -> Vec<String> {
        lock(&self.lines).iter().skip(seen).map(|(_, line)| line.clone()).collect()
    }

    /// The line with this index, past or to come.
    pub(super) async fn nth(&self, index: usize) -> String {
        // The sender is a field of this output, so the wait cannot end for want of one.
        let _ = self.count.subscribe().wait_for(|count| *count > index).await;
        self.since(index).into_iter().next().unwrap_or_default()
    }

    /// The first line, past or to come, that is wanted.
    pub(super) async fn find(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut count = self.count.subscribe();
        let mut seen = 0;
        loop {
            let lines = self.since(seen);
            seen += lines.len();
            if let Some(line) = lines.into_iter().find(|line| wanted(line)) {
                return line;
            }
            // The sender is a field of this output, so the wait cannot end for want of one.
            let _ = count.wait_for(|count| *count > seen).await;
        }
    }
}

//! The function's own process, in the environment that Lambda gives it, with its output kept line by line.

mod output;
#[cfg(target_os = "linux")]
mod sockets;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use self::output::{Output, Stream, Writer};
use crate::server::lock;
use crate::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, TEST_SESSION_TOKEN};

/// How often an exit is looked for: far less than a process takes to start, and no load on the machine.
const EXIT_POLL: Duration = Duration::from_millis(5);

/// The variables of the test's own environment that the process also gets, to find its libraries and programs.
const INHERITED: [&str; 2] = ["LD_LIBRARY_PATH", "PATH"];

/// A running function; dropping it kills this process and no other, and fails the test if one of its lines broke the schema.
#[derive(Debug)]
pub struct Function {
    child: Mutex<Child>,
    pid: u32,
    output: Arc<Output>,
    writer: Writer,
    readers: Vec<JoinHandle<()>>,
}

impl Function {
    /// Starts the executable with nothing in its environment but what Lambda sets, and `env`, which may override it.
    ///
    /// # Errors
    ///
    /// When the executable cannot be started.
    pub fn spawn(executable: &Path, runtime_api: SocketAddr, env: &[(&str, &str)]) -> io::Result<Self> {
        Self::run(Writer::Function, executable, runtime_api, env)
    }

    fn run(writer: Writer, executable: &Path, runtime_api: SocketAddr, env: &[(&str, &str)]) -> io::Result<Self> {
        let inherited = std::env::vars_os().filter(|(name, _)| INHERITED.iter().any(|inherited| name == inherited));
        let mut child = Command::new(executable)
            .env_clear()
            .envs(inherited)
            .envs(lambda_environment(runtime_api))
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = Arc::new(Output::default());
        let stdout = child.stdout.take().map(|pipe| Output::collect(&output, Stream::Stdout, pipe, writer));
        let stderr = child.stderr.take().map(|pipe| Output::collect(&output, Stream::Stderr, pipe, writer));
        let readers = stdout.into_iter().chain(stderr).collect();
        Ok(Self { pid: child.id(), child: Mutex::new(child), output, writer, readers })
    }

    /// The process ID, for what a test measures itself, such as memory.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Every line so far, of stdout and stderr, in the order of their arrival.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.output.since(0)
    }

    /// Every line of stderr so far: where a panic would show.
    #[must_use]
    pub fn stderr_lines(&self) -> Vec<String> {
        self.output.of(Stream::Stderr)
    }

    /// Every line of stdout so far, as the JSON that each has to be.
    ///
    /// # Panics
    ///
    /// When a line is not JSON: CloudWatch would take it in without a level or a field. The message quotes the line.
    #[must_use]
    #[expect(clippy::panic, reason = "a line that is not JSON is a failed test")]
    pub fn json_lines(&self) -> Vec<Value> {
        let parse = |line: &String| match serde_json::from_str(line) {
            Ok(value) => value,
            Err(error) => panic!("stdout has a line that is not JSON ({error}): {line}"),
        };
        self.output.of(Stream::Stdout).iter().map(parse).collect()
    }

    /// The first line of either stream, past or to come, that is wanted; nothing if there is none in time. Lines are
    /// written by another process, so a test that asserts on one has to wait for it.
    pub async fn wait_for_line(&self, wanted: impl Fn(&str) -> bool, patience: Duration) -> Option<String> {
        timeout(patience, self.output.find(wanted)).await.ok()
    }

    /// The line with this index, counted from nought over both streams; waits until it has been written. For showing
    /// the lines as they come.
    pub async fn line(&self, index: usize) -> String {
        self.output.nth(index).await
    }

    /// How the process ended, once all that it wrote has been read; nothing if it is still running when patience is over.
    pub async fn exit_status(&self, patience: Duration) -> Option<ExitStatus> {
        let exit = async {
            loop {
                let ended = lock(&self.child).try_wait();
                if let (Ok(Some(status)), true) = (ended, self.is_read()) {
                    return status;
                }
                sleep(EXIT_POLL).await;
            }
        };
        timeout(patience, exit).await.ok()
    }

    /// Whether its pipes have been read to their end. Those of another program may be held open by its children.
    fn is_read(&self) -> bool {
        self.writer == Writer::Program || self.readers.iter().all(JoinHandle::is_finished)
    }

    /// Stops the process between two instructions, as Lambda does between two invocations.
    ///
    /// # Errors
    ///
    /// When the process is gone.
    pub fn freeze(&self) -> io::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a frozen process go on.
    ///
    /// # Errors
    ///
    /// When the process is gone.
    pub fn thaw(&self) -> io::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Asks the process to end, as Lambda does of one that has registered for it, and as anybody may of a program.
    ///
    /// # Errors
    ///
    /// When the process is gone.
    pub fn terminate(&self) -> io::Result<()> {
        self.signal(Signal::TERM)
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        let mut child = lock(&self.child);
        // Once it has been waited for, its ID may belong to somebody else.
        if child.try_wait()?.is_some() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the function's process has ended"));
        }
        Ok(kill_process(Pid::from_child(&child), signal)?)
    }
}

impl Drop for Function {
    #[expect(
        clippy::panic,
        reason = "a line that breaks the schema is a failed test, whatever else the test looked at"
    )]
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        // An error means that it has ended by itself; waiting leaves no zombie behind.
        let _ = child.kill();
        let _ = child.wait();
        if self.writer == Writer::Function {
            for reader in self.readers.drain(..) {
                let _ = reader.join();
            }
        }
        let breaches = self.output.breaches();
        match (breaches.is_empty(), thread::panicking()) {
            (true, _) => {}
            (false, true) => eprintln!("{}", breaches.join("\n")),
            (false, false) => panic!("{}", breaches.join("\n")),
        }
    }
}

/// The variables that Lambda itself sets for a function on an OS-only runtime.
#[must_use]
pub fn lambda_environment(runtime_api: SocketAddr) -> Vec<(&'static str, String)> {
    [
        ("AWS_LAMBDA_FUNCTION_NAME", "kokunai"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/kokunai"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_DEFAULT_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", TEST_ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", TEST_SECRET_ACCESS_KEY),
        ("AWS_SESSION_TOKEN", TEST_SESSION_TOKEN),
        ("TZ", ":UTC"),
        ("_HANDLER", "bootstrap"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into_iter()
    .chain([("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())])
    .collect()
}

#[cfg(test)]
mod tests;

//! `cargo local audit`: what it reads, what it counts, what it prints, and how it ends.

mod cloudtrail;
mod inputs;
mod lookup;
mod sameness;
mod scale;
mod shapes;
mod table;
mod trail;
mod usage;

use crate::stage::{event, example, root};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// How a report ended, and what it said.
struct Report {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Report {
    /// What `--json` printed: one document, and nothing else.
    fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    /// All calls: those proved in Tokyo and in Osaka, unverified, violations, and those that failed.
    fn counts(&self) -> [u64; 5] {
        let totals = &self.document()["totals"];
        ["tokyo", "osaka", "unverified", "violations", "denied"].map(|name| totals[name].as_u64().unwrap())
    }

    /// What could not be read, and why.
    fn unreadable(&self) -> Vec<(String, String)> {
        let document = self.document();
        let list = document["sources"]["unreadable"].as_array().unwrap().iter();
        list.map(|it| (it["name"].as_str().unwrap().to_owned(), it["fault"].as_str().unwrap().to_owned())).collect()
    }
}

/// The report with these arguments.
async fn report(arguments: &[&str]) -> Report {
    report_in(&[], arguments, "").await
}

/// The same in an environment that has nothing of the caller's credentials, with something on standard input.
async fn report_in(environment: &[(&str, &str)], arguments: &[&str], input: impl AsRef<[u8]>) -> Report {
    let mut process = Command::new(example("local"))
        .arg("audit")
        .args(arguments)
        .current_dir(root())
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // Who does not read it has no need of it.
    let _ = process.stdin.take().unwrap().write_all(input.as_ref()).await;
    let output = process.wait_with_output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Report { status: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The record in an event file of the audit.
fn record(file: &str) -> Value {
    serde_json::from_str::<Value>(&event(&format!("audit-{file}"))).unwrap()["detail"].clone()
}

/// Its text.
fn event_record(file: &str) -> String {
    record(file).to_string()
}

/// A file as CloudTrail writes it.
fn list(records: &[Value]) -> String {
    json!({ "Records": records }).to_string()
}

/// A folder that is gone with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("kokunai-report-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Puts a file into it, and gives its path.
    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self) -> &str {
        self.as_ref().to_str().unwrap()
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

//! A part of this test binary in a process of its own: the environment belongs to a process, and cannot be changed in one safely.

use super::trap::Environment;

/// What a line begins with that a child says to its parent.
const TOLD: &str = "TOLD ";

/// Runs a test of this binary that is ignored otherwise, with these variables and no others; gives what it told.
pub(super) async fn run(test: &str, environment: &Environment) -> Vec<String> {
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]).env_clear();
    let output = command.envs(environment.iter().cloned()).kill_on_drop(true).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let passed = output.status.success() && text.contains("1 passed");
    assert!(passed, "{test}, {environment:?}:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter_map(|line| Some(line.split_once(TOLD)?.1.to_owned())).collect()
}

/// Tells the parent something.
#[expect(clippy::print_stdout, reason = "it is how a child speaks with its parent")]
pub(super) fn tell(what: &str) {
    println!("{TOLD}{what}");
}

/// The keys that Lambda gives a function, as the stand-ins know them.
pub(super) fn keys() -> Environment {
    [
        ("AWS_ACCESS_KEY_ID", stand_ins::TEST_ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", stand_ins::TEST_SECRET_ACCESS_KEY),
        ("AWS_SESSION_TOKEN", stand_ins::TEST_SESSION_TOKEN),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

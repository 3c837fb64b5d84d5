//! The process, with programs of the operating system in the function's place.

use super::*;

/// A program that writes a line to each stream, and then waits to be killed.
const PATIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/function/patient.sh");

const SOON: Duration = Duration::from_secs(5);

fn address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9001))
}

fn spawn(program: &str, env: &[(&str, &str)]) -> Function {
    Function::run(Writer::Program, Path::new(program), address(), env).expect("a process")
}

#[tokio::test]
async fn a_process_sees_lambdas_environment_and_what_overrides_it() {
    let function = spawn("/usr/bin/env", &[("AWS_REGION", "us-east-1"), ("EXTRA", "1")]);
    assert!(function.exit_status(SOON).await.is_some_and(|status| status.success()));
    let line = |wanted: &'static str| function.wait_for_line(move |line| line == wanted, SOON);
    for wanted in ["AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001", "AWS_REGION=us-east-1", "EXTRA=1", "TZ=:UTC"] {
        assert!(line(wanted).await.is_some(), "{wanted}");
    }
    assert!(!function.lines().iter().any(|line| line.starts_with("CARGO")), "the test's own variables leaked");
    assert!(function.stderr_lines().is_empty());
}

#[tokio::test]
async fn both_streams_are_kept_and_a_line_that_never_comes_is_waited_for_in_vain() {
    let function = spawn(PATIENT, &[]);
    assert!(function.wait_for_line(|line| line == "a complaint", SOON).await.is_some());
    assert!(function.wait_for_line(|line| line.starts_with('{'), SOON).await.is_some());
    assert_eq!(function.json_lines(), [serde_json::json!({ "level": "INFO" })]);
    assert_eq!((function.stderr_lines().len(), function.lines().len()), (1, 2));
    assert_eq!(function.wait_for_line(|line| line == "another", Duration::from_millis(50)).await, None);
}

#[tokio::test]
#[should_panic(expected = "not JSON")]
async fn a_line_that_is_not_json_is_a_failed_test() {
    let function = spawn("/usr/bin/env", &[]);
    function.wait_for_line(|_| true, SOON).await.expect("a line");
    let _ = function.json_lines();
}

#[tokio::test]
#[should_panic(expected = "a line is no JSON")]
async fn a_function_whose_lines_break_the_schema_fails_its_test_though_nobody_looks_at_them() {
    let function = Function::spawn(Path::new("/usr/bin/env"), address(), &[]).expect("a process");
    assert!(function.exit_status(SOON).await.is_some());
}

/// The process's state as the kernel gives it: `T` is stopped.
fn state(pid: u32) -> Option<char> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("State:\t"))?.chars().next()
}

async fn becomes(pid: u32, wanted: impl Fn(Option<char>) -> bool) -> bool {
    let reached = async {
        while !wanted(state(pid)) {
            sleep(EXIT_POLL).await;
        }
    };
    timeout(SOON, reached).await.is_ok()
}

#[tokio::test]
async fn a_process_can_be_frozen_thawed_and_killed_by_dropping_it() {
    let function = spawn(PATIENT, &[]);
    let pid = function.pid();
    function.freeze().expect("a running process");
    assert!(becomes(pid, |state| state == Some('T')).await);
    function.thaw().expect("a frozen process");
    assert!(becomes(pid, |state| state != Some('T')).await);
    assert_eq!(function.exit_status(Duration::from_millis(20)).await, None);
    drop(function);
    assert!(becomes(pid, |state| state.is_none()).await);
}

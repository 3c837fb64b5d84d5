//! `cargo local`: the README's first command, and the server.

use crate::stage::{example, root};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

async fn local(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(example("local")).args(arguments).current_dir(root()).output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn log_line(stdout: &str) -> Value {
    let line = stdout
        .lines()
        .find(|line| line.starts_with("{\"timestamp\""))
        .unwrap_or_else(|| panic!("no log line: {stdout}"));
    serde_json::from_str(line).unwrap()
}

#[tokio::test]
async fn an_http_event_prints_the_answer_and_its_line() {
    let (code, stdout, stderr) = local(&["events/http-messages.json"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.starts_with("HTTP 200\n"), "{stdout}");
    assert!(stdout.contains("not Claude"), "the stand-in says that it is one: {stdout}");
    let line = log_line(&stdout);
    assert!(
        line["tokens.input"].is_u64() && line["tokens.output"].is_u64() && line["bedrock.request_id"].is_string(),
        "{line}"
    );
}

#[tokio::test]
async fn a_queue_event_and_a_direct_event_do_too() {
    let (code, stdout, _) = local(&["events/sqs-one.json", "events/direct-prompt.json"]).await;
    assert_eq!(code, Some(0));
    assert!(stdout.contains("\"batchItemFailures\": []") && stdout.contains("\"inference_profile\""), "{stdout}");
    assert_eq!(stdout.lines().filter(|line| line.starts_with("{\"timestamp\"")).count(), 2);
}

#[tokio::test]
async fn a_failed_event_fails_the_command() {
    let (code, stdout, stderr) = local(&["events/unknown-s3.json"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("aws:s3"), "{stderr}");
    assert_eq!(log_line(&stdout)["error.label"], "unknown_event");
    let (code, _, stderr) = local(&["events/no-such-file.json"]).await;
    assert!(code == Some(1) && stderr.contains("events/no-such-file.json"), "{stderr}");
    let (code, _, stderr) = local(&["--fast"]).await;
    assert!(code == Some(1) && stderr.contains("--fast") && stderr.contains("--port"), "{stderr}");
}

/// One HTTP/1.1 request with a JSON body, and its whole response.
async fn request(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head = format!(
        "{head} HTTP/1.1\r\nhost: local\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn the_server_answers_over_http_in_both_modes() {
    for mode in ["buffered", "stream"] {
        let mut server = Command::new(example("local"))
            .args(["--port", "0"])
            .env("RESPONSE_MODE", mode)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let greeting = lines.next_line().await.unwrap().unwrap();
        let address = greeting.rsplit('/').next().unwrap().to_owned();
        let prompt = json!({ "prompt": "こんにちは" }).to_string();
        let answer = request(&address, "POST /prompt", &prompt).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("こんにちは"), "{mode}: {answer}");
        let answer = request(&address, "HEAD /", "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{mode}: {answer}");
        let answer = request(&address, "GET /v1/messages", "").await;
        assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: POST"), "{mode}: {answer}");
    }
}

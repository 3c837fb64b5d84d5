//! `cargo local`: the README's first command, and the server.

use crate::stage::{example, root};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

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
async fn the_schedule_and_cloudformation_are_answered_here_too() {
    let (code, stdout, stderr) = local(&["events/schedule-check.json", "events/deployment-create.json"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    for part in ["\"verdict\": \"confirmed\"", "\"status\": \"SUCCESS\"", "the inference profile checked: confirmed"] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
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
    request_with(address, head, "", body).await
}

/// The same with more headers, each with its line's end.
async fn request_with(address: &str, head: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head = format!(
        "{head} HTTP/1.1\r\nhost: local\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

/// A server in this mode, or in the one that it takes by itself, and where it listens.
pub(crate) async fn front(mode: &str) -> (Child, String) {
    let mut server = Command::new(example("local"));
    let server = if mode.is_empty() { server.env_remove("RESPONSE_MODE") } else { server.env("RESPONSE_MODE", mode) };
    let server = server.args(["--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut server = server.spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let greeting = lines.next_line().await.unwrap().unwrap();
    (server, greeting.rsplit('/').next().unwrap().to_owned())
}

#[tokio::test]
async fn the_server_answers_over_http_in_both_modes() {
    for mode in ["buffered", "stream", ""] {
        let (_server, address) = front(mode).await;
        let prompt = json!({ "prompt": "こんにちは" }).to_string();
        let answer = request(&address, "POST /prompt", &prompt).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("こんにちは"), "{mode}: {answer}");
        let streams = answer.contains("\r\ntransfer-encoding: chunked\r\n") && answer.ends_with("\r\n0\r\n\r\n");
        assert_eq!(streams, mode != "buffered", "{mode}: streaming is the default: {answer}");
        let answer = request(&address, "HEAD /", "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{mode}: {answer}");
        let answer = request(&address, "GET /v1/messages", "").await;
        assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: POST"), "{mode}: {answer}");
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_in_mid_stream_is_in_the_line() {
    let mut server = Command::new(example("local"))
        .args(["--port", "0"])
        .env("RESPONSE_MODE", "stream")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut greeting = BufReader::new(server.stdout.take().unwrap()).lines();
    let address = greeting.next_line().await.unwrap().unwrap().rsplit('/').next().unwrap().to_owned();
    let body = json!({ "prompt": "stand-in: pace 20", "stream": true }).to_string();
    let mut client = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /prompt HTTP/1.1\r\nhost: local\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    client.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut begun = vec![0; 400];
    client.read_exact(&mut begun).await.unwrap();
    drop(client);
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let line = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if line.contains("duration_ms") {
            break serde_json::from_str::<Value>(&line).unwrap();
        }
    };
    assert_eq!((&line["client_gone"], &line["status"]), (&json!(true), &json!(200)), "{line}");
    assert!(line["tokens.output"].is_u64(), "{line}");
}

#[tokio::test]
async fn messages_of_standard_input_go_through_queues_in_memory() {
    let mut worker = Command::new(example("local"))
        .arg("--queue")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut messages = "{\"prompt\": \"東京\"}\n\n{\"prompt\": \"\"}\r\n".as_bytes().to_vec();
    // Shift_JIS, and a character that SQS takes nowhere.
    messages.extend(b"{\"prompt\":\"\x93\xfa\x96\x7b\"}\n{\"prompt\":\"a\x01b\"}\n{\"prompt\":\"last\"}");
    worker.stdin.take().unwrap().write_all(&messages).await.unwrap();
    let output = worker.wait_with_output().await.unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "not every line became a message");
    let printed: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |queue: &str| printed.iter().filter(|it| it["queue"] == queue).cloned().collect::<Vec<_>>();
    let results = of("results").iter().map(|it| it["body"].to_string()).collect::<String>();
    assert_eq!((results.matches("succeeded").count(), results.matches("failed").count()), (2, 1), "{stdout}");
    let [letter] = &of("dead-letters")[..] else { panic!("{stdout}") };
    assert_eq!(letter["body"], "{\"prompt\": \"\"}");
    assert!(letter["attributes"]["kokunai.error"].as_str().unwrap().contains("invalid_request"), "{letter}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("dead_lettered") && stderr.contains("line 4 is not sent: it is not UTF-8"), "{stderr}");
    assert!(stderr.contains("line 5 is not sent: "), "{stderr}");
    let refused = local(&["--queue", "--bedrock"]).await;
    assert!(refused.0 == Some(1) && refused.2.contains("--queue works with the stand-in"), "{}", refused.2);
    let refused = local(&["--queue", "--port", "0"]).await;
    assert!(refused.0 == Some(1) && refused.2.contains("--port is for serving HTTP"), "{}", refused.2);
}

#[tokio::test]
async fn a_queue_event_shows_what_it_left_in_the_other_queues() {
    let (code, stdout, _) = local(&["events/sqs-attributes.json"]).await;
    assert_eq!(code, Some(0));
    let printed: Vec<Value> = stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let count = |queue: &str| printed.iter().filter(|line| line["queue"] == queue).count();
    assert_eq!((count("results"), count("dead-letters")), (4, 2), "{stdout}");
}

#[tokio::test]
async fn a_key_is_remembered_while_the_front_serves() {
    let (_front, address) = front("").await;
    let ask = |body| request_with(&address, "POST /prompt", "idempotency-key: one\r\n", body);
    let first = ask("{\"prompt\": \"東京\"}").await;
    assert!(first.starts_with("HTTP/1.1 200") && !first.contains("idempotency-replayed"), "{first}");
    let second = ask("{\"prompt\": \"東京\"}").await;
    assert!(second.contains("idempotency-replayed: true"), "{second}");
    assert!(ask("{\"prompt\": \"大阪\"}").await.starts_with("HTTP/1.1 409"));
}

#[tokio::test]
async fn a_queue_that_is_none_is_named() {
    for url in ["https://127.0.0.1:1/0/prompts", "http://127.0.0.1:1/0/prompts/", "http://example.com:1/0/x", "prompts"]
    {
        let (code, _, stderr) = local(&["--queue", url]).await;
        assert!(code == Some(1) && stderr.contains("is not of the form"), "{url}: {stderr}");
    }
    for host in ["127.0.0.1", "sqs.ap-northeast-1.localhost.localstack.cloud"] {
        let (code, _, stderr) = local(&["--queue", &format!("http://{host}:1/000000000000/prompts")]).await;
        assert!(code == Some(1) && stderr.contains("prompts-results could not be created at 127.0.0.1:1"), "{stderr}");
    }
}

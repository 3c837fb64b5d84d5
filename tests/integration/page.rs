//! The page of `cargo local`: what it is told agrees with what happened, only it is told, and the artifact has nothing of it.

use crate::local::front;
use crate::sources::sources;
use crate::stage::{artifact, example, root, text};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

/// The page's files, by their names, with their texts.
fn files() -> Vec<(String, String)> {
    let folder = "local/page/files";
    let names = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    let files: Vec<_> = names
        .map(|name| name.into_string().unwrap())
        .map(|name| (name.clone(), text(&format!("{folder}/{name}"))))
        .collect();
    assert!(files.len() > 5);
    files
}

/// A response, taken apart.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head))
    }
}

/// One request, with these headers and no others but what HTTP needs; each has its line's end.
async fn ask(address: &str, line: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head = format!("{line} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

async fn get(address: &str, path: &str) -> Answer {
    ask(address, &format!("GET {path}"), &format!("host: {address}\r\n"), "").await
}

async fn post(address: &str, body: &Value) -> Answer {
    ask(address, "POST /v1/messages", &format!("host: {address}\r\n"), &body.to_string()).await
}

/// What the page is told of a prompt, which is there once the function has written its line.
async fn record(address: &str, request_id: &str) -> Value {
    loop {
        let answer = get(address, &format!("/local/prompts/{request_id}")).await;
        if answer.status == 200 {
            return answer.json();
        }
        assert_eq!(answer.status, 404, "{}", answer.body);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_answer_its_line_and_the_recorded_call_agree() {
    let (_server, address) = front("").await;
    let answer = post(&address, &json!({ "prompt": "こんにちは", "stream": true })).await;
    assert!(answer.status == 200 && answer.body.contains("message_stop"), "{}", answer.body);
    let record = record(&address, answer.header("request-id")).await;
    let (line, recorded) = (&record["line"], record["recorded"].as_array().unwrap());
    let [call] = &recorded[..] else { panic!("{record}") };
    assert_eq!(line["request_id"], answer.header("request-id"));
    assert_eq!(line["bedrock.request_id"], answer.header("bedrock-request-id"));
    assert_eq!(call["request_id"], line["bedrock.request_id"]);
    assert_eq!((&call["profile"], &call["region"]), (&line["residency.profile"], &line["residency.region"]));
    assert_eq!(call["profile"], "jp.anthropic.claude-sonnet-4-5-20250929-v1:0");
    assert_eq!(call["region"], "ap-northeast-1");
    assert_eq!(call["host"], "bedrock-runtime.ap-northeast-1.amazonaws.com");
    assert_eq!((&line["bedrock.attempts"], &call["status"]), (&json!(1), &json!(200)));
}

#[tokio::test]
async fn every_attempt_is_recorded() {
    let (_server, address) = front("").await;
    let answer = post(&address, &json!({ "prompt": "stand-in: throttle 2" })).await;
    let record = record(&address, answer.header("request-id")).await;
    let statuses: Vec<_> = record["recorded"].as_array().unwrap().iter().map(|call| call["status"].clone()).collect();
    assert_eq!((statuses, &record["line"]["bedrock.attempts"]), (vec![json!(429), json!(429), json!(200)], &json!(3)));
    // One that got no answer has no ID that a line could name.
    let answer = post(&address, &json!({ "prompt": "stand-in: drop 1" })).await;
    let record = self::record(&address, answer.header("request-id")).await;
    let statuses: Vec<_> = record["recorded"].as_array().unwrap().iter().map(|call| call["status"].clone()).collect();
    assert_eq!((statuses, &record["line"]["bedrock.attempts"]), (vec![Value::Null, json!(200)], &json!(2)));
}

#[tokio::test]
async fn lines_arrive_as_events_and_stay_in_the_list() {
    let (_server, address) = front("").await;
    let mut arrivals = TcpStream::connect(&address).await.unwrap();
    let question = format!("GET /local/arrivals HTTP/1.1\r\nhost: {address}\r\n\r\n");
    arrivals.write_all(question.as_bytes()).await.unwrap();
    let mut arrivals = BufReader::new(arrivals).lines();
    while !arrivals.next_line().await.unwrap().unwrap().starts_with("retry: ") {}
    let answer = post(&address, &json!({ "prompt": "" })).await;
    let line = loop {
        if let Some(line) = arrivals.next_line().await.unwrap().unwrap().strip_prefix("data: ") {
            break serde_json::from_str::<Value>(line).unwrap();
        }
    };
    assert_eq!(line["request_id"], answer.header("request-id"));
    let list = get(&address, "/local/prompts").await.json();
    assert_eq!(list, json!({ "stand_in": true, "lines": [line] }));
}

#[tokio::test]
async fn where_claude_itself_answers_no_record_is_made_up() {
    let mut server = Command::new(example("local"))
        .args(["--bedrock", "--port", "0"])
        .envs([("AWS_ACCESS_KEY_ID", "nobody"), ("AWS_SECRET_ACCESS_KEY", "nothing")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().unwrap().rsplit('/').next().unwrap().to_owned();
    // Refused before anything leaves the machine.
    let answer = post(&address, &json!({ "prompt": "" })).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(record(&address, answer.header("request-id")).await["recorded"], Value::Null);
    assert_eq!(get(&address, "/local/prompts").await.json()["stand_in"], false);
}

#[tokio::test]
async fn only_this_machine_and_only_the_page_itself_may_ask() {
    let (_server, address) = front("").await;
    let port = address.rsplit(':').next().unwrap();
    let here = format!("host: 127.0.0.1:{port}\r\n");
    let page = "GET /";
    let html = "accept: text/html\r\n";
    let list = "GET /local/prompts";
    let prompt = "POST /v1/messages";
    for (line, headers, status) in [
        (page, format!("{here}{html}"), 200),
        (page, format!("host: LOCALHOST:{port}\r\n{html}"), 200),
        (page, format!("host: [::1]:{port}\r\n{html}"), 200),
        (page, format!("host: forwarded.example:{port}\r\n{html}"), 403),
        (page, format!("host: 127.0.0.1.example:{port}\r\n{html}"), 403),
        // A link on another site may lead here.
        (page, format!("{here}{html}sec-fetch-site: cross-site\r\n"), 200),
        (page, here.clone(), 405),
        (list, here.clone(), 200),
        (list, format!("{here}sec-fetch-site: same-origin\r\norigin: http://127.0.0.1:{port}\r\n"), 200),
        (list, format!("{here}sec-fetch-site: none\r\n"), 200),
        (list, format!("{here}sec-fetch-site: cross-site\r\n"), 403),
        // Another server of this machine is another origin.
        (list, format!("{here}sec-fetch-site: same-site\r\n"), 403),
        (list, format!("{here}origin: http://127.0.0.1:1\r\n"), 403),
        (list, format!("host: rebound.example:{port}\r\n"), 403),
        ("GET /local/arrivals", format!("{here}sec-fetch-site: cross-site\r\n"), 403),
        ("GET /local/prompts/none", format!("{here}sec-fetch-site: cross-site\r\n"), 403),
        ("GET /local/nothing", here.clone(), 404),
        ("POST /local/prompts", here.clone(), 405),
        // A prompt costs money with --bedrock; a program in a container may know this machine by another name.
        (prompt, "host: container.example\r\n".to_owned(), 200),
        (prompt, format!("{here}origin: http://localhost:3000\r\n"), 200),
        (prompt, format!("{here}origin: https://elsewhere.example\r\n"), 403),
        (prompt, format!("host: rebound.example:{port}\r\norigin: http://rebound.example:{port}\r\n"), 403),
        (prompt, format!("{here}origin: null\r\n"), 403),
    ] {
        let body = if line == prompt { r#"{"prompt": "こんにちは"}"# } else { "" };
        let answer = ask(&address, line, &headers, body).await;
        assert_eq!(answer.status, status, "{line} {headers:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn each_file_is_served_as_it_is() {
    let (_server, address) = front("").await;
    for (name, text) in files() {
        let path = if name == "page.html" { "/".to_owned() } else { format!("/local/{name}") };
        let answer = ask(&address, &format!("GET {path}"), "host: localhost\r\naccept: text/html\r\n", "").await;
        assert!(answer.status == 200 && answer.body == text, "{name}: {}", answer.head);
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
    }
}

#[test]
fn nothing_of_the_page_is_in_the_artifact() {
    let [artifact, local] = [artifact(), example("local")].map(|program| std::fs::read(program).unwrap());
    let [artifact, local] = [&artifact, &local].map(|program| String::from_utf8_lossy(program));
    for (name, text) in files() {
        let trace = text.lines().map(str::trim).max_by_key(|line| line.len()).unwrap();
        assert!(trace.len() >= 40, "{name}");
        assert!(local.contains(trace), "the local server has {name}, or this test looks for the wrong thing");
        assert!(!artifact.contains(trace), "the artifact has {name}");
    }
}

#[test]
fn nothing_below_src_includes_what_is_elsewhere() {
    // What is compiled in from a file, and what is taken for a module from another place.
    let words = ["include_str!(", "include_bytes!(", "include!(", "#[path"];
    let codes = sources();
    let named = codes.iter().flat_map(|(_, code)| words.iter().flat_map(|word| code.split(word).skip(1)));
    let named: Vec<_> = named.map(|rest| rest.split([')', ']']).next().unwrap()).collect();
    assert_eq!(named, ["\"amazon-roots.pem\""]);
}

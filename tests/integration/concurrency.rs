//! Many prompts at once in one process, as on Lambda Managed Instances, and one after another everywhere else.

use crate::stage::{Stage, post};
use futures_util::future::join_all;
use serde_json::{Value, json};
use stand_ins::gateway::{GatewayAnswer, rest_event};
use std::collections::HashSet;
use std::time::Duration;

const AT_ONCE: usize = 64;
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that takes so many events at once.
async fn stage() -> Stage {
    let at_once = AT_ONCE.to_string();
    Stage::with(&[("AWS_LAMBDA_MAX_CONCURRENCY", at_once.as_str()), ("RESPONSE_MODE", "stream")]).await
}

/// A prompt that is told from every other, in one of the languages and ways of an answer.
fn event(number: usize, command: &str) -> Value {
    let text = format!("stand-in: {command}\nI am prompt {number}.");
    let messages = json!([{ "role": "user", "content": text }]);
    let path = if number.is_multiple_of(3) { "/v1/chat/completions" } else { "/v1/messages" };
    let body = json!({ "max_tokens": 1000, "messages": messages, "stream": number.is_multiple_of(2) });
    rest_event(&post(path, body.to_string()), "prod")
}

/// Whether an answer is that of its own prompt, and of no other.
fn is_own(answer: &GatewayAnswer, number: usize) -> bool {
    // A stream has its text in deltas: what is between the quotes, put together.
    let text: String = answer.text().split("\"text\":\"").chain(answer.text().split("\"content\":\"")).skip(1).fold(
        answer.text(),
        |mut all, part| {
            all.push_str(part.split('"').next().unwrap_or_default());
            all
        },
    );
    let others = (0..AT_ONCE).filter(|other| text.contains(&format!("I am prompt {other}.")));
    others.eq([number])
}

#[tokio::test]
async fn sixty_four_prompts_at_once_each_get_their_own_answer_and_line() {
    let stage = stage().await;
    let asking = async { join_all((0..AT_ONCE).map(|number| stage.http(event(number, "slow 15000")))).await };
    let all_are_asked = async {
        while stage.bedrock.calls().len() < AT_ONCE {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::pin!(asking);
    tokio::select! {
        biased;
        _ = &mut asking => panic!("all were answered before all were asked"),
        () = all_are_asked => {}
    }
    let answered = stage.bedrock.calls().iter().filter(|call| call.status.is_some()).count();
    assert_eq!(answered, 0, "were answered before the last was asked");
    let answers = asking.await;
    let lines = stage.prompt_lines(AT_ONCE).await;
    let calls = stage.bedrock.calls();
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.status, 200, "{number}: {}", answer.text());
        assert!(is_own(answer, number), "{number}: {}", answer.text());
        let own = |line: &&Value| line["request_id"].as_str() == answer.header("x-request-id");
        let line = lines.iter().find(own).unwrap_or_else(|| panic!("{number} has no line"));
        assert_eq!(line["stream"], json!(number.is_multiple_of(2)), "{number}: {line}");
        let call = calls.iter().find(|call| line["bedrock.request_id"] == call.request_id.as_str()).unwrap();
        let asked = String::from_utf8_lossy(&call.body);
        assert!(asked.contains(&format!("I am prompt {number}.")), "{number}: {asked}");
    }
    let traces: HashSet<_> = lines.iter().map(|line| line["trace_id"].as_str()).collect();
    assert_eq!(traces.len(), AT_ONCE, "every line has its own trace");
    assert_eq!(lines.iter().filter(|line| line["cold_start"] == true).count(), 1);
    assert_eq!(stage.function.stderr_lines(), Vec::<String>::new());
    stage.bedrock.everything_was_pinned().unwrap();
}

#[tokio::test]
async fn neither_a_stalled_nor_a_panicking_prompt_is_in_anothers_way() {
    let stage = stage().await;
    let stalled = stage.http(event(1, "stall"));
    tokio::pin!(stalled);
    // It is asked before the others, and stays so until they have been answered.
    tokio::select! {
        _ = &mut stalled => panic!("it is stalled"),
        () = async { while stage.bedrock.calls().is_empty() { tokio::time::sleep(Duration::from_millis(5)).await; } } => {}
    }
    let others = (2..AT_ONCE).map(|number| async move {
        let command = if number.is_multiple_of(7) { "panic" } else { "slow 1" };
        (number, command)
    });
    let others = join_all(others).await;
    let asking = join_all(others.iter().map(|(number, command)| stage.http(event(*number, command))));
    let answers = tokio::select! {
        answers = asking => answers,
        _ = &mut stalled => panic!("it is stalled"),
    };
    for ((number, command), answer) in others.iter().zip(&answers) {
        if *command == "panic" {
            let failed = answer.status == 500 || answer.text().contains("this function failed");
            assert!(failed, "{number}: {}", answer.text());
        } else {
            assert!(answer.status == 200 && is_own(answer, *number), "{number}: {}", answer.text());
        }
    }
    assert_eq!(stage.prompt_lines(others.len()).await.len(), others.len());
}

#[tokio::test]
async fn without_the_variable_the_next_prompt_waits_for_the_one_before() {
    let stage = Stage::new().await;
    let first = stage.http(event(1, "slow 300"));
    let second = stage.http(event(2, "slow 1"));
    let (first, second) = tokio::time::timeout(PATIENCE, async { tokio::join!(first, second) }).await.unwrap();
    assert!(is_own(&first, 1) && is_own(&second, 2));
    let lines = stage.prompt_lines(2).await;
    assert_eq!(lines[0]["request_id"].as_str(), first.header("x-request-id"), "in the order in which they came");
}

//! One point of a series: a fresh process, asked the same question many times.

use crate::asked::Question;
use crate::figures::ROUNDS;
use crate::relayed::{Client, MESSAGES, event};
use bytes::Bytes;
use futures_util::future::join_all;
use serde_json::json;
use stand_ins::bedrock::Bedrock;
use stand_ins::gateway::GatewayResponse;
use stand_ins::usage;
use std::time::{Duration, Instant};

/// How long a process must do nothing to count as having ended its work.
const QUIET: Duration = Duration::from_millis(50);

/// What was measured of one size.
pub(crate) struct Point {
    pub(crate) size: u32,
    /// From the question to the last byte of its answer: the median.
    pub(crate) time: Duration,
    /// The same in the quickest round, which whatever else the machine does has disturbed least.
    pub(crate) best: Duration,
    /// What the function's own process had of the processor for one question: the mean.
    pub(crate) processor: Duration,
    /// The most memory that the process ever had, in bytes.
    pub(crate) peak: u64,
    /// How much of that is more than it had after a first, small prompt.
    pub(crate) above_idle: u64,
}

/// Asks a new process.
pub(crate) async fn measure(size: u32, question: &Question) -> Point {
    let bedrock = Bedrock::start().await.expect("a free port");
    let client = Client::start_with(bedrock.address(), question.variables).await;
    let small = json!({ "max_tokens": 100, "messages": [{ "role": "user", "content": "Hello." }] });
    read(&client, &event(MESSAGES, &small).into(), 1).await;
    let peak = || usage::peak_memory(client.pid()).expect("a process on Linux");
    let idle = peak();
    let event = Bytes::from(event(MESSAGES, &question.body));
    // The first answer opens connections and is prepared by the stand-in, so it is not counted.
    ask(&client, &event, question).await;
    let before = processor_time(client.pid()).await;
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        ask(&client, &event, question).await;
        times.push(start.elapsed());
    }
    times.sort();
    let rounds = u32::try_from(ROUNDS).expect("a few rounds");
    let processor = (processor_time(client.pid()).await - before) / rounds;
    let peak = peak();
    Point { size, time: times[ROUNDS / 2], best: times[0], processor, peak, above_idle: peak - idle }
}

/// Asks as often at once as the question says, and reads every answer to its end.
async fn ask(client: &Client, event: &Bytes, question: &Question) {
    join_all((0..question.at_once).map(|_| read(client, event, question.answer))).await;
}

/// Asks, and reads the answer, which has so many bytes at least.
async fn read(client: &Client, event: &Bytes, at_least: usize) {
    let GatewayResponse::Stream(mut stream) = client.send(event.clone()).await else {
        panic!("the gateway refused the answer");
    };
    assert_eq!(stream.status, 200);
    let mut bytes = 0;
    while let Some(chunk) = stream.chunk().await {
        bytes += chunk.expect("an unbroken answer").len();
    }
    assert!(bytes >= at_least, "the whole answer was read");
}

/// What the process has had of the processor, once it has ended its work.
async fn processor_time(pid: u32) -> Duration {
    let mut before = None;
    loop {
        let time = usage::processor_time(pid).expect("a process on Linux");
        if before == Some(time) {
            return time;
        }
        before = Some(time);
        tokio::time::sleep(QUIET).await;
    }
}

//! No event gives a request to another host, Region, profile or protocol, or writes into its headers.

use super::OUTLETS;
use super::child::{self, keys, tell};
use super::hostile::{aliens, events};
use super::inside::Inside;
use super::judge::{COUNT, judge};
use super::recorder::{Recorder, Sent};
use crate::pipeline::Pipeline;
use crate::stage::event;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use stand_ins::bedrock::Call;
use stand_ins::cloudformation::CloudFormation;
use stand_ins::control_plane::ControlPlane;

/// How many events are tried in this process, in each way in which the function can be set up.
const INSIDE: u32 = 500;

/// How many the twin gets, each through Lambda's API and a real socket.
const THROUGH_THE_TWIN: usize = 250;

#[tokio::test]
async fn no_event_moves_a_request_or_writes_into_its_headers() {
    let told = child::run("residency::events::events_in_a_process_of_their_own", &keys()).await;
    let numbers: Vec<u32> = told.iter().map(|number| number.parse().unwrap()).collect();
    // Events that all were refused would prove nothing.
    assert!(numbers.len() == 4 && numbers.iter().all(|requests| *requests > INSIDE / 4), "{numbers:?}");
}

#[test]
#[ignore = "the test above starts it, with Lambda's keys in its environment"]
fn events_in_a_process_of_their_own() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let worker = [("RESPONSE_MODE", "buffered"), OUTLETS[0], OUTLETS[1], OUTLETS[2]];
    for settings in [&[][..], &[("RESPONSE_MODE", "stream")], &worker, &[("COUNT_TOKENS", "on")]] {
        let counts = settings.contains(&("COUNT_TOKENS", "on"));
        let inside = Inside::with(settings);
        let requests = std::cell::Cell::new(0);
        let config = Config { cases: INSIDE, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(&events(), |event| {
            let sent = runtime.block_on(inside.handle(&event));
            requests.set(requests.get() + sent.len());
            sent.iter().try_for_each(|it| may_leave(it, counts)).map_err(TestCaseError::fail)
        });
        outcome.unwrap_or_else(|error| panic!("{settings:?}: {error}"));
        tell(&requests.get().to_string());
    }
}

#[tokio::test]
async fn no_answer_leads_to_another_host() {
    child::run("residency::events::answers_in_a_process_of_their_own", &keys()).await;
}

#[tokio::test]
#[ignore = "the test above starts it, with Lambda's keys in its environment"]
async fn answers_in_a_process_of_their_own() {
    for status in [301, 302, 303, 307, 308] {
        for settings in [&[][..], &[OUTLETS[0], OUTLETS[1], OUTLETS[2]]] {
            let inside = Inside::sending_to(Recorder::redirecting(status), settings);
            for name in ["http-messages", "http-stream", "sqs-one"] {
                let sent = inside.handle(&event(name)).await;
                assert!(!sent.is_empty(), "{status} {name}");
                sent.iter().for_each(|it| may_leave(it, false).unwrap());
            }
        }
    }
}

fn may_leave(sent: &Sent, counts: bool) -> Result<(), String> {
    if sent.uri.ends_with(COUNT) && !counts {
        return Err(format!("a count: {sent:?}"));
    }
    judge(sent, &aliens())
}

#[tokio::test]
async fn no_event_moves_what_the_twin_sends() {
    // One of the events stalls: nothing is learnt by waiting for it.
    let (plane, stack) = (ControlPlane::start().await.unwrap(), CloudFormation::start().await.unwrap());
    let (plane_address, stack_address) = (plane.address().to_string(), stack.address().to_string());
    let settings = [
        ("TIME_BUDGET_SECONDS", "1"),
        ("STAND_IN_CONTROL_PLANE", &plane_address),
        ("STAND_IN_CLOUDFORMATION", &stack_address),
    ];
    let pipeline = Pipeline::new("", true, &settings).await;
    let mut runner = TestRunner::default();
    for _ in 0..THROUGH_THE_TWIN {
        let event = events().new_tree(&mut runner).unwrap().current();
        let before = pipeline.stage.bedrock.calls().len();
        pipeline.stage.invoke(&event).await;
        for call in pipeline.stage.bedrock.calls().drain(before..) {
            may_leave(&sent(call), false).unwrap_or_else(|what| panic!("{what}\n{event}"));
        }
    }
    // About a third of them ask; the bound is one that chance does not reach.
    let asked = pipeline.stage.bedrock.calls().len();
    assert!(asked > THROUGH_THE_TWIN / 8, "only {asked} prompts were asked");
    pipeline.stage.bedrock.everything_was_pinned().unwrap();
    pipeline.sqs.everything_was_pinned().unwrap();
    pipeline.dynamodb.everything_was_pinned().unwrap();
    assert!(plane.calls().iter().all(|call| call.question.is_some()), "{:?}", plane.calls());
    assert!(stack.calls().iter().all(|call| [200, 403].contains(&call.status)), "a changed URL is no longer signed");
}

/// A call that arrived, as it left: the stand-in believes in the `Host` header.
fn sent(call: Call) -> Sent {
    let uri = format!("https://{}{}", call.host, call.path);
    Sent { method: call.method, uri, headers: call.headers, body: call.body.to_vec() }
}

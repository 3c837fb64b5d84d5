//! The twin among the traps: what reaches the stand-ins is pinned, whatever the environment and the config files say.

use super::table::{self, Row};
use super::trap::{Environment, Trap, borrowed};
use super::{ASKING, OUTLETS, pinned_paths};
use crate::pipeline::Pipeline;
use crate::stage::{Stage, event};
use futures_util::StreamExt;
use stand_ins::cloudformation::CloudFormation;
use stand_ins::control_plane::ControlPlane;
use stand_ins::usage_plan::{self, UsagePlan};

/// How many twins are tried at once: a few, for each is a process of its own.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn the_twins_requests_stay_pinned_whatever_the_environment_says() {
    let trap = Trap::set().await;
    let trapped = trap.everything();
    let mut environment = borrowed(&trapped);
    environment.extend([("COUNT_TOKENS", "on"), ("LOG_LEVEL", "trace")]);
    let stage = Stage::with(&environment).await;
    for name in ASKING {
        assert_eq!(stage.http(event(name)).await.status, 200, "{name}");
        if name != "http-count-tokens" {
            stage.bedrock.everything_was_pinned().unwrap();
        }
    }
    let calls = stage.bedrock.calls();
    assert_eq!(calls.iter().map(|call| call.path.replace("%3A", ":")).collect::<Vec<_>>(), pinned_paths());
    assert!(calls.iter().all(|call| call.host == "bedrock-runtime.ap-northeast-1.amazonaws.com"));
    assert!(calls.iter().all(|call| !call.prompt.is_empty()), "the prompts are known, to look for them in the log");
    let lines = stage.function.lines().join("\n");
    assert!(calls.iter().all(|call| !lines.contains(&call.prompt)), "a variable made the log say a prompt: {lines}");
    assert_eq!((trap.caught(), trap.marks()), (0, Vec::new()));
}

#[tokio::test]
async fn what_a_worker_delivers_and_remembers_stays_pinned_too() {
    let trap = Trap::set().await;
    let trapped = trap.everything();
    let mut environment = borrowed(&trapped);
    // An ARN would lead the SDK to the account's own host, where it is not told otherwise.
    environment.push(OUTLETS[2]);
    let pipeline = Pipeline::new("", true, &environment).await;
    pipeline.dynamodb.create(OUTLETS[2].1, "id");
    assert_eq!(pipeline.stage.answer(event("sqs-one")).await["batchItemFailures"].as_array().unwrap().len(), 0);
    pipeline.sqs.everything_was_pinned().unwrap();
    pipeline.dynamodb.everything_was_pinned().unwrap();
    pipeline.stage.bedrock.everything_was_pinned().unwrap();
    assert!(!pipeline.sqs.calls().is_empty() && !pipeline.dynamodb.calls().is_empty());
    assert_eq!((trap.caught(), trap.marks()), (0, Vec::new()));
}

#[tokio::test]
async fn what_is_asked_about_the_profile_and_answered_to_cloudformation_stays_pinned_too() {
    let trap = Trap::set().await;
    let (plane, stack) = (ControlPlane::start().await.unwrap(), CloudFormation::start().await.unwrap());
    let (plane_address, stack_address) = (plane.address().to_string(), stack.address().to_string());
    let trapped = trap.everything();
    let mut environment = borrowed(&trapped);
    environment
        .extend([("STAND_IN_CONTROL_PLANE", plane_address.as_str()), ("STAND_IN_CLOUDFORMATION", &stack_address)]);
    let stage = Stage::with(&environment).await;
    assert_eq!(stage.answer(event("schedule-check")).await["verdict"], "confirmed");
    assert_eq!(stage.answer(event("deployment-create")).await["status"], "SUCCESS");
    let asked = plane.calls();
    assert!(asked.len() == 4 && asked.iter().all(|call| call.question.is_some()), "{asked:?}");
    assert_eq!(stack.calls().iter().map(|call| call.status).collect::<Vec<_>>(), [200]);
    assert_eq!((trap.caught(), trap.marks()), (0, Vec::new()));
}

#[tokio::test]
async fn an_authorisers_list_of_keys_stays_pinned_too() {
    let trap = Trap::set().await;
    let plan = UsagePlan::start().await.unwrap();
    let address = plan.address().to_string();
    let trapped = trap.everything();
    let mut environment = borrowed(&trapped);
    environment.extend([("STAND_IN_API_GATEWAY", address.as_str()), ("USAGE_PLAN_ID", usage_plan::PLAN)]);
    let stage = Stage::with(&environment).await;
    assert_eq!(stage.answer(event("authoriser-x-api-key")).await["principalId"], usage_plan::KEY_ID);
    let asked = plan.calls();
    assert!(asked.len() == 1 && asked.iter().all(|call| call.is_sound), "{asked:?}");
    assert_eq!((trap.caught(), trap.marks()), (0, Vec::new()));
}

/// Asks one twin in each environment: one variable can hide what another would have done.
async fn stays_pinned_in_each(trap: &Trap, rows: &[Row], environment_of: impl Fn(&Row) -> Environment) {
    let tried = futures_util::stream::iter(rows.iter().filter(|row| row.bait.is_some())).map(|row| {
        let environment = environment_of(row);
        async move {
            let stage = Stage::with(&borrowed(&environment)).await;
            assert_eq!(stage.http(event("http-messages")).await.status, 200, "{}", row.name);
            assert_eq!(stage.bedrock.calls().len(), 1, "{}", row.name);
            stage.bedrock.everything_was_pinned().unwrap_or_else(|stray| panic!("{}: {stray}", row.name));
        }
    });
    let tried = tried.buffer_unordered(AT_ONCE).count().await;
    assert!(tried > 30, "{tried}");
    assert_eq!((trap.caught(), trap.marks()), (0, Vec::new()));
}

#[tokio::test]
async fn each_variable_alone_moves_nothing() {
    let trap = Trap::set().await;
    stays_pinned_in_each(&trap, &table::variables(), |row| trap.variable(row)).await;
}

#[tokio::test]
async fn each_key_of_a_config_file_alone_moves_nothing() {
    let trap = Trap::set().await;
    stays_pinned_in_each(&trap, &table::keys(), |row| trap.key(row)).await;
}

//! How many batches run at once, and which of them may not.

use super::*;

/// How many batches the function has in hand now.
fn running(stage: &Stage, poller: &Poller) -> usize {
    let done = poller.counts().batches;
    stage.events().len().saturating_sub(done)
}

/// Sends some messages, one a batch, and says how many batches the function had in hand at most.
async fn busiest(name: &str, settings: QueueSettings, drafts: Vec<Draft>, concurrency: usize) -> (Stage, usize) {
    let most = AtomicUsize::new(0);
    let stage = Stage::start(name, settings, Duration::from_millis(100), |_| Reply::Response("null".to_owned())).await;
    let count = drafts.len();
    drafts.into_iter().for_each(|draft| drop(stage.sqs.put(name, draft)));
    let settings = PollerSettings { batch_size: 1, maximum_concurrency: concurrency, ..stage.settings() };
    let poller = stage.poll(settings);
    let watch = || {
        most.fetch_max(running(&stage, &poller), Ordering::Relaxed);
        poller.counts().deleted == count
    };
    until(watch).await;
    (stage, most.into_inner())
}

#[tokio::test]
async fn no_more_batches_run_at_once_than_may() {
    let drafts = || (0..12).map(|number| Draft::new(format!("{number}"))).collect();
    let (_, most) = busiest("prompts", QueueSettings::default(), drafts(), 3).await;
    assert!((2..=3).contains(&most), "{most}");
    let (_, most) = busiest("prompts", QueueSettings::default(), drafts(), 1).await;
    assert_eq!(most, 1);
}

#[tokio::test]
async fn a_group_is_handled_in_order_and_never_twice_at_once() {
    let settings = QueueSettings::default().content_based_deduplication();
    let drafts = (0..6).map(|number| Draft::new(format!("{number}")).group("g")).collect();
    let (stage, most) = busiest("prompts.fifo", settings, drafts, 4).await;
    assert_eq!(most, 1);
    assert_eq!(stage.batches().concat(), ["0", "1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_group_is_not_handled_twice_at_once_though_its_time_out_ends_too_soon() {
    let settings = QueueSettings::default().content_based_deduplication().visibility(Duration::from_millis(20));
    let slow = Duration::from_millis(100);
    let stage = Stage::start("prompts.fifo", settings, slow, |_| Reply::Response("null".to_owned())).await;
    stage.sqs.put("prompts.fifo", Draft::new("x").group("g"));
    let poller = stage.poll(PollerSettings { maximum_concurrency: 3, ..stage.settings() });
    let at_once = AtomicUsize::new(0);
    until(|| {
        at_once.fetch_max(running(&stage, &poller), Ordering::Relaxed);
        stage.events().len() == 3
    })
    .await;
    assert!(at_once.load(Ordering::Relaxed) <= 1, "{at_once:?}");
    // The handle of each receive had expired when the batch was done, as it would have with SQS.
    assert!(poller.counts().failed_deletes >= 2);
}

#[tokio::test]
async fn other_groups_are_handled_at_the_same_time() {
    let settings = QueueSettings::default().content_based_deduplication();
    let drafts = (0..6).map(|number| Draft::new(format!("{number}")).group(format!("g{}", number % 3))).collect();
    let (_, most) = busiest("prompts.fifo", settings, drafts, 4).await;
    assert!((2..=3).contains(&most), "{most}");
}

//! What takes hours: the limits of visibility, of retention and of deduplication, with a clock that leaps.

use tokio::time::advance;

use super::*;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn with_one(name: &str) -> Queue {
    let mut queue = Queue::new(name, QueueSettings::default().content_based_deduplication());
    queue.send(Draft::new("x").group("g")).expect("a good message");
    queue
}

fn receive(queue: &mut Queue) -> Option<String> {
    let (received, _) = queue.receive(10, HOUR);
    received.first()?.flight.as_ref().map(|flight| flight.handle.clone())
}

#[tokio::test(start_paused = true)]
async fn a_message_is_hidden_for_twelve_hours_at_most_from_its_receive() {
    let mut queue = with_one("prompts");
    let handle = receive(&mut queue).expect("a message");
    queue.hide(&handle, 12 * HOUR).expect("twelve hours");
    advance(7 * HOUR).await;
    let refused = queue.hide(&handle, 6 * HOUR).expect_err("thirteen hours");
    assert_eq!(
        refused.entry("a")["Message"],
        "Value 21600 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is \
         beyond the limit [43200 seconds]"
    );
    queue.hide(&handle, 5 * HOUR).expect("twelve hours in all");
    advance(5 * HOUR).await;
    let handle = receive(&mut queue).expect("the message again");
    queue.hide(&handle, 12 * HOUR).expect("twelve hours more after another receive");
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_is_a_new_message_after_five_minutes() {
    let mut queue = with_one("prompts.fifo");
    advance(DEDUPLICATION - Duration::from_secs(1)).await;
    queue.send(Draft::new("x").group("g")).expect("a duplicate");
    assert_eq!(queue.stored().len(), 1);
    advance(Duration::from_secs(2)).await;
    queue.send(Draft::new("x").group("g")).expect("no duplicate any more");
    assert_eq!(queue.stored().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_kept_for_four_days_unless_the_settings_say_otherwise() {
    let mut queue = with_one("prompts");
    advance(95 * HOUR).await;
    assert_eq!(queue.stored().len(), 1);
    advance(HOUR).await;
    assert!(queue.stored().is_empty() && receive(&mut queue).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_handle_of_another_queue_is_no_handle() {
    let mut queue = with_one("prompts");
    let handle = receive(&mut queue).expect("a message");
    let mut other = with_one("results");
    assert_eq!(other.delete(&handle).expect_err("a refusal").entry("a")["Code"], "ReceiptHandleIsInvalid");
    assert_eq!(queue.delete(&handle), Ok(()));
}

//! How a batch comes together: one call after another, until it is full or its window closes.

use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use tokio::time::{Instant, sleep_until};

use super::{MAX_ENTRIES, Mapping};

/// The longest that SQS lets a receive wait.
pub(super) const LONG_POLL: Duration = Duration::from_secs(20);

/// The time between two receives at the end of a window, whose rest SQS, which waits for whole seconds, cannot wait for.
const SHORT_POLL: Duration = Duration::from_millis(50);

impl Mapping {
    /// Waits for messages and fills a batch with them; none if there were none for as long as SQS lets a receive wait.
    pub(super) async fn collect(&self) -> Result<Vec<Message>, ()> {
        let mut messages = self.receive(self.settings.batch_size, self.settings.wait).await?;
        let closes = Instant::now() + self.settings.window;
        while !messages.is_empty() && messages.len() < self.settings.batch_size && Instant::now() < closes {
            let rest = closes.duration_since(Instant::now());
            // What has been received must be handled, whatever has become of the queue since.
            let Ok(more) = self.receive(self.settings.batch_size - messages.len(), rest.min(self.settings.wait)).await
            else {
                break;
            };
            if more.is_empty() {
                sleep_until(closes.min(Instant::now() + SHORT_POLL)).await;
            }
            messages.extend(more);
        }
        Ok(messages)
    }

    async fn receive(&self, limit: usize, wait: Duration) -> Result<Vec<Message>, ()> {
        let call = self.client.receive_message().queue_url(&self.settings.queue_url);
        let call = call.message_system_attribute_names(MessageSystemAttributeName::All).message_attribute_names("All");
        let call = call.max_number_of_messages(i32::try_from(limit.min(MAX_ENTRIES)).unwrap_or(1));
        let answer = call.wait_time_seconds(i32::try_from(wait.as_secs()).unwrap_or(0)).send().await;
        answer.map(|answer| answer.messages.unwrap_or_default()).map_err(|_| ())
    }
}

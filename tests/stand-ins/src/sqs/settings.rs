//! How a queue is set up, and where it would be in AWS.

use std::time::Duration;

use serde_json::json;

/// The account that AWS's own examples use.
const ACCOUNT: &str = "123456789012";

/// The largest message that SQS takes, body and attributes together; also what all messages of a batch may have together.
pub const MAX_MESSAGE: usize = 1_048_576;

/// The settings of a queue; whatever is not said has the value that SQS gives it.
///
/// The times are those of SQS, which knows whole seconds only, but an impatient test may set less than one.
#[derive(Debug, Clone)]
pub struct QueueSettings {
    /// How long a message is hidden once it has been received.
    pub visibility: Duration,
    /// How long a message is hidden once it has been sent.
    pub delay: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// How long a receive waits that does not say how long.
    pub wait: Duration,
    /// The largest message, in bytes.
    pub max_message: usize,
    /// Whether a FIFO queue takes the digest of a body for the deduplication ID that was not sent.
    pub content_based_deduplication: bool,
    /// The queue that a message goes to which has been received this many times, once it would be received again.
    pub dead_letters: Option<(String, u32)>,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            visibility: Duration::from_secs(30),
            delay: Duration::ZERO,
            retention: Duration::from_secs(4 * 24 * 60 * 60),
            wait: Duration::ZERO,
            max_message: MAX_MESSAGE,
            content_based_deduplication: false,
            dead_letters: None,
        }
    }
}

impl QueueSettings {
    /// The same settings with another visibility time-out.
    #[must_use]
    pub fn visibility(mut self, visibility: Duration) -> Self {
        self.visibility = visibility;
        self
    }

    /// The same settings with a dead-letter queue.
    #[must_use]
    pub fn dead_letters(mut self, name: impl Into<String>, max_receives: u32) -> Self {
        self.dead_letters = Some((name.into(), max_receives));
        self
    }

    /// The same settings for a FIFO queue whose senders need no deduplication ID.
    #[must_use]
    pub fn content_based_deduplication(mut self) -> Self {
        self.content_based_deduplication = true;
        self
    }

    /// The dead-letter queue and its number of receives, in the form in which SQS takes and gives them.
    pub(super) fn redrive_policy(&self) -> Option<String> {
        let (name, max_receives) = self.dead_letters.as_ref()?;
        Some(json!({ "deadLetterTargetArn": arn(name), "maxReceiveCount": max_receives }).to_string())
    }
}

/// The URL of a queue.
pub(super) fn url(name: &str) -> String {
    format!("https://{}/{ACCOUNT}/{name}", super::door::SQS.host)
}

/// The name of the queue that a URL means; nothing if it is not in Tokyo, or not in this account.
pub(super) fn name_in(url: &str) -> Option<&str> {
    let path = url.strip_prefix("https://")?.strip_prefix(super::door::SQS.host)?;
    path.strip_prefix('/')?.strip_prefix(ACCOUNT)?.strip_prefix('/')
}

/// The ARN of a queue.
pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:ap-northeast-1:{ACCOUNT}:{name}")
}

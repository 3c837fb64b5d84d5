//! The operations of Amazon SQS that the stand-in offers.

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// One message into a queue.
    SendMessage,
    /// Up to ten messages into a queue.
    SendMessageBatch,
    /// Up to ten messages out of a queue, hidden from others for a while.
    ReceiveMessage,
    /// The end of a message.
    DeleteMessage,
    /// The end of up to ten messages.
    DeleteMessageBatch,
    /// Another time for which a message is hidden.
    ChangeMessageVisibility,
    /// Another time for which up to ten messages are hidden.
    ChangeMessageVisibilityBatch,
    /// What a queue is like, and about how full.
    GetQueueAttributes,
    /// The URL of a queue whose name is known.
    GetQueueUrl,
}

impl Operation {
    const ALL: [Self; 9] = [
        Self::SendMessage,
        Self::SendMessageBatch,
        Self::ReceiveMessage,
        Self::DeleteMessage,
        Self::DeleteMessageBatch,
        Self::ChangeMessageVisibility,
        Self::ChangeMessageVisibilityBatch,
        Self::GetQueueAttributes,
        Self::GetQueueUrl,
    ];

    /// The operation that an `X-Amz-Target` means.
    pub(super) fn at(target: &str) -> Option<Self> {
        let name = target.strip_prefix("AmazonSQS.")?;
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// The name that it has in the protocol.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SendMessage => "SendMessage",
            Self::SendMessageBatch => "SendMessageBatch",
            Self::ReceiveMessage => "ReceiveMessage",
            Self::DeleteMessage => "DeleteMessage",
            Self::DeleteMessageBatch => "DeleteMessageBatch",
            Self::ChangeMessageVisibility => "ChangeMessageVisibility",
            Self::ChangeMessageVisibilityBatch => "ChangeMessageVisibilityBatch",
            Self::GetQueueAttributes => "GetQueueAttributes",
            Self::GetQueueUrl => "GetQueueUrl",
        }
    }

    /// The action that IAM knows it by: a batch needs the permission of its single sister. SQS spells it in lower case.
    pub(super) fn action(self) -> String {
        format!("sqs:{}", self.name().trim_end_matches("Batch").to_lowercase())
    }
}

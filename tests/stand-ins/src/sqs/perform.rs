//! The operations on one queue, each from the members of its call to those of its answer.

use serde_json::{Value, json};

use super::attribute::md5_of;
use super::batch::each;
use super::draft::Draft;
use super::input::Input;
use super::operation::Operation;
use super::queue::Queue;
use super::queues::{Queues, seconds};
use super::receive::Wanted;
use super::refusal::Refusal;
use super::{describe, settings};

/// Does what an admitted call asks of an existing queue, within the trace of its HTTP header.
pub(super) async fn perform(
    queues: &Queues,
    name: &str,
    operation: Operation,
    input: &Input<'_>,
    trace: Option<&str>,
) -> Result<Value, Refusal> {
    match operation {
        Operation::SendMessage => queues.with(name, |queue| send(queue, input, trace))?,
        Operation::SendMessageBatch => queues.with(name, |queue| send_batch(queue, input, trace))?,
        Operation::DeleteMessage => queues.with(name, |queue| delete(queue, input))?,
        Operation::DeleteMessageBatch => {
            queues.with(name, |queue| each(input, "DeleteMessage", |entry| delete(queue, entry)))?
        }
        Operation::ChangeMessageVisibility => queues.with(name, |queue| hide(queue, input))?,
        Operation::ChangeMessageVisibilityBatch => {
            queues.with(name, |queue| each(input, "ChangeMessageVisibility", |entry| hide(queue, entry)))?
        }
        Operation::GetQueueAttributes => queues.with(name, |queue| describe::attributes(queue, input))?,
        Operation::GetQueueUrl => Ok(json!({ "QueueUrl": settings::url(name) })),
        Operation::ReceiveMessage => {
            let messages = queues.receive(name, &Wanted::read(input)?).await?;
            Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) })
        }
    }
}

fn send(queue: &mut Queue, input: &Input<'_>, trace: Option<&str>) -> Result<Value, Refusal> {
    let draft = Draft::read(input, trace)?;
    let body = md5_of(&draft.body);
    let (attributes, system) = (draft.md5_of_attributes(), draft.md5_of_system_attributes());
    let accepted = queue.send(draft)?;
    let mut answer = json!({ "MessageId": accepted.id, "MD5OfMessageBody": body });
    for (name, value) in [
        ("MD5OfMessageAttributes", attributes),
        ("MD5OfMessageSystemAttributes", system),
        ("SequenceNumber", accepted.sequence),
    ] {
        if let Some(value) = value {
            answer[name] = json!(value);
        }
    }
    Ok(answer)
}

/// A batch is refused as a whole if it is too long, or if a message lacks what a FIFO queue needs.
fn send_batch(queue: &mut Queue, input: &Input<'_>, trace: Option<&str>) -> Result<Value, Refusal> {
    let mut size = 0;
    for entry in input.list("Entries")? {
        let draft = Draft::read(&Input::of(entry)?, trace)?;
        size += draft.size();
        if queue.is_fifo() && draft.group.is_none() {
            return Err(Refusal::invalid("The request must contain the parameter MessageGroupId."));
        }
        if queue.is_fifo() && draft.deduplication.is_none() && !queue.settings.content_based_deduplication {
            return Err(Refusal::invalid(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
    }
    if size > settings::MAX_MESSAGE {
        let most = settings::MAX_MESSAGE;
        let message = format!("Batch requests cannot be longer than {most} bytes. You have sent {size} bytes.");
        return Err(Refusal::batch("BatchRequestTooLong", message));
    }
    each(input, "SendMessage", |entry| send(queue, entry, trace))
}

fn delete(queue: &mut Queue, input: &Input<'_>) -> Result<Value, Refusal> {
    queue.delete(input.required("ReceiptHandle")?)?;
    Ok(json!({}))
}

fn hide(queue: &mut Queue, input: &Input<'_>) -> Result<Value, Refusal> {
    let handle = input.required("ReceiptHandle")?;
    let visibility = input.within("VisibilityTimeout", 0, 43_200, "Must be >= 0 and <= 43200, if provided.")?;
    queue.hide(handle, seconds(visibility.ok_or_else(|| Refusal::missing("VisibilityTimeout"))?))?;
    Ok(json!({}))
}

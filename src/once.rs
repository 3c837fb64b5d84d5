//! Once: a record in DynamoDB of each prompt that is asked or was answered, so that none is paid for twice.
//!
//! A prompt is *begun* with a record that nobody else may write while its lease lasts, as long as the invocation can. It is then
//! *kept* with its answer, or *forgotten* after an error. After a crash the lease runs out, and the prompt may be begun again.

mod key;
mod record;

pub use key::{Fingerprint, Key};
pub use record::Kept;

use crate::error::{Error, Kind};
use crate::refusal::Refusal;
use crate::residency::{Passage, Table};
use crate::wiring::Wiring;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use record::{
    ANSWER, ANSWERED, ASKED, DELIVERED, EXPIRES_AT, HOLDER, ID, Item, LEASE_UNTIL, MEDIA_TYPE, PROGRESS, Record,
};
use std::future::Future;
use std::time::{Duration, SystemTime};
use tokio::time::timeout;

/// What one look into the table may take, retries included. DynamoDB answers within milliseconds, or is in trouble.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// What a kept answer is, if it is not the events of a stream.
pub const JSON: &str = "application/json";
/// What is kept of a prompt that was buried.
pub const FAILED_RESULT: &str = "application/vnd.kokunai.failed-result+json";

/// How long to wait when the table is in trouble.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The memory of what was answered.
#[derive(Debug)]
pub struct Once {
    client: Client,
    table: Table,
    ttl: Duration,
}

/// What a prompt finds when it is begun.
#[derive(Debug)]
pub enum Begun {
    /// Nobody has asked it, or nobody has lived to answer it: it is ours until the lease ends.
    Fresh(Claim),
    /// Somebody is asking it, for so long at most.
    InProgress(Duration),
    /// It was answered.
    Answered(Kept),
    /// The key was used for another prompt.
    OtherPrompt,
}

/// The right to answer a prompt, and the duty to keep or forget it.
#[derive(Clone, Debug)]
pub struct Claim {
    key: Key,
    fingerprint: Fingerprint,
    holder: String,
}

impl Once {
    /// A memory in `table`, in which answers stay for `ttl`.
    #[must_use]
    pub fn new(wiring: &Wiring, table: Table, ttl: Duration) -> Self {
        Self { client: Client::new(&wiring.config(Passage::DynamoDb)), table, ttl }
    }

    /// Begins a prompt for `holder`, whose time ends at `lease_until`.
    ///
    /// # Errors
    /// [`Kind::MemoryUnavailable`]: then nothing is known, and nothing may be asked.
    pub async fn begin(
        &self,
        key: Key,
        fingerprint: Fingerprint,
        holder: &str,
        lease_until: SystemTime,
    ) -> Result<Begun, Error> {
        let now = SystemTime::now();
        let item = record::asked(key.as_str(), holder, fingerprint.as_str(), lease_until, lease_until + self.ttl);
        let putting = self
            .client
            .put_item()
            .table_name(self.table.as_str())
            .set_item(Some(item))
            .condition_expression(
                "attribute_not_exists(#id) OR (#progress = :asked AND #lease < :now_ms) OR #expires < :now",
            )
            .expression_attribute_names("#id", ID)
            .expression_attribute_names("#progress", PROGRESS)
            .expression_attribute_names("#lease", LEASE_UNTIL)
            .expression_attribute_names("#expires", EXPIRES_AT)
            .expression_attribute_values(":asked", record::text(ASKED))
            .expression_attribute_values(":now_ms", record::milliseconds(now))
            .expression_attribute_values(":now", record::seconds(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        let claim = Claim { key, fingerprint, holder: holder.to_owned() };
        let error = match timeout(PATIENCE, putting).await {
            Ok(Ok(_)) => return Ok(Begun::Fresh(claim)),
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        let refusal = refused(error.as_ref());
        if let Some(PutItemError::ConditionalCheckFailedException(found)) = error.map(SdkError::into_service_error) {
            return found_out(found.item, claim).ok_or_else(|| unavailable(refusal));
        }
        // It may have been written all the same, and nobody would end that claim before its lease does.
        let _ = self.forget(&claim).await;
        Err(unavailable(refusal))
    }

    /// Keeps an answer. If the lease ran out and somebody else has begun the prompt since, theirs stays.
    ///
    /// # Errors
    /// [`Kind::MemoryUnavailable`].
    pub async fn keep(&self, claim: &Claim, kept: &Kept) -> Result<(), Error> {
        let expires_at = SystemTime::now() + self.ttl;
        let item = record::answered(claim.key.as_str(), claim.fingerprint.as_str(), kept, expires_at);
        let putting = self
            .client
            .put_item()
            .table_name(self.table.as_str())
            .set_item(Some(item))
            .condition_expression("#holder = :holder")
            .expression_attribute_names("#holder", HOLDER)
            .expression_attribute_values(":holder", record::text(&claim.holder))
            .send();
        done(putting, PutItemError::is_conditional_check_failed_exception).await
    }

    /// Forgets a prompt that failed, so that it can be asked again.
    ///
    /// # Errors
    /// [`Kind::MemoryUnavailable`]; then the lease has to run out.
    pub async fn forget(&self, claim: &Claim) -> Result<(), Error> {
        let deleting = self
            .client
            .delete_item()
            .table_name(self.table.as_str())
            .key(ID, record::text(claim.key.as_str()))
            .condition_expression("#holder = :holder")
            .expression_attribute_names("#holder", HOLDER)
            .expression_attribute_values(":holder", record::text(&claim.holder))
            .send();
        done(deleting, |error| error.is_conditional_check_failed_exception()).await
    }

    /// Notes that the answer to a prompt has been delivered: whatever became of its record, it is not asked again.
    ///
    /// # Errors
    /// [`Kind::MemoryUnavailable`]; then it may be delivered again.
    pub async fn delivered(&self, key: &Key) -> Result<(), Error> {
        let updating = self
            .client
            .update_item()
            .table_name(self.table.as_str())
            .key(ID, record::text(key.as_str()))
            .update_expression("SET #delivered = :true, #progress = :answered, #media = if_not_exists(#media, :json)")
            .condition_expression("attribute_exists(#id)")
            .expression_attribute_names("#delivered", DELIVERED)
            .expression_attribute_names("#progress", PROGRESS)
            .expression_attribute_names("#media", MEDIA_TYPE)
            .expression_attribute_names("#id", ID)
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":answered", record::text(ANSWERED))
            .expression_attribute_values(":json", record::text(JSON))
            .send();
        done(updating, |error| error.is_conditional_check_failed_exception()).await
    }

    /// Notes that a prompt has ended as a dead letter, with the failed result that its reader has yet to get.
    ///
    /// # Errors
    /// [`Kind::MemoryUnavailable`]; then it may be buried again.
    pub async fn buried(&self, key: &Key, failed_result: &str) -> Result<(), Error> {
        let updating = self
            .client
            .update_item()
            .table_name(self.table.as_str())
            .key(ID, record::text(key.as_str()))
            .update_expression(
                "SET #delivered = :false, #progress = :answered, #media = :failed, #answer = :result REMOVE #holder",
            )
            .condition_expression("attribute_exists(#id)")
            .expression_attribute_names("#delivered", DELIVERED)
            .expression_attribute_names("#progress", PROGRESS)
            .expression_attribute_names("#media", MEDIA_TYPE)
            .expression_attribute_names("#answer", ANSWER)
            .expression_attribute_names("#holder", HOLDER)
            .expression_attribute_names("#id", ID)
            .expression_attribute_values(":false", AttributeValue::Bool(false))
            .expression_attribute_values(":answered", record::text(ANSWERED))
            .expression_attribute_values(":failed", record::text(FAILED_RESULT))
            .expression_attribute_values(":result", record::text(failed_result))
            .send();
        done(updating, |error| error.is_conditional_check_failed_exception()).await
    }
}

/// What the record says that stood in the way of a claim.
fn found_out(item: Option<Item>, claim: Claim) -> Option<Begun> {
    Some(match record::read(&item?)? {
        Record::Asked { fingerprint, .. } | Record::Answered { fingerprint, .. }
            if fingerprint != claim.fingerprint.as_str() =>
        {
            Begun::OtherPrompt
        }
        // Our own: the first attempt of this write arrived, but its answer was lost.
        Record::Asked { holder, .. } if holder == claim.holder => Begun::Fresh(claim),
        Record::Asked { lease_until, .. } => {
            Begun::InProgress(lease_until.duration_since(SystemTime::now()).unwrap_or_default())
        }
        Record::Answered { kept, .. } => Begun::Answered(kept),
    })
}

/// Waits for a write; one whose condition does not hold has been overtaken, and is no failure.
async fn done<T, E: ProvideErrorMetadata, R>(
    writing: impl Future<Output = Result<T, SdkError<E, R>>>,
    overtaken: impl Fn(&E) -> bool,
) -> Result<(), Error> {
    match timeout(PATIENCE, writing).await.map_err(|_| unavailable(refused::<E, R>(None)))? {
        Ok(_) => Ok(()),
        Err(error) if error.as_service_error().is_some_and(overtaken) => Ok(()),
        Err(error) => Err(unavailable(refused(Some(&error)))),
    }
}

fn refused<E: ProvideErrorMetadata, R>(error: Option<&SdkError<E, R>>) -> Refusal {
    Refusal::new("table", error)
}

fn unavailable(refusal: Refusal) -> Error {
    let sentence = "it cannot be found out just now whether this prompt was answered before; try again shortly";
    Error::new(Kind::MemoryUnavailable, sentence).with_retry_after(RETRY_AFTER).with_refusal(refusal)
}

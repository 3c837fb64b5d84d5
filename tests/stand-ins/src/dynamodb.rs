//! A stand-in for Amazon DynamoDB in Tokyo: tables in memory, and refusals in DynamoDB's own words.
//!
//! It listens on plain HTTP, but believes in the `Host` header: a request reaches it through [`crate::transport`], signed for
//! the real endpoint. Writes are atomic, one after another. A read that does not ask for consistency sees the item as it was
//! before its last write, because DynamoDB may answer so. Items never expire by themselves: DynamoDB deletes them days late,
//! so a reader must look at the time in them anyway.
//!
//! It knows tables with a string for a partition key and no sort key, and refuses by name what it would do only in part.

mod attribute;
mod door;
mod expression;
mod fault;
mod item;
mod number;
mod operation;
mod refusal;
mod request;
mod state;
mod table;
mod work;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use serde_json::Value;

use self::fault::Planned;
use self::state::State;
use crate::server::{Server, lock};

pub use self::fault::Fault;
pub use self::operation::Operation;

/// The content type of every request and every answer.
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");

/// A running stand-in; dropping it closes its port.
#[derive(Debug)]
pub struct DynamoDb {
    server: Server,
    state: Arc<State>,
}

/// A request that arrived, whether it was answered, refused or left hanging.
#[derive(Debug, Clone)]
pub struct Call {
    /// The `Host` header, which says where the request would have gone without the stand-in; empty if there was none.
    pub host: String,
    /// What it asked for; `None` if there is no such operation.
    pub operation: Option<Operation>,
    /// The headers in the order of their arrival, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
    /// The body as JSON, for questions about `TableName` or `ConsistentRead`; null if it is none.
    pub request: Value,
    /// The status that it was given; `None` while it waits, and for ever if the connection was dropped instead.
    pub status: Option<u16>,
    /// The request ID that the answer carries.
    pub request_id: String,
    /// Why this call was not bound to Japan, if it was not.
    stray: Option<String>,
}

impl DynamoDb {
    /// Starts a stand-in without tables on a free loopback port, on the caller's tokio runtime.
    ///
    /// # Errors
    ///
    /// Only when the machine has no port to give.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| {
            let state = Arc::clone(&shared);
            async move { state.handle(request).await }
        })
        .await?;
        Ok(Self { server, state })
    }

    /// Where it listens, over plain HTTP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Creates an empty table, active at once, whose partition key is a string of this name. One that has the name is
    /// replaced.
    pub fn create(&self, table: &str, partition_key: &str) {
        lock(&self.state.tables).create(table, partition_key);
    }

    /// The items of a table in the order of their keys, in DynamoDB's JSON (`item["status"]["S"]`); none if there is no such
    /// table.
    #[must_use]
    pub fn items(&self, table: &str) -> Vec<Value> {
        let mut tables = lock(&self.state.tables);
        tables.table(table).map(|table| table.items().map(item::to_json).collect()).unwrap_or_default()
    }

    /// Has the next so many sound calls of an operation fail. Faults that were asked for before come first.
    pub fn fail(&self, operation: Operation, fault: Fault, times: usize) {
        lock(&self.state.faults).push(Planned { operation, fault, times });
    }

    /// Everything that arrived so far, answered or refused, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state.calls).clone()
    }

    /// Whether every call so far was bound to Japan, so that one assertion covers a whole test.
    ///
    /// # Errors
    ///
    /// A sentence about the first call whose host, credential scope or table was not Tokyo's.
    pub fn everything_was_pinned(&self) -> Result<(), String> {
        let stray = lock(&self.state.calls).iter().find_map(|call| call.stray.clone());
        stray.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests;

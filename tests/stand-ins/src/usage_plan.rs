//! A stand-in for API Gateway's control plane in Tokyo: it lists the keys of one usage plan, in pages, to callers who sign for it.
//!
//! It listens on plain HTTP, but believes in the `Host` header: a request reaches it through [`crate::transport`], signed for
//! the real endpoint. It knows the one question that an authoriser asks, and refuses every other.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::aws::Service;
use crate::aws::answer::{self, Refusal};
use crate::server::{Body, Hangup, Server, lock};

/// The endpoint, as its callers sign for it.
const API_GATEWAY: Service = Service { name: "apigateway", host: "apigateway.ap-northeast-1.amazonaws.com" };

/// The usage plan that is known here.
pub const PLAN: &str = "a1b2c3";

/// A key of the plan, and its ID. It says what it is, so that finding it in a log is a plain test.
pub const KEY: &str = "stand-in-api-key-canary-000000";

/// The ID of [`KEY`].
pub const KEY_ID: &str = "k1x2y3z4a5";

/// The most keys that AWS puts on a page.
const LARGEST_PAGE: usize = 500;

/// What goes wrong with an asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller's role may not ask.
    Denied,
    /// Too many have asked.
    Throttled,
    /// The keys come without their values.
    NoValues,
    /// Every page but the first fails.
    LaterPage,
    /// There is no answer.
    Stall,
}

/// A running stand-in; dropping it closes its port.
#[derive(Debug)]
pub struct UsagePlan {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    keys: Vec<(String, String)>,
    fault: Option<Fault>,
    calls: Vec<Call>,
}

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The `Host` header.
    pub host: String,
    /// The path and the query, as they came.
    pub path: String,
    /// Whether it asked for what can be asked, in the right way.
    pub is_sound: bool,
}

impl UsagePlan {
    /// Starts a stand-in whose plan has one key, on a free loopback port, on the caller's tokio runtime.
    ///
    /// # Errors
    ///
    /// Only when the machine has no port to give.
    pub async fn start() -> io::Result<Self> {
        let keys = vec![(KEY_ID.to_owned(), KEY.to_owned())];
        let state = Arc::new(Mutex::new(State { keys, fault: None, calls: Vec::new() }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| handle(request, Arc::clone(&shared))).await?;
        Ok(Self { server, state })
    }

    /// Where it listens, over plain HTTP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Gives the plan other keys: pairs of ID and value.
    pub fn holds(&self, keys: Vec<(String, String)>) {
        lock(&self.state).keys = keys;
    }

    /// Has every asking fail from now on, or none.
    pub fn fail(&self, fault: Option<Fault>) {
        lock(&self.state).fault = fault;
    }

    /// Everything that arrived so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state).calls.clone()
    }
}

/// One page of the list: how many keys, from which one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    from: usize,
    limit: usize,
}

async fn handle(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Body>, Hangup> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
    let page = page(&parts, &body);
    let fault = {
        let mut state = lock(&state);
        state.calls.push(Call {
            host: crate::aws::header(&parts.headers, "host").unwrap_or_default().to_owned(),
            path: parts.uri.to_string(),
            is_sound: page.is_ok(),
        });
        state.fault
    };
    Ok(match (page, fault) {
        (Err(refusal), _) => answer::refused(refusal),
        (Ok(_), Some(Fault::Stall)) => std::future::pending().await,
        (Ok(page), fault) => match fault.and_then(|fault| refusal(fault, page)) {
            Some(refusal) => answer::refused(refusal),
            None => answer::told(&list(&lock(&state).keys, page, fault == Some(Fault::NoValues))),
        },
    })
}

/// With what a page is refused, if a test asked for that.
fn refusal(fault: Fault, page: Page) -> Option<Refusal> {
    let (status, error) = match fault {
        Fault::Denied => (StatusCode::FORBIDDEN, "AccessDeniedException"),
        Fault::Throttled => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
        Fault::LaterPage if page.from > 0 => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerErrorException"),
        Fault::LaterPage | Fault::NoValues | Fault::Stall => return None,
    };
    Some(answer::asked_for(status, error))
}

/// Which page a request asks for, if it is addressed and signed as API Gateway wants it.
fn page(parts: &Parts, body: &[u8]) -> Result<Page, Refusal> {
    let forbidden = |error, message| (StatusCode::FORBIDDEN, error, message);
    API_GATEWAY.is_host_of(&parts.headers).map_err(|problem| forbidden("UnrecognizedClientException", problem))?;
    API_GATEWAY.verify(parts, body).map_err(|untrusted| forbidden(untrusted.error_type, untrusted.message))?;
    let path = parts.uri.path();
    if parts.method != Method::GET || !body.is_empty() || path != format!("/usageplans/{PLAN}/keys") {
        let denied = format!("User is not authorized to perform: apigateway:{} on {path}", parts.method);
        return Err(forbidden("AccessDeniedException", denied));
    }
    let query = parts.uri.query().unwrap_or_default();
    pages(query).ok_or_else(|| (StatusCode::BAD_REQUEST, "BadRequestException", format!("Invalid query: {query}")))
}

/// Reads `limit` and `position`; without a limit a page has 25 keys.
fn pages(query: &str) -> Option<Page> {
    let mut page = Page { from: 0, limit: 25 };
    for (name, value) in
        query.split('&').filter(|part| !part.is_empty()).map(|part| part.split_once('=')).collect::<Option<Vec<_>>>()?
    {
        match name {
            "limit" => page.limit = value.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit))?,
            "position" => page.from = value.strip_prefix("from-")?.parse().ok()?,
            _ => return None,
        }
    }
    Some(page)
}

fn list(keys: &[(String, String)], page: Page, hides_values: bool) -> Value {
    let item = |(id, value): &(String, String)| {
        let value = (!hides_values).then_some(value);
        json!({ "id": id, "type": "API_KEY", "value": value, "name": "a client" })
    };
    let shown = keys.iter().skip(page.from).take(page.limit);
    let mut list = json!({ "item": shown.map(item).collect::<Vec<_>>() });
    let next = page.from + page.limit;
    if next < keys.len() {
        list["position"] = json!(format!("from-{next}"));
    }
    list
}

#[cfg(test)]
mod tests;

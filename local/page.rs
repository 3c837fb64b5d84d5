//! The page that `cargo local` shows in a browser: its files, and the few questions that it asks beside the function's own routes.
//!
//! It posts prompts to the function as any application does. What it learns here is the rest: the log lines, as they come,
//! and what the stand-in for Bedrock recorded of a prompt.

mod files;
mod lines;
mod record;
mod visitor;

use crate::integration::Body;
use crate::sandbox::Sandbox;
use files::File;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
pub(crate) use lines::Lines;
use std::convert::Infallible;

/// The paths that are the page's own; the function has none of them.
const ROOM: &str = "/local/";

/// On every answer: nothing from elsewhere is loaded or asked, no text becomes a script, and no other page may hold this one.
const FENCES: [(HeaderName, &str); 6] = [
    (
        http::header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    (http::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (http::header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // A page of yesterday's server would ask today's in words that it no longer knows.
    (CACHE_CONTROL, "no-store"),
];

/// Answers a request that is the page's, or that no page may make; the function answers every other one.
pub(crate) fn answer<B>(request: &Request<B>, lines: &Lines, sandbox: &Sandbox) -> Option<Response<Body>> {
    let (path, headers) = (request.uri().path(), request.headers());
    if visitor::is_from_elsewhere(headers) {
        return Some(message(StatusCode::FORBIDDEN, "a page of another site may not use this server"));
    }
    let room = path.strip_prefix(ROOM);
    if room.is_none() && !(path == "/" && request.method() == Method::GET && wants_a_page(headers)) {
        return None;
    }
    if !visitor::names_this_machine(headers) {
        return Some(message(StatusCode::FORBIDDEN, "the page answers to localhost, 127.0.0.1 and [::1] only"));
    }
    if request.method() != Method::GET {
        let mut refusal = message(StatusCode::METHOD_NOT_ALLOWED, "this path answers GET only");
        refusal.headers_mut().insert(ALLOW, http::HeaderValue::from_static("GET"));
        return Some(refusal);
    }
    Some(match room {
        None => file(&files::PAGE),
        Some(name) => question(name, headers, lines, sandbox)
            .or_else(|| files::named(name).map(file))
            .unwrap_or_else(|| message(StatusCode::NOT_FOUND, "the page has nothing at this path")),
    })
}

/// Answers what the page asks of the prompts; nothing if this is none of its questions.
fn question(name: &str, headers: &HeaderMap, lines: &Lines, sandbox: &Sandbox) -> Option<Response<Body>> {
    let (subject, request_id) = name.split_once('/').map_or((name, None), |(subject, id)| (subject, Some(id)));
    if !["prompts", "arrivals"].contains(&subject) {
        return None;
    }
    if !visitor::is_the_page_itself(headers) {
        return Some(message(StatusCode::FORBIDDEN, "only the page itself may ask this"));
    }
    match (subject, request_id) {
        ("arrivals", None) => Some(respond(StatusCode::OK, "text/event-stream", lines.arrivals())),
        ("prompts", None) => Some(json(&record::list(lines, sandbox))),
        ("prompts", Some(request_id)) => Some(match record::of(request_id, lines, sandbox) {
            Some(record) => json(&record),
            None => message(StatusCode::NOT_FOUND, "no prompt of the last ones has this request ID"),
        }),
        _ => None,
    }
}

/// Whether a browser asks for something to show: the SDKs and curl take anything.
fn wants_a_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn file(file: &File) -> Response<Body> {
    respond(StatusCode::OK, file.content_type, whole(file.text.to_owned()))
}

fn json(document: &impl serde::Serialize) -> Response<Body> {
    match serde_json::to_string(document) {
        Ok(text) => respond(StatusCode::OK, "application/json", whole(text)),
        Err(error) => message(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// A refusal, in the shape of API Gateway's own.
fn message(status: StatusCode, message: &str) -> Response<Body> {
    respond(status, "application/json", whole(serde_json::json!({ "message": message }).to_string()))
}

fn whole(text: String) -> Body {
    Full::new(text.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

fn respond(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = FENCES.into_iter().chain([(CONTENT_TYPE, content_type)]);
    response.headers_mut().extend(headers.map(|(name, value)| (name, http::HeaderValue::from_static(value))));
    response
}

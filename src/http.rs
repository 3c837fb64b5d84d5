//! The HTTP doors: routing, what is answered on each route, and the shape in which it leaves.

mod anthropic;
mod dialect;
mod failure;
mod once;
mod openai;
mod request;
mod response;
mod route;
mod script;
mod stream;

pub use request::Request;
pub use response::{Body, Buffered};

use crate::budget::Budget;
use crate::chat;
use crate::error::{Error, Kind};
use crate::function::{Function, Invocation, Response, caught};
use crate::once::Claim;
use crate::prompt::{Prompt, Purpose};
use crate::residency;
use crate::settings::ResponseMode;
use crate::telemetry::{Asker, Source};
use dialect::Dialect;
use once::Begun;
use response::Answer;
use route::Route;
use script::Script;
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// API Gateway waits 29 s for a buffered answer; the caller hears our 504 before that.
const BUFFERED_LIMIT: Duration = Duration::from_secs(28);

/// On a streaming integration a Regional endpoint hangs up after 5 min without a byte, and a whole answer sends
/// none until it is there.
const WHOLE_LIMIT: Duration = Duration::from_secs(290);

/// API Gateway ends any stream after 15 min, and Lambda any function.
const STREAM_LIMIT: Duration = Duration::from_secs(890);

/// Answers one request. Over HTTP an error is an answer too.
pub async fn serve(function: &Arc<Function>, invocation: &Invocation, request: &Request) -> Response {
    let mode = function.settings().response_mode;
    let asker = Asker { caller: request.caller().map(str::to_owned), ..invocation.asker(Source::Http) };
    let answer = match Route::find(request.method(), &request.paths()) {
        Ok(route) => {
            let door = Door {
                function,
                invocation,
                request,
                dialect: Dialect::of(route, request),
                asker: Asker { route: Some(route.path()), ..asker },
            };
            answer(&door, route).await.unwrap_or_else(|error| door.failed(&error))
        }
        Err(error) => {
            Dialect::without_a_route(request).failed(&function.refuse(&asker, error), invocation.request_id())
        }
    };
    // Anthropic's SDKs read the first, OpenAI's the second.
    let answer = answer.with_header("request-id", invocation.request_id());
    let answer = answer.with_header("x-request-id", invocation.request_id()).without_body_if(request.is_head());
    answer.into_response(mode).await
}

/// One request at the door.
struct Door<'a> {
    function: &'a Arc<Function>,
    invocation: &'a Invocation,
    request: &'a Request,
    asker: Asker,
    dialect: Dialect,
}

async fn answer(door: &Door<'_>, route: Route) -> Result<Answer, Error> {
    match route {
        Route::Root => Ok(Answer::json(String::new())),
        Route::Health => Ok(Answer::json(health())),
        Route::Models if door.request.speaks_anthropic() => Ok(Answer::json(anthropic::models().to_string())),
        Route::Models => Ok(Answer::json(openai::models().to_string())),
        Route::Model => model(door.request).map_err(|error| door.function.refuse(&door.asker, error)),
        Route::Messages | Route::Prompt | Route::ChatCompletions => prompt(door).await,
        Route::CountTokens => count(door).await,
    }
}

/// Answers a prompt, whole or as a stream.
async fn prompt(door: &Door<'_>) -> Result<Answer, Error> {
    let Door { function, request, asker, .. } = door;
    let event = request.json();
    let Asked { prompt, include_usage } = asked(door, &event)?;
    let dropped = prompt.dropped().clone();
    let limit = if prompt.streams() { STREAM_LIMIT } else { WHOLE_LIMIT };
    let longest = longest(function.settings().response_mode, limit, request.timeout());
    let longest = longest.min(function.settings().time_budget);
    let script = door.script(include_usage);
    let answer = match once::begin(door, event.as_deref().unwrap_or_default(), longest).await {
        Ok(Begun::Replay(kept)) => once::replay(door, kept, script),
        Ok(Begun::Ask(claim)) if prompt.streams() => stream(door, prompt, claim, script).await,
        Ok(Begun::Ask(claim)) => {
            let answered = function.answer(asker, prompt, door.budget(WHOLE_LIMIT, claim.as_ref())).await;
            once::end(door, claim, answered.and_then(|answered| door.dialect.whole(answered))).await
        }
        Err(error) => Err(function.refuse(asker, error)),
    };
    let answer = answer.unwrap_or_else(|error| door.failed(&error));
    Ok(once::say(door, answer.with_dropped(&dropped)))
}

/// A prompt, and how a stream of its answer ends.
struct Asked {
    prompt: Prompt,
    include_usage: bool,
}

/// Reads the prompt in the dialect of its route; one that is refused gets its line here.
fn asked(door: &Door<'_>, event: &Result<Cow<'_, [u8]>, Error>) -> Result<Asked, Error> {
    let Door { function, request, asker, dialect, .. } = door;
    let event = event.as_deref().map_err(Error::clone);
    if *dialect != Dialect::Chat {
        let prompt = function.read(asker, event, Purpose::Answer, &request.betas())?;
        return Ok(Asked { prompt, include_usage: false });
    }
    let translated = caught(|| event.and_then(|event| chat::translate(event, function.settings().chat_terms())));
    let translated = translated.map_err(|error| function.refuse(asker, error))?;
    let prompt = function.read_translated(asker, &translated.body)?;
    Ok(Asked { prompt: prompt.without(translated.dropped), include_usage: translated.include_usage })
}

async fn stream(door: &Door<'_>, prompt: Prompt, claim: Option<Claim>, script: Script) -> Result<Answer, Error> {
    let Door { function, request, asker, .. } = door;
    let quiet = match function.settings().response_mode {
        // Nobody reads anything until everything is there.
        ResponseMode::Buffered => None,
        ResponseMode::Stream => Some(stream::quiet(request.timeout())),
    };
    let budget = door.budget(STREAM_LIMIT, claim.as_ref());
    let relay = function.stream(asker.clone(), prompt, claim, budget);
    stream::answer(relay, quiet, script).await
}

/// Counts the tokens of a prompt, where the operator has turned that on.
async fn count(door: &Door<'_>) -> Result<Answer, Error> {
    let Door { function, request, asker, .. } = door;
    if !function.settings().count_tokens {
        let message = "counting tokens is off here: it asks the model past the JP inference profile; \
                       COUNT_TOKENS=on turns it on";
        return Err(function.refuse(asker, Error::new(Kind::NotFound, message)));
    }
    let prompt = function.read(asker, request.json(), Purpose::Count, &request.betas())?;
    let dropped = prompt.dropped().clone();
    let answer = match function.count(asker, prompt, door.budget(WHOLE_LIMIT, None)).await {
        Ok((tokens, bedrock_request_id)) => Answer::json(json!({ "input_tokens": tokens }).to_string())
            .with_bedrock_request_id(bedrock_request_id.as_deref()),
        Err(error) => door.failed(&error),
    };
    Ok(answer.with_dropped(&dropped))
}

impl Door<'_> {
    /// The time for an answer: `limit` at most on a streaming integration, less what its record takes if it has one.
    fn budget(&self, limit: Duration, claim: Option<&Claim>) -> Budget {
        let limit = longest(self.function.settings().response_mode, limit, self.request.timeout());
        let limit = if claim.is_some() { limit.saturating_sub(crate::once::PATIENCE) } else { limit };
        self.invocation.budget().of_waiting_caller(Some(limit))
    }
}

/// How long an answer may take: as long as the integration allows, and as the client waits. Of a stream, a client's patience
/// is for the next byte.
fn longest(mode: ResponseMode, limit: Duration, patience: Option<Duration>) -> Duration {
    match (mode, limit) {
        (ResponseMode::Stream, STREAM_LIMIT) => STREAM_LIMIT,
        (ResponseMode::Stream, limit) => patience.map_or(limit, |patience| limit.min(patience)),
        (ResponseMode::Buffered, _) => patience.map_or(BUFFERED_LIMIT, |patience| BUFFERED_LIMIT.min(patience)),
    }
}

/// The model by one of its names; any other is not found here.
fn model(request: &Request) -> Result<Answer, Error> {
    let id = request.paths().into_iter().find_map(route::model_id).unwrap_or_default();
    if !residency::names_the_model(&id) {
        let message = format!("there is one model here: {}", residency::MODEL_NAME);
        return Err(Error::new(Kind::NotFound, message).naming("model"));
    }
    let model = if request.speaks_anthropic() { anthropic::model() } else { openai::model() };
    Ok(Answer::json(model.to_string()))
}

/// What `GET /health` says. It does not call Bedrock: a check every few seconds must not cost tokens.
fn health() -> String {
    json!({ "status": "ok", "region": residency::REGION, "inference_profile": residency::PROFILE_ID }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_limits_end_before_those_of_api_gateway() {
        let writing = Duration::from_millis(500);
        assert!(BUFFERED_LIMIT + writing < Duration::from_secs(29));
        assert!(WHOLE_LIMIT + writing < Duration::from_secs(300));
        assert!(STREAM_LIMIT + writing < Duration::from_secs(900));
    }

    #[test]
    fn a_clients_patience_bounds_whole_answers_only() {
        let patience = Some(Duration::from_secs(20));
        assert_eq!(longest(ResponseMode::Stream, STREAM_LIMIT, patience), STREAM_LIMIT);
        assert_eq!(longest(ResponseMode::Stream, WHOLE_LIMIT, patience), Duration::from_secs(20));
        assert_eq!(longest(ResponseMode::Stream, WHOLE_LIMIT, None), WHOLE_LIMIT);
        assert_eq!(longest(ResponseMode::Buffered, STREAM_LIMIT, patience), Duration::from_secs(20));
        assert_eq!(longest(ResponseMode::Buffered, STREAM_LIMIT, None), BUFFERED_LIMIT);
    }
}

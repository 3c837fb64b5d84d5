//! The HTTP doors: routing, what is answered on each route, and the shape in which it leaves.

mod anthropic;
mod openai;
mod request;
mod response;
mod route;

pub use request::Request;
pub use response::{Body, Buffered};

use crate::error::{Error, Kind};
use crate::function::{Answered, Function, Invocation, Response};
use crate::residency;
use crate::settings::ResponseMode;
use crate::telemetry::{Asker, Source};
use response::Answer;
use route::Route;
use serde_json::json;
use std::time::Duration;

/// API Gateway waits 29 s for a buffered answer; the caller hears our 504 before that.
const BUFFERED_LIMIT: Duration = Duration::from_secs(28);

/// On a streaming integration a regional endpoint hangs up after 5 min without a byte, and a whole answer sends
/// none until it is there.
const STREAM_LIMIT: Duration = Duration::from_secs(290);

/// Answers one request. Over HTTP an error is an answer too.
pub async fn serve(function: &Function, invocation: &Invocation, request: &Request) -> Response {
    let mode = function.settings().response_mode;
    let asker = Asker { caller: request.caller(), ..invocation.asker(Source::Http) };
    let answer = match Route::find(request.method(), &request.paths()) {
        Ok(route) => answer(function, invocation, Asker { route: Some(route.path()), ..asker }, request, route).await,
        Err(error) => Err(function.refuse(&asker, error)),
    };
    let answer = answer.unwrap_or_else(|error| anthropic::error(&error, invocation.request_id()));
    answer.with_header("request-id", invocation.request_id()).without_body_if(request.is_head()).into_response(mode)
}

async fn answer(
    function: &Function,
    invocation: &Invocation,
    asker: Asker<'_>,
    request: &Request,
    route: Route,
) -> Result<Answer, Error> {
    match route {
        Route::Root => Ok(Answer::json(String::new())),
        Route::Health => Ok(Answer::json(health())),
        Route::Models if request.speaks_anthropic() => Ok(Answer::json(anthropic::models().to_string())),
        Route::Models => Ok(Answer::json(openai::models().to_string())),
        Route::Model => model(request).map_err(|error| function.refuse(&asker, error)),
        Route::Messages => {
            let Answered { answer, bedrock_request_id } = ask(function, invocation, asker, request).await?;
            Ok(Answer::json(answer.into_body()).with_bedrock_request_id(bedrock_request_id.as_deref()))
        }
        Route::Prompt => {
            let answered = ask(function, invocation, asker, request).await?;
            let bedrock_request_id = answered.bedrock_request_id.clone();
            let unwritable = |_| Error::new(Kind::Internal, "this function failed");
            let body = serde_json::to_string(&answered.into_prompt_answer()).map_err(unwritable)?;
            Ok(Answer::json(body).with_bedrock_request_id(bedrock_request_id.as_deref()))
        }
    }
}

async fn ask(
    function: &Function,
    invocation: &Invocation,
    asker: Asker<'_>,
    request: &Request,
) -> Result<Answered, Error> {
    let limit = match function.settings().response_mode {
        ResponseMode::Buffered => BUFFERED_LIMIT,
        ResponseMode::Stream => STREAM_LIMIT,
    };
    let limit = request.timeout().map_or(limit, |timeout| limit.min(timeout));
    let budget = invocation.budget().of_waiting_caller(Some(limit));
    function.answer(&asker, request.json(), budget).await
}

/// The model by one of its names; any other is not found here.
fn model(request: &Request) -> Result<Answer, Error> {
    let id = request.paths().into_iter().find_map(route::model_id).unwrap_or_default();
    if !residency::names_the_model(&id) {
        return Err(Error::new(Kind::NotFound, format!("there is one model here: {}", residency::MODEL_NAME)));
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
        assert!(STREAM_LIMIT + writing < Duration::from_secs(300));
    }
}

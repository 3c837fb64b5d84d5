//! The dialects in which the doors answer, fail and stream.

use super::request::Request;
use super::response::Answer;
use super::route::Route;
use super::script::Script;
use super::{Door, anthropic, openai};
use crate::chat::{self, Chunks};
use crate::error::Error;
use crate::function::Answered;
use std::time::UNIX_EPOCH;

/// How the paths begin that the SDKs of OpenAI ask first, whether they have a route here or not.
const OPENAIS_PATHS: [&str; 5] = ["/v1/chat", "/v1/completions", "/v1/embeddings", "/v1/models", "/v1/responses"];

/// In which words a route answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Anthropic's Messages, whose errors and streams `/prompt` has too.
    Messages,
    /// A prompt answer.
    Prompt,
    /// OpenAI's Chat Completions.
    Chat,
}

impl Dialect {
    pub(super) fn of(route: Route, request: &Request) -> Self {
        match route {
            Route::ChatCompletions => Self::Chat,
            Route::Models | Route::Model if !request.speaks_anthropic() => Self::Chat,
            Route::Prompt => Self::Prompt,
            Route::Messages | Route::CountTokens | Route::Models | Route::Model | Route::Health | Route::Root => {
                Self::Messages
            }
        }
    }

    /// That of a request that has no route.
    pub(super) fn without_a_route(request: &Request) -> Self {
        let is_openais = |path: &&str| OPENAIS_PATHS.iter().any(|known| path.starts_with(known));
        let asks_openai = !request.speaks_anthropic() && request.paths().iter().any(is_openais);
        if asks_openai { Self::Chat } else { Self::Messages }
    }

    /// An error in its shape.
    pub(super) fn failed(self, error: &Error, request_id: &str) -> Answer {
        match self {
            Self::Messages | Self::Prompt => anthropic::error(error, request_id),
            Self::Chat => openai::error(error),
        }
    }

    /// An answer that came whole.
    pub(super) fn whole(self, answered: Answered) -> Result<Answer, Error> {
        let bedrock_request_id = answered.bedrock_request_id.clone();
        let body = match self {
            Self::Messages => answered.answer.into_body(),
            Self::Prompt => serde_json::to_string(&answered.into_prompt_answer()).map_err(|_| Error::internal())?,
            Self::Chat => chat::completion(answered.answer.body(), now()).ok_or_else(Error::internal)?,
        };
        Ok(Answer::json(body).with_bedrock_request_id(bedrock_request_id.as_deref()))
    }
}

impl Door<'_> {
    /// An error in the dialect of the route.
    pub(super) fn failed(&self, error: &Error) -> Answer {
        self.dialect.failed(error, &self.asker.request_id)
    }

    /// How a stream is written.
    pub(super) fn script(&self, include_usage: bool) -> Script {
        match self.dialect {
            Dialect::Messages | Dialect::Prompt => Script::Events { request_id: self.asker.request_id.clone() },
            Dialect::Chat => Script::Chunks(Box::new(Chunks::new(now(), include_usage))),
        }
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}

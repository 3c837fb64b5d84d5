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
        match self.dialect {
            Dialect::Messages | Dialect::Prompt => anthropic::error(error, &self.asker.request_id),
            Dialect::Chat => openai::error(error),
        }
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

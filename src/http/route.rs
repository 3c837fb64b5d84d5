//! The routes: a closed list, so that a path never reaches a log line as it came.

use crate::error::{Error, Kind};
use http::Method;

/// What the function answers over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Anthropic's Messages API.
    Messages,
    /// Anthropic's count of a prompt's tokens.
    CountTokens,
    /// OpenAI's Chat Completions API.
    ChatCompletions,
    /// A prompt event in, a prompt answer out.
    Prompt,
    /// The list of models, which has one entry.
    Models,
    /// The one model, by one of its names.
    Model,
    /// Whether the function runs.
    Health,
    /// What Claude Code asks before anything else.
    Root,
}

impl Route {
    const ALL: [Self; 8] = [
        Self::Messages,
        Self::CountTokens,
        Self::ChatCompletions,
        Self::Prompt,
        Self::Models,
        Self::Model,
        Self::Health,
        Self::Root,
    ];

    /// The path, as it stands in the log line.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Messages => "/v1/messages",
            Self::CountTokens => "/v1/messages/count_tokens",
            Self::ChatCompletions => "/v1/chat/completions",
            Self::Prompt => "/prompt",
            Self::Models => "/v1/models",
            Self::Model => "/v1/models/{id}",
            Self::Health => "/health",
            Self::Root => "/",
        }
    }

    /// The methods that it answers, as the `Allow` header lists them.
    fn allow(self) -> &'static str {
        match self {
            Self::Messages | Self::CountTokens | Self::ChatCompletions | Self::Prompt => "POST",
            Self::Models | Self::Model | Self::Health => "GET, HEAD",
            Self::Root => "HEAD",
        }
    }

    /// Finds the route of the first path that is one.
    ///
    /// Which of `paths` the caller meant depends on how the API is deployed, see [`super::Request::paths`].
    pub(super) fn find(method: &Method, paths: &[&str]) -> Result<Self, Error> {
        let named = |path: &str| Self::ALL.into_iter().find(|route| is_path(*route, path));
        let Some(route) = paths.iter().find_map(|path| named(path)) else {
            return Err(Error::new(
                Kind::NotFound,
                format!("there is nothing at this path; there is {}", Self::known()),
            ));
        };
        if route.allow().split(", ").any(|allowed| allowed == method.as_str()) {
            Ok(route)
        } else {
            Err(Error::method_not_allowed(route.allow()))
        }
    }

    /// What a caller can ask for, as a list for people.
    fn known() -> String {
        let known = Self::ALL.into_iter().filter(|route| *route != Self::Root);
        known.map(|route| format!("{} {}", route.allow(), route.path())).collect::<Vec<_>>().join(", ")
    }
}

fn is_path(route: Route, path: &str) -> bool {
    if route == Route::Model {
        return model_id(path).is_some();
    }
    // Some clients put a slash behind a path, and the root of an API may come as nothing at all.
    path.trim_end_matches('/') == route.path().trim_end_matches('/')
}

/// What stands for the model's name in a path, with the colon of Bedrock's IDs as it is.
pub(super) fn model_id(path: &str) -> Option<String> {
    let id = path.strip_prefix("/v1/models/")?.trim_end_matches('/');
    if id.is_empty() {
        return None;
    }
    Some(id.replace("%3A", ":").replace("%3a", ":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_is_found_under_its_path_and_method() {
        for (method, path, route) in [
            (Method::POST, "/v1/messages", Route::Messages),
            (Method::POST, "/v1/messages/", Route::Messages),
            (Method::POST, "/v1/messages/count_tokens", Route::CountTokens),
            (Method::POST, "/v1/chat/completions", Route::ChatCompletions),
            (Method::POST, "/prompt", Route::Prompt),
            (Method::GET, "/v1/models", Route::Models),
            (Method::GET, "/v1/models/", Route::Models),
            (Method::GET, "/v1/models/claude-sonnet-4-5", Route::Model),
            (Method::GET, "/health", Route::Health),
            (Method::HEAD, "/health", Route::Health),
            (Method::HEAD, "/", Route::Root),
            (Method::HEAD, "", Route::Root),
        ] {
            assert_eq!(Route::find(&method, &[path]).ok(), Some(route), "{method} {path}");
        }
    }

    #[test]
    fn another_method_hears_which_are_allowed() {
        let error = Route::find(&Method::GET, &["/v1/messages"]).unwrap_err();
        assert_eq!((error.kind(), error.allow()), (Kind::MethodNotAllowed, Some("POST")));
    }

    #[test]
    fn another_path_is_not_found() {
        for path in ["/v1/message", "/v1/messages/x", "//v1/messages", "/V1/messages", "/v1"] {
            let error = Route::find(&Method::POST, &[path]).unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound, "{path}");
        }
    }
}

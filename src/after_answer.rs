//! A layer of Lambda's runtime: after each answer it waits for what that invocation began, before the next is polled for.
//!
//! A poll tells Lambda that the process may be frozen. A stream whose client has gone must have been read to its end, and
//! its line written, before that.

use crate::function::Function;
use crate::telemetry;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lambda_runtime::tower::Layer;
use lambda_runtime::{Error, LambdaInvocation, Service};
use std::sync::Arc;
use std::task::{Context, Poll};

/// The layer.
pub(crate) struct AfterAnswer(pub(crate) Arc<Function>);

impl<S> Layer<S> for AfterAnswer {
    type Service = Waiting<S>;

    fn layer(&self, inner: S) -> Waiting<S> {
        Waiting { inner, function: Arc::clone(&self.0) }
    }
}

/// A service that has ended only when the invocation has.
#[derive(Clone)]
pub(crate) struct Waiting<S> {
    inner: S,
    function: Arc<Function>,
}

impl<S> Service<LambdaInvocation> for Waiting<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = Error;
    type Future = BoxFuture<'static, Result<(), Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let request_id = invocation.context.request_id.clone();
        let function = Arc::clone(&self.function);
        let answering = self.inner.call(invocation);
        async move {
            let posted = answering.await;
            let client_gone = function.settled(&request_id).await;
            // Where Lambda closes the connection of a client that has gone, there was nobody to answer. In any case it is no
            // reason to end the process: if Lambda itself has gone, the next poll fails.
            if posted.is_err() && !client_gone {
                telemetry::not_posted(&request_id);
            }
            Ok(())
        }
        .boxed()
    }
}

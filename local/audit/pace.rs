//! A transport that keeps to a service's limit of calls a second, each attempt of the SDK counted.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// A rhythm that every request waits for.
#[derive(Clone, Debug)]
pub(crate) struct Pace(Arc<Mutex<Interval>>);

impl Pace {
    /// One request in every `period`. One that comes late does not let the next ones hurry.
    pub(crate) fn of(period: Duration) -> Self {
        let mut interval = interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self(Arc::new(Mutex::new(interval)))
    }

    async fn wait(&self) {
        self.0.lock().await.tick().await;
    }
}

/// Wraps a transport so that its requests keep a pace. It stands below the SDK's own retries, so that these keep it too.
pub(crate) fn paced(transport: SharedHttpClient, pace: Pace) -> SharedHttpClient {
    http_client_fn(move |settings: &HttpConnectorSettings, components| {
        let transport = transport.http_connector(settings, components);
        SharedHttpConnector::new(Paced { transport, pace: pace.clone() })
    })
}

#[derive(Debug)]
struct Paced {
    transport: SharedHttpConnector,
    pace: Pace,
}

impl HttpConnector for Paced {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (transport, pace) = (self.transport.clone(), self.pace.clone());
        HttpConnectorFuture::new(async move {
            pace.wait().await;
            transport.call(request).await
        })
    }
}

//! The function's credentials: those that Lambda puts into its environment, or what else AWS's chain finds.

use crate::residency;
use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::OnceCell;

/// The order of AWS's chain, whose first link is the environment. The others, with the clients that they need, are made only where
/// the environment holds none, which Lambda never lets happen: making them took two fifths of a start's instructions.
#[derive(Debug)]
pub(super) struct EnvironmentFirst {
    environment: EnvironmentVariableCredentialsProvider,
    chain: OnceCell<DefaultCredentialsChain>,
    transport: SharedHttpClient,
}

impl EnvironmentFirst {
    /// Credentials that are looked up over `transport`, if not in the environment.
    pub(super) fn new(transport: SharedHttpClient) -> Self {
        let environment = EnvironmentVariableCredentialsProvider::new();
        Self { environment, chain: OnceCell::new(), transport }
    }

    async fn credentials(&self) -> provider::Result {
        match self.environment.provide_credentials().await {
            Err(CredentialsError::CredentialsNotLoaded(_)) => {
                Box::pin(self.chain.get_or_init(|| self.chain())).await.provide_credentials().await
            }
            found => found,
        }
    }

    async fn chain(&self) -> DefaultCredentialsChain {
        let transport = self.transport.clone();
        let provider = ProviderConfig::empty().with_http_client(transport).with_sleep_impl(TokioSleep::new());
        // Left open, a profile would say it for STS, which has no such hosts in Tokyo.
        let provider = provider.with_use_fips(Some(false)).with_use_dual_stack(Some(false));
        let region = Region::from_static(residency::REGION);
        DefaultCredentialsChain::builder().configure(provider).region(region).build().await
    }
}

impl ProvideCredentials for EnvironmentFirst {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

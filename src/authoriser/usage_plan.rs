//! The keys of a usage plan, as API Gateway's control plane in Tokyo lists them. The only file that names its SDK.

use crate::refusal::Refusal;
use crate::residency::Passage;
use crate::wiring::Wiring;
use aws_sdk_apigateway::Client;

/// Who was asked, as a refusal names it.
const SERVICE: &str = "usage_plan";

/// The most keys that a page may have.
const PAGE: i32 = 500;

/// More pages than the keys of an account fill, of which there may be 10,000.
const PAGES: usize = 40;

/// The ID of a usage plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsagePlanId(String);

impl UsagePlanId {
    /// The ID in a text of letters and digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_one.then(|| Self(text.to_owned()))
    }
}

/// A key with its ID. It shows nothing in its debug form.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) value: String,
}

/// A client that can ask for one list.
#[derive(Debug)]
pub(super) struct UsagePlan {
    client: Client,
    id: UsagePlanId,
}

impl UsagePlan {
    pub(super) fn new(wiring: &Wiring, id: UsagePlanId) -> Self {
        Self { client: Client::new(&wiring.config(Passage::UsagePlanKeys)), id }
    }

    /// All keys of the plan.
    ///
    /// # Errors
    /// What AWS said instead, of whichever page: half a list would deny clients that have paid for nothing less.
    pub(super) async fn keys(&self) -> Result<Vec<Key>, Refusal> {
        let mut keys = Vec::new();
        let mut position = None;
        for _ in 0..PAGES {
            let asking = self.client.get_usage_plan_keys().usage_plan_id(&self.id.0).limit(PAGE);
            let page = asking.set_position(position).send().await;
            let page = page.map_err(|error| Refusal::new(SERVICE, Some(&error)))?;
            let items = page.items.unwrap_or_default().into_iter();
            // A list without values would deny every client, and look like one of no keys.
            let named = items.map(|key| Some(Key { id: key.id?, value: key.value? })).collect::<Option<Vec<_>>>();
            keys.extend(named.ok_or_else(|| Refusal { service: SERVICE, code: "NoValue".to_owned() })?);
            position = page.position;
            if position.is_none() {
                return Ok(keys);
            }
        }
        Err(Refusal { service: SERVICE, code: "TooManyPages".to_owned() })
    }
}

/// What stands in for an answer that did not come in time.
pub(super) fn silence() -> Refusal {
    Refusal { service: SERVICE, code: "timeout".to_owned() }
}

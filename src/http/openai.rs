//! OpenAI's dialect, as far as it is spoken: the list of models.

use crate::residency;
use serde_json::{Value, json};

/// 2025-09-29, the day in the model's name, in seconds since 1970.
const CREATED: u64 = 1_759_104_000;

/// The one model.
pub(super) fn model() -> Value {
    json!({ "id": residency::MODEL_NAME, "object": "model", "created": CREATED, "owned_by": "anthropic" })
}

/// The models: one.
pub(super) fn models() -> Value {
    json!({ "object": "list", "data": [model()] })
}

//! The envelope in which CountTokens takes an InvokeModel body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::refusal::Refusal;

/// The service would count a Converse request too, but the function has none to send.
const MALFORMED: &str =
    "The stand-in counts {\"input\":{\"invokeModel\":{\"body\":\"<the base64 of an InvokeModel body>\"}}} only.";

/// The InvokeModel body that an envelope carries.
pub(super) fn opened(envelope: &[u8]) -> Result<Vec<u8>, Refusal> {
    let malformed = || Refusal::validation(MALFORMED);
    let envelope: Value = serde_json::from_slice(envelope).map_err(|_| malformed())?;
    let one = |value: &Value, name: &str| {
        let fields = value.as_object().filter(|fields| fields.len() == 1)?;
        fields.get(name).cloned()
    };
    let body = one(&envelope, "input").and_then(|input| one(&input, "invokeModel")).and_then(|call| one(&call, "body"));
    let body = body.as_ref().and_then(Value::as_str).ok_or_else(malformed)?;
    STANDARD.decode(body).map_err(|_| malformed())
}

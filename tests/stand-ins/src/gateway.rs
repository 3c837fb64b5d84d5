//! What API Gateway does around a Lambda proxy integration: an HTTP request becomes an event, an outcome an HTTP answer.

mod answer;
mod event;
mod stream;

pub use self::answer::{GatewayAnswer, Mode};
pub use self::event::{GatewayRequest, rest_event};
pub use self::stream::{BrokenOff, GatewayResponse, GatewayStream, open};

#[cfg(test)]
mod tests;

//! X-Ray: each call of Bedrock as a subsegment of its invocation's trace, in one datagram to Lambda's own daemon.
//!
//! A layer of OpenTelemetry would bring an exporter, a collector beside the function and a second way out of it. A subsegment is
//! one system call, and goes to an address of this machine: the settings refuse any other.

use crate::claude::Call;
use crate::error::{Error, Kind};
use crate::residency;
use serde::Serialize;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the daemon wants before a document.
const HEADER: &str = "{\"format\":\"json\",\"version\":1}\n";

/// Where in X-Ray an invocation stands, if it is one of those that are traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    trace_id: String,
    parent_id: String,
}

impl Place {
    /// Reads the header `Root=1-…;Parent=…;Sampled=1`; `None` if nothing is to be traced, or it is no such header.
    #[must_use]
    pub fn read(header: &str) -> Option<Self> {
        let field = |name| header.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let (trace_id, parent_id) = (field("Root")?, field("Parent")?);
        let is_hex = |text: &str, digits| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_root =
            matches!(trace_id.split('-').collect::<Vec<_>>()[..], ["1", time, id] if is_hex(time, 8) && is_hex(id, 24));
        let is_place = is_root && is_hex(parent_id, 16) && field("Sampled") == Some("1");
        is_place.then(|| Self { trace_id: trace_id.to_owned(), parent_id: parent_id.to_owned() })
    }
}

/// What Bedrock was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Operation {
    /// A whole answer.
    InvokeModel,
    /// A streamed one.
    InvokeModelWithResponseStream,
    /// A count, of which the bare model is asked, and not the profile.
    CountTokens,
}

/// Where subsegments go.
#[derive(Debug)]
pub struct Daemon(UdpSocket);

impl Daemon {
    /// The daemon at an address of this machine.
    ///
    /// # Errors
    /// When the system gives no socket.
    pub fn at(address: SocketAddr) -> io::Result<Self> {
        let any = if address.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
        let socket = UdpSocket::bind((any, 0))?;
        // What a full buffer would make wait is lost: a trace is worth no prompt's time.
        socket.set_nonblocking(true)?;
        socket.connect(address)?;
        Ok(Self(socket))
    }

    /// Tells of the calls that one prompt took, which have just ended.
    pub fn tell(&self, place: &Place, operation: Operation, call: &Call, error: Option<&Error>) {
        let Some(retries) = call.attempts.checked_sub(1) else {
            return;
        };
        let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let segment = Subsegment {
            id: format!("{:016x}", fastrand::u64(..)),
            trace_id: &place.trace_id,
            parent_id: &place.parent_id,
            kind: "subsegment",
            name: "BedrockRuntime",
            namespace: "aws",
            start_time: seconds(end.saturating_sub(call.latency)),
            end_time: seconds(end),
            aws: Aws { operation, region: residency::REGION, request_id: call.request_ids.last(), retries },
            annotations: Annotations {
                inference_profile: (operation != Operation::CountTokens).then_some(residency::PROFILE_ID),
            },
            outcome: Outcome::of(error),
        };
        if let Ok(document) = serde_json::to_string(&segment) {
            // Nobody listens where nothing is traced after all.
            let _ = self.0.send(format!("{HEADER}{document}").as_bytes());
        }
    }
}

/// The address that a value of `AWS_XRAY_DAEMON_ADDRESS` names for datagrams: `IP:PORT`, or `tcp:IP:PORT udp:IP:PORT`. `None`
/// if it is none, or is not of this machine.
#[must_use]
pub fn daemon_address(value: &str) -> Option<SocketAddr> {
    let named = value.split(' ').find_map(|part| part.strip_prefix("udp:"));
    let address: SocketAddr = named.unwrap_or(value).parse().ok()?;
    is_local(address.ip()).then_some(address)
}

/// Whether an address is of this machine: its own, or of the link that Lambda's daemon is on.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unicast_link_local(),
    }
}

/// X-Ray's segment document, as far as a call has something to say.
#[derive(Serialize)]
struct Subsegment<'a> {
    id: String,
    trace_id: &'a str,
    parent_id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    namespace: &'static str,
    start_time: f64,
    end_time: f64,
    aws: Aws<'a>,
    annotations: Annotations,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
struct Aws<'a> {
    operation: Operation,
    region: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a String>,
    retries: u32,
}

#[derive(Serialize)]
struct Annotations {
    #[serde(skip_serializing_if = "Option::is_none")]
    inference_profile: Option<&'static str>,
}

/// X-Ray's three ways to fail; a throttle is an error too.
#[derive(Serialize)]
struct Outcome {
    error: bool,
    throttle: bool,
    fault: bool,
}

impl Outcome {
    fn of(error: Option<&Error>) -> Self {
        let kind = error.map(Error::kind);
        let status = kind.map_or(200, |kind| kind.row().status);
        Self {
            error: (400..500).contains(&status),
            throttle: matches!(kind, Some(Kind::Throttled | Kind::QuotaExceeded)),
            fault: status >= 500,
        }
    }
}

/// Seconds since 1970, to the microsecond.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=25:a87bd80c:1";

    #[test]
    fn a_sampled_header_is_a_place() {
        let place = Place::read(HEADER).unwrap();
        assert_eq!(
            (place.trace_id.as_str(), place.parent_id.as_str()),
            ("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
        );
    }

    #[test]
    fn what_is_not_sampled_or_is_no_header_is_none() {
        for header in [
            HEADER.replace("Sampled=1", "Sampled=0"),
            HEADER.replace(";Sampled=1", ""),
            HEADER.replace("Parent=53995c3f42cd8ad8;", ""),
            HEADER.replace("53995c3f42cd8ad8", "53995c3f42cd8ad"),
            HEADER.replace("1-5759e988", "1-canary88"),
            String::new(),
        ] {
            assert_eq!(Place::read(&header), None, "{header}");
        }
    }

    #[test]
    fn only_this_machine_is_local() {
        for value in [
            "127.0.0.1:2000",
            "169.254.100.1:2000",
            "[::1]:2000",
            "[fe80::1]:2000",
            "tcp:127.0.0.1:1 udp:127.0.0.1:2000",
        ] {
            assert_eq!(daemon_address(value).map(|address| address.port()), Some(2000), "{value}");
        }
        for value in [
            "10.0.0.1:2000",
            "8.8.8.8:2000",
            "[2600::1]:2000",
            "xray.example.com:2000",
            "udp:8.8.8.8:2000",
            "127.0.0.1",
        ] {
            assert_eq!(daemon_address(value), None, "{value}");
        }
    }
}

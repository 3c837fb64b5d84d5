//! X-Ray's daemon: datagrams, each with the daemon's header and one segment document.

use serde_json::Value;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// The first line of every datagram that the daemon takes.
const HEADER: &str = "{\"format\":\"json\",\"version\":1}";

/// A datagram holds no more, and X-Ray takes no longer document.
const LONGEST: usize = 65_507;

/// A running daemon.
#[derive(Debug)]
pub struct Xray {
    socket: UdpSocket,
    address: SocketAddr,
}

impl Xray {
    /// Takes a free port.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn start() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next document; nothing if none comes in time.
    ///
    /// # Panics
    ///
    /// When a datagram is not what the daemon takes.
    #[expect(clippy::panic, reason = "what the daemon would drop is a failed test")]
    pub async fn next(&self, patience: Duration) -> Option<Value> {
        let mut datagram = vec![0; LONGEST];
        let length = timeout(patience, self.socket.recv(&mut datagram)).await.ok()?.ok()?;
        let text = String::from_utf8_lossy(&datagram[..length]).into_owned();
        let document = text.split_once('\n').filter(|(header, _)| *header == HEADER);
        match document.and_then(|(_, document)| serde_json::from_str(document).ok()) {
            Some(document) => Some(document),
            None => panic!("the daemon drops this: {text}"),
        }
    }
}

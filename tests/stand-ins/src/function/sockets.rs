//! The sockets of the function's process, seen from outside.

use super::Function;
use rustix::fd::{AsFd, OwnedFd};
use rustix::net::{getpeername, sockopt};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use std::fs;
use std::io;
use std::net::SocketAddr;

use crate::server::lock;

impl Function {
    /// Of each connection of the process to `peer`, whether it sends small writes at once (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// When the process is gone, or the system lets nobody look into it.
    pub fn sends_at_once(&self, peer: SocketAddr) -> io::Result<Vec<bool>> {
        let process = pidfd_open(rustix::process::Pid::from_child(&lock(&self.child)), PidfdFlags::empty())?;
        let mut found = Vec::new();
        for number in fs::read_dir(format!("/proc/{}/fd", self.pid))? {
            let number = number?.file_name().to_string_lossy().parse().map_err(io::Error::other)?;
            // It may have been closed since the folder was read.
            let Ok(descriptor) = pidfd_getfd(&process, number, PidfdGetfdFlags::empty()) else {
                continue;
            };
            if is_connected_to(&descriptor, peer) {
                found.push(sockopt::tcp_nodelay(&descriptor)?);
            }
        }
        Ok(found)
    }
}

/// Files and pipes have no peer.
fn is_connected_to(descriptor: &OwnedFd, peer: SocketAddr) -> bool {
    let found = getpeername(descriptor.as_fd()).ok().flatten();
    found.and_then(|address| SocketAddr::try_from(address).ok()) == Some(peer)
}

//! What a process has taken of the machine, as Linux counts it.

use crate::Failure;
use std::time::Duration;

/// The time that all threads of a process have run, in user and kernel together. The scheduler counts it in nanoseconds;
/// `utime` and `stime` of the same process come in hundredths of a second, which hold some thirty prompts.
pub(crate) fn processor_time(pid: u32) -> Result<Duration, Failure> {
    let mut total = Duration::ZERO;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while it is looked at.
        let Ok(line) = std::fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        let running = line.split_whitespace().next().ok_or("an empty schedstat")?;
        total += Duration::from_nanos(running.parse()?);
    }
    Ok(total)
}

/// The most memory that a process has had resident so far, in bytes.
pub(crate) fn peak_memory(pid: u32) -> Result<f64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1024.0)
}

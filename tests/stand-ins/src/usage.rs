//! What a process has taken of the machine, as Linux counts it.

use std::io;
use std::time::Duration;

/// The most memory that a process has had resident so far, in bytes.
///
/// # Errors
///
/// When there is no such process, or the system is not Linux.
pub fn peak_memory(pid: u32) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
    let kibibytes: Option<u64> = line.and_then(|line| line.trim().parse().ok());
    kibibytes.map(|peak| peak * 1024).ok_or_else(|| io::Error::other("a status without VmHWM"))
}

/// The time that all threads of a process have run, in user and kernel together. The scheduler counts it in nanoseconds;
/// `utime` and `stime` of the same process come in hundredths of a second, which hold some thirty prompts.
///
/// # Errors
///
/// When there is no such process, or the system is not Linux.
pub fn processor_time(pid: u32) -> io::Result<Duration> {
    let mut total = Duration::ZERO;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while it is looked at.
        let Ok(line) = std::fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        let running = line.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse().ok());
        total += running.map(Duration::from_nanos).ok_or_else(|| io::Error::other("an empty schedstat"))?;
    }
    Ok(total)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_and_fills_memory_is_seen_to() {
        let time = processor_time(std::process::id()).expect("a time");
        let filled = vec![1_u8; 64 << 20];
        let sum: u64 = filled.iter().map(|byte| u64::from(std::hint::black_box(*byte))).sum();
        assert_eq!(sum, 64 << 20);
        assert!(peak_memory(std::process::id()).unwrap_or_default() >= 64 << 20);
        assert!(processor_time(std::process::id()).unwrap_or_default() > time);
        assert!(peak_memory(u32::MAX).is_err() && processor_time(u32::MAX).is_err());
    }
}

//! A contender's own process, with a Runtime API and a Bedrock of its own.

use crate::Failure;
use crate::authority::Authority;
use crate::client::Client;
use crate::contender::Contender;
use rustix::process::{Pid, Signal, kill_process_group};
use stand_ins::bedrock::Bedrock;
use stand_ins::function::lambda_environment;
use stand_ins::runtime_api::RuntimeApi;
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// A proxy in Python takes half a minute on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// How its answers leave, and how many prompts it may be asked at once.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    Whole,
    Stream,
    Crowd(usize),
}

pub(crate) struct Sandbox {
    pub(crate) bedrock: Bedrock,
    pub(crate) client: Client,
    /// From before the process was made until it asked for its first event.
    pub(crate) start: Duration,
    child: Child,
}

impl Sandbox {
    pub(crate) async fn open(
        contender: Contender,
        mode: Mode,
        authority: &Authority,
        place: &Path,
    ) -> Result<Self, Failure> {
        let bedrock = Bedrock::start_over_tls(authority.server.clone()).await?;
        let runtime = RuntimeApi::start().await?;
        let port = free_port()?;
        let words = contender.command(place, port);
        let (program, arguments) = words.split_first().ok_or("an empty command")?;
        let log = File::options().create(true).append(true).open(log(contender, place))?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(inherited()).envs(lambda_environment(runtime.address()));
        command.envs(contender.environment(place, &authority.root, bedrock.address().port()));
        match mode {
            Mode::Whole => {}
            Mode::Stream => drop(command.env("RESPONSE_MODE", "stream")),
            Mode::Crowd(callers) => drop(command.env("AWS_LAMBDA_MAX_CONCURRENCY", callers.to_string())),
        }
        command.process_group(0).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let began = Instant::now();
        let child = command.spawn()?;
        let client = if contender.is_proxy() { Client::Proxy(port) } else { Client::Lambda(runtime) };
        let mut sandbox = Self { bedrock, client, start: Duration::ZERO, child };
        timeout(PATIENCE, sandbox.ready()).await.map_err(|_| "it did not start in time")??;
        sandbox.start = began.elapsed();
        Ok(sandbox)
    }

    async fn ready(&mut self) -> Result<(), Failure> {
        let is_ready = self.client.ready();
        let has_ended = async {
            loop {
                if let Some(status) = self.child.try_wait()? {
                    return Err::<(), Failure>(format!("it ended: {status}").into());
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            () = is_ready => Ok(()),
            ended = has_ended => ended,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The group is the contender's own, with the processes that it started itself.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// What its processes write, one after another.
pub(crate) fn log(contender: Contender, place: &Path) -> PathBuf {
    place.join(format!("{}.log", contender.name()))
}

/// What a process needs to find programs and libraries.
#[expect(clippy::disallowed_methods, reason = "the benchmark's own environment")]
fn inherited() -> impl Iterator<Item = (&'static str, std::ffi::OsString)> {
    ["PATH", "LD_LIBRARY_PATH"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)))
}

fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

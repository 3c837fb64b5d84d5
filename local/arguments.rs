//! The command line of `cargo local`.

use lexopt::prelude::*;
use std::path::PathBuf;

/// What `cargo local --help` prints.
pub(crate) const HELP: &str = "\
cargo local                        serve HTTP on http://127.0.0.1:8080, as API Gateway would
cargo local events/NAME.json …     send events to the function, print its answers and log lines, and exit

  --port N      listen on another port; 0 takes a free one
  --bedrock     ask Claude itself in Japan, with your own AWS credentials; without it, a stand-in answers
  --help        print this

The function's settings are read from the environment, as in Lambda: RESPONSE_MODE=stream cargo local
The stand-in also fails on demand: a prompt that says \"stand-in: throttle\" is throttled, and one that says
\"stand-in: help\" is told what else there is.
Exit status: 0 if the function answered each event, also with an HTTP error; 1 if it failed.";

/// What to do.
pub(crate) enum Command {
    Help,
    Send(Vec<PathBuf>),
    Serve,
}

/// The command line, read.
pub(crate) struct Arguments {
    pub(crate) command: Command,
    pub(crate) bedrock: bool,
    pub(crate) port: u16,
}

impl Arguments {
    /// Reads the command line of this process.
    pub(crate) fn parse() -> Result<Self, lexopt::Error> {
        let mut arguments = Self { command: Command::Serve, bedrock: false, port: 8080 };
        let mut files = Vec::new();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Short('h') | Long("help") => {
                    return Ok(Self { command: Command::Help, ..arguments });
                }
                Long("bedrock") => arguments.bedrock = true,
                Long("port") => arguments.port = port(&parser.value()?)?,
                Value(file) => files.push(PathBuf::from(file)),
                Short(_) | Long(_) => return Err(argument.unexpected()),
            }
        }
        if !files.is_empty() {
            arguments.command = Command::Send(files);
        }
        Ok(arguments)
    }
}

fn port(value: &std::ffi::OsStr) -> Result<u16, lexopt::Error> {
    let port = value.to_str().and_then(|value| value.parse().ok());
    port.ok_or_else(|| format!("--port takes a number from 0 to {}", u16::MAX).into())
}

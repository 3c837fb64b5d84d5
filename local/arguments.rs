//! The command line of `cargo local`.

use lexopt::prelude::*;
use stand_ins::bedrock::COMMANDS;
use stand_ins::transport::PANIC_COMMAND;
use std::ffi::OsString;
use std::path::PathBuf;

/// What `cargo local --help` prints.
pub(crate) const HELP: &str = "\
cargo local                        serve HTTP on http://127.0.0.1:8080, as API Gateway would, and a page for browsers
cargo local --queue                answer messages, one body a line on standard input, through queues in memory
cargo local --queue URL            poll a queue of an SQS emulator on this machine, such as moto's or LocalStack's
cargo local events/NAME.json …     send events to the function, print its answers and log lines, and exit
cargo local audit FILES…           report where calls ran, by day, from CloudTrail's files: cargo local audit --help

  --port N      serve HTTP on another port; 0 takes a free one
  --bedrock     ask Claude itself in Japan, with your own AWS credentials; without it, a stand-in answers
  --help        print this

Ten requests are answered at a time, each by a process of its own, as in Lambda; more of them wait.
The function's settings are read from the environment, as in Lambda: RESPONSE_MODE=buffered cargo local
Without that one, answers are streamed, as the template deploys it.
A queue's worker has the template's limits: 300 s for a batch, 30 s for trying throttled prompts again.
Results and dead letters are printed as one JSON object a line. The queues and the table of Idempotency-Key are in
memory, and new each time; --bedrock has none.
Exit status: 0 if the function answered each event, also with an HTTP error, or every line became a message; 1 if not.

The stand-in does as a prompt says in which one of these stands:
";

/// The same with what a prompt can ask for.
pub(crate) fn help() -> String {
    format!("{HELP}\n{COMMANDS}\n{PANIC_COMMAND:<33}the function panics in the middle of it")
}

/// What to do.
pub(crate) enum Command {
    Help,
    Send(Vec<PathBuf>),
    /// Work on a queue: of the emulator at this URL, or of our own.
    Queue(Option<String>),
    Serve,
    /// Report where calls ran, as the rest of the command line says.
    Audit(Vec<OsString>),
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
        let (mut files, mut has_port) = (Vec::new(), false);
        let mut parser = lexopt::Parser::from_env();
        if parser.raw_args()?.next_if(|word| word == "audit").is_some() {
            return Ok(Self { command: Command::Audit(parser.raw_args()?.collect()), ..arguments });
        }
        while let Some(argument) = parser.next()? {
            match argument {
                Short('h') | Long("help") => {
                    return Ok(Self { command: Command::Help, ..arguments });
                }
                Long("bedrock") => arguments.bedrock = true,
                Long("queue") => arguments.command = Command::Queue(None),
                Long("port") => (arguments.port, has_port) = (port(&parser.value()?)?, true),
                Value(file) => files.push(PathBuf::from(file)),
                Short(_) | Long(_) => return Err(argument.unexpected()),
            }
        }
        arguments.command = match (arguments.command, &files[..]) {
            (command, []) => command,
            (Command::Queue(_), [url]) => Command::Queue(Some(url.to_string_lossy().into_owned())),
            (Command::Queue(_), _) => return Err("--queue takes one URL".into()),
            (_, _) => Command::Send(files),
        };
        if arguments.bedrock && matches!(arguments.command, Command::Queue(_)) {
            return Err("--queue works with the stand-in for Bedrock only".into());
        }
        if has_port && !matches!(arguments.command, Command::Serve) {
            return Err("--port is for serving HTTP, without --queue and event files".into());
        }
        Ok(arguments)
    }
}

fn port(value: &std::ffi::OsStr) -> Result<u16, lexopt::Error> {
    let port = value.to_str().and_then(|value| value.parse().ok());
    port.ok_or_else(|| format!("--port takes a number from 0 to {}", u16::MAX).into())
}

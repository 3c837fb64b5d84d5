//! `cargo local`: the function on this machine, between a stand-in for Lambda and one for Bedrock.
//!
//! With event files it sends them, prints what came back and exits. With `--queue` it is the worker of a queue. Without either, it
//! serves HTTP as API Gateway would, and a page to watch it on. `cargo local audit` runs no function: it reads CloudTrail's records.
//! The function is a process of its own, as in Lambda: this program started again, see [`sandbox`].

mod arguments;
mod audit;
mod front;
mod integration;
mod memory;
mod output;
mod page;
mod queue;
mod sandbox;
mod send;

use arguments::{Arguments, Command};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    if let Some(surroundings) = sandbox::role() {
        return sandbox::run(surroundings).await;
    }
    sandbox::warn();
    let outcome = match Arguments::parse() {
        Ok(Arguments { command: Command::Help, .. }) => {
            output::say(&arguments::help());
            Ok(ExitCode::SUCCESS)
        }
        Ok(Arguments { command: Command::Send(files), bedrock, .. }) => send::send(&files, bedrock).await,
        Ok(Arguments { command: Command::Queue(url), .. }) => queue::work(url.as_deref()).await,
        Ok(Arguments { command: Command::Audit(arguments), .. }) => Ok(audit::run(arguments).await),
        Ok(Arguments { command: Command::Serve, bedrock, port }) => front::serve(port, bedrock).await,
        Err(error) => Err(format!("{error}\n\n{}", arguments::HELP)),
    };
    outcome.unwrap_or_else(|error| {
        output::complain(&error);
        ExitCode::FAILURE
    })
}

//! The worker of a queue of an SQS emulator on this machine.

use super::{LOOK, Lines, PROCESSES, settings};
use crate::output::note;
use crate::sandbox::{QUEUES, Sandbox, worker_defaults};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use kokunai::residency;
use stand_ins::poller::{Poller, PollerCounts, PollerSettings};
use stand_ins::{TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, transport};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

/// After so many refused receives in a row the queue is taken for gone.
const TOO_MANY_REFUSALS: usize = 20;

pub(super) async fn work(url: &str) -> Result<ExitCode, String> {
    let (address, account, name) =
        parts(url).ok_or_else(|| format!("{url} is not of the form http://127.0.0.1:PORT/ACCOUNT/NAME"))?;
    let queue = |name: &str| format!("https://sqs.{}.amazonaws.com/{account}/{name}", residency::REGION);
    let (results, dead_letters) = (beside(name, "results"), beside(name, "dead-letters"));
    create(address, [&results, &dead_letters]).await?;
    note(&format!(
        "results go to {results}, and what can have no answer to {dead_letters}, beside {name}; stop with Ctrl-C"
    ));
    let outlets = vec![
        (QUEUES, address.to_string()),
        ("RESULTS_QUEUE_URL", queue(&results)),
        ("DEAD_LETTER_QUEUE_URL", queue(&dead_letters)),
    ];
    let sandbox = Sandbox::start(false, PROCESSES, [outlets, worker_defaults()].concat()).await?;
    sandbox.ready().await?;
    // Some emulators answer one request at a time, so none is asked to wait.
    let settings = PollerSettings { wait: Duration::ZERO, ..settings(queue(name)) };
    // As the template has it: what is behind a message that fails would share its receives, and be a dead letter with it.
    let batch_size = if name.ends_with(".fifo") { 1 } else { settings.batch_size };
    let settings = PollerSettings { batch_size, ..settings };
    let poller = Poller::start(address, settings, &sandbox.runtime);
    let (mut lines, mut health) = (Lines::of(&sandbox), Health::default());
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
            () = tokio::time::sleep(LOOK) => {}
        }
        lines.show(&sandbox, |_| {});
        if !health.is_good(poller.counts()) {
            return Err(format!("there is no queue {name} at {address}, or it refuses to be read"));
        }
    }
}

async fn create(address: SocketAddr, names: [&String; 2]) -> Result<(), String> {
    let sqs = client(address);
    for name in names {
        let mut creating = sqs.create_queue().queue_name(name.as_str());
        if name.ends_with(".fifo") {
            creating = creating.attributes(aws_sdk_sqs::types::QueueAttributeName::FifoQueue, "true");
        }
        creating.send().await.map_err(|error| format!("{name} could not be created at {address}: {error}"))?;
    }
    Ok(())
}

/// Whether the queue can be read: refusals count as long as nothing comes between them.
#[derive(Default)]
struct Health {
    batches: usize,
    receives: usize,
    refusals: usize,
}

impl Health {
    fn is_good(&mut self, counts: PollerCounts) -> bool {
        if (counts.batches, counts.receives) != (self.batches, self.receives) {
            *self = Self { batches: counts.batches, receives: counts.receives, refusals: counts.failed_receives };
        }
        counts.failed_receives - self.refusals <= TOO_MANY_REFUSALS
    }
}

/// The address, the account and the name in a queue's URL. LocalStack calls this machine by a name of its own.
fn parts(url: &str) -> Option<(SocketAddr, &str, &str)> {
    let (authority, path) = url.strip_prefix("http://")?.split_once('/')?;
    let (account, name) = path.rsplit_once('/').map(|(path, name)| (path.rsplit('/').next().unwrap_or(path), name))?;
    let (host, port) = authority.rsplit_once(':')?;
    let is_here = host == "localhost" || host.ends_with(".localhost.localstack.cloud");
    let address = format!("{}:{port}", if is_here { "127.0.0.1" } else { host }).parse().ok()?;
    (!account.is_empty() && !name.is_empty()).then_some((address, account, name))
}

/// The name of a queue beside `name`, of the same type.
fn beside(name: &str, what: &str) -> String {
    match name.strip_suffix(".fifo") {
        Some(base) => format!("{base}-{what}.fifo"),
        None => format!("{name}-{what}"),
    }
}

fn client(address: SocketAddr) -> aws_sdk_sqs::Client {
    let credentials = Credentials::new(TEST_ACCESS_KEY_ID, TEST_SECRET_ACCESS_KEY, None, None, "local");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(residency::REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(transport::loopback(address));
    aws_sdk_sqs::Client::new(&config.build())
}

//! kokunai beside its peers: each contender is a process of its own, against the same stand-ins, in turns.
//!
//! `cargo bench-peers` builds and installs the contenders below `target/`, measures them, and prints one table in Markdown; `--only
//! kokunai,bare` leaves the others out, and `--rounds 21` sets how often each is measured.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]

mod authority;
mod client;
mod contender;
mod figures;
mod measures;
mod options;
mod prepare;
mod sandbox;
mod table;

use authority::Authority;
use contender::Contender;
use figures::Figures;
use options::Options;
use std::error::Error;
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;

/// Before each contender, for the system to clear away the one before.
const PAUSE: Duration = Duration::from_millis(100);

/// What ends the benchmark.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Stand-ins and measurements share the machine with the contender, and so have one thread.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let Some(options) = Options::read()? else {
        println!("{}", options::USAGE);
        return Ok(());
    };
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
    std::fs::create_dir_all(&place)?;
    let place = place.canonicalize()?;
    prepare::all(&options.contenders, &place)?;
    let authority = Authority::create(&place)?;
    let mut columns: Vec<_> = options.contenders.into_iter().map(|it| (it, Figures::default())).collect();
    for (contender, figures) in &mut columns {
        std::fs::File::create(sandbox::log(*contender, &place))?;
        if let Some(size) = prepare::zipped(*contender, &place)? {
            figures.add(figures::Kind::Artifact, size);
        }
    }
    // Whoever interrupts the benchmark ends the contender too, which is in a process group of its own.
    tokio::select! {
        measured = measure(options.rounds, &mut columns, &authority, &place) => measured?,
        interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
    }
    println!("{}", table::markdown(options.rounds, &columns));
    Ok(())
}

async fn measure(
    rounds: usize,
    columns: &mut [(Contender, Figures)],
    authority: &Authority,
    place: &Path,
) -> Result<(), Failure> {
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        // In an order of its own, so that nobody always comes after the one that leaves the machine as it does.
        let mut order: Vec<_> = columns.iter_mut().collect();
        fastrand::shuffle(&mut order);
        for (contender, figures) in order {
            sleep(PAUSE).await;
            let problem = |error| format!("{}: {error} (see target/peers/{0}.log)", contender.name());
            measures::round(*contender, authority, place, figures).await.map_err(problem)?;
        }
        // A run that is cut short leaves the table of its whole rounds.
        std::fs::write(place.join("table.md"), table::markdown(round, columns))?;
    }
    Ok(())
}

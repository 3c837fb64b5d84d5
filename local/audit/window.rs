//! The calls that are remembered, so that each is counted once: those of the days that were read last.

use super::call::Call;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use time::Date;

/// How many days are remembered: the one that is being read, and a week, within which CloudTrail issues records again.
///
/// The days that were read last, and not those before the newest: folders of several accounts come one after another, each
/// from its beginning, and CloudTrail itself tells the newest first.
const DAYS: usize = 8;

/// What stands for the ID of a record or a call. IDs are remembered as nothing else.
pub(super) type Fingerprint = [u8; 16];

/// The fingerprint of an ID. `kind` keeps IDs of records and of calls apart.
pub(super) fn fingerprint(kind: &str, id: &str) -> Fingerprint {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(id).finalize();
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(&digest[..size_of::<Fingerprint>()]);
    fingerprint
}

/// The calls of a few days, by the IDs of everything that was read of them.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The day that was read last is the last one.
    days: Vec<Remembered>,
}

#[derive(Debug)]
struct Remembered {
    day: Option<Date>,
    places: HashMap<Fingerprint, usize>,
    calls: Vec<Call>,
}

impl Window {
    /// The call that goes by any of these IDs, which from now on goes by all of them; a new one of `day`, if there is none.
    pub(super) fn call(&mut self, ids: &[Fingerprint], day: Option<Date>) -> &mut Call {
        let (at, place) = self.find(ids).unwrap_or_else(|| self.begin(day));
        self.days[at..].rotate_left(1);
        let last = self.days.len() - 1;
        let remembered = &mut self.days[last];
        for id in ids {
            remembered.places.entry(*id).or_insert(place);
        }
        &mut remembered.calls[place]
    }

    /// Where a call is: its day, and its place in it.
    fn find(&self, ids: &[Fingerprint]) -> Option<(usize, usize)> {
        // Mostly it is of the day that is being read.
        self.days.iter().enumerate().rev().find_map(|(at, remembered)| {
            let place = ids.iter().find_map(|id| remembered.places.get(id));
            place.map(|place| (at, *place))
        })
    }

    /// Begins a call of `day`; if it is the first one, another day is forgotten.
    fn begin(&mut self, day: Option<Date>) -> (usize, usize) {
        let at = self.days.iter().position(|remembered| remembered.day == day).unwrap_or_else(|| {
            if self.days.len() == DAYS {
                self.days.remove(0);
            }
            self.days.push(Remembered { day, places: HashMap::new(), calls: Vec::new() });
            self.days.len() - 1
        });
        let calls = &mut self.days[at].calls;
        calls.push(Call::default());
        (at, calls.len() - 1)
    }
}

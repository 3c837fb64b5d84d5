//! The records in a stream of bytes, one after another: no more than one of them is ever in memory.

use super::ration::{LONGEST_RECORD, Rationed};
use flate2::bufread::MultiGzDecoder;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind};

/// The byte that every gzip file begins with, and no JSON.
const GZIP: u8 = 0x1f;

/// The members of which every record has at least one.
const OF_A_RECORD: [&str; 4] = ["\"eventSource\"", "\"eventID\"", "\"eventName\"", "\"eventVersion\""];

/// What records are given to: the JSON text of one, and the time in its envelope.
pub(super) type Take<'t> = dyn FnMut(&str, Option<&str>) + 't;

/// Reads every record, or as many as there are before the fault that is returned. After a text that is not JSON, the
/// reading goes on with the next line that can begin a document.
pub(super) fn read(mut bytes: impl BufRead, take: &mut Take<'_>) -> Result<(), String> {
    if bytes.fill_buf().map_err(|error| told(&error))?.first() == Some(&GZIP) {
        return documents(BufReader::new(MultiGzDecoder::new(bytes)), take);
    }
    documents(bytes, take)
}

fn documents(bytes: impl BufRead, take: &mut Take<'_>) -> Result<(), String> {
    let (left, mut fault, mut is_empty) = (Cell::new(LONGEST_RECORD), None, true);
    let mut text = Rationed::new(bytes, &left);
    while text.skip_space().map_err(|error| told(&error))? {
        is_empty = false;
        left.set(LONGEST_RECORD);
        let line = text.line();
        let outcome = Document { take, left: &left }.deserialize(&mut serde_json::Deserializer::from_reader(&mut text));
        match outcome.map_err(|error| (error.classify(), error)) {
            Ok(()) => {}
            Err((Category::Syntax | Category::Data, error)) => {
                fault.get_or_insert_with(|| format!("what begins in line {line} cannot be read: {}", reason(&error)));
                text.skip_to_document().map_err(|error| told(&error))?;
            }
            Err((Category::Eof, _)) => return Err("is cut off".to_owned()),
            Err((Category::Io, error)) => return Err(told(&error.into())),
        }
    }
    match fault {
        None if is_empty => Err("is empty".to_owned()),
        None => Ok(()),
        Some(fault) => Err(fault),
    }
}

/// A fault of the bytes below.
fn told(error: &io::Error) -> String {
    if error.kind() == ErrorKind::UnexpectedEof {
        "is cut off".to_owned()
    } else if [ErrorKind::InvalidInput, ErrorKind::InvalidData].contains(&error.kind()) {
        format!("is damaged: {error}")
    } else {
        error.to_string()
    }
}

/// What is wrong with a text, without the place, which is counted from the beginning of the document.
fn reason(error: &serde_json::Error) -> String {
    let error = error.to_string();
    error.split(" at line ").next().unwrap_or(&error).to_owned()
}

/// One JSON document: CloudTrail's file with its list, EventBridge's envelope, or a record.
struct Document<'d, 't> {
    take: &'d mut Take<'t>,
    left: &'d Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of CloudTrail")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        // What it is shows only at its end, unless a list of records comes first. Names and values stay as they were written.
        let mut members: Vec<(Box<RawValue>, Box<RawValue>)> = Vec::new();
        while let Some(name) = map.next_key::<Box<RawValue>>()? {
            if name.get() == "\"Records\"" {
                map.next_value_seed(Records { take: self.take, left: self.left })?;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(());
            }
            if name.get() == "\"Events\"" {
                map.next_value_seed(Events { take: self.take, left: self.left })?;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(());
            }
            members.push((name, map.next_value()?));
        }
        let member = |name: &str| members.iter().find(|(it, _)| it.get() == name).map(|(_, value)| value.get());
        if member("\"detail-type\"").is_some() {
            let time = member("\"time\"").and_then(|time| serde_json::from_str::<String>(time).ok());
            (self.take)(member("\"detail\"").unwrap_or("null"), time.as_deref());
        } else if OF_A_RECORD.iter().all(|name| member(name).is_none()) {
            // Whatever it is, to pass over it would be to vouch for it.
            return Err(serde::de::Error::custom("it is no record of CloudTrail"));
        } else {
            let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
            (self.take)(&format!("{{{}}}", members.join(",")), None);
        }
        Ok(())
    }
}

/// What CloudTrail's answer to a look-up has in place of records: each is in a text.
struct Events<'d, 't> {
    take: &'d mut Take<'t>,
    left: &'d Cell<usize>,
}

/// One of them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LookedUp {
    cloud_trail_event: String,
}

impl<'de> DeserializeSeed<'de> for Events<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Events<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of looked-up events")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while let Some(event) = list.next_element::<LookedUp>()? {
            (self.take)(&event.cloud_trail_event, None);
            self.left.set(LONGEST_RECORD);
        }
        Ok(())
    }
}

/// The list in a file of CloudTrail.
struct Records<'d, 't> {
    take: &'d mut Take<'t>,
    left: &'d Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Records<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Records<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while let Some(record) = list.next_element::<Box<RawValue>>()? {
            (self.take)(record.get(), None);
            self.left.set(LONGEST_RECORD);
        }
        Ok(())
    }
}

//! The files to read: what is named, and what lies in folders, in the order of the names.

use super::progress::Progress;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The folders that CloudTrail writes beside those of calls: digests, by which its files can be verified, and insights. The names
/// of the files in them have the same word between underscores.
const NO_CALLS: [&str; 2] = ["CloudTrail-Digest", "CloudTrail-Insight"];

/// Standard input, on a command line.
const STANDARD_INPUT: &str = "-";

/// Something that was found under one of the paths.
pub(super) enum Found {
    Input(Input),
    Skipped,
    /// It is not there, or may not be read.
    Lost {
        name: String,
        fault: String,
    },
}

/// Something to read.
pub(super) enum Input {
    Standard,
    File(PathBuf),
}

/// Everything under the paths, in order.
pub(super) fn files(paths: &[PathBuf]) -> impl Iterator<Item = Found> {
    paths.iter().flat_map(|path| -> Box<dyn Iterator<Item = Found>> {
        if path.as_os_str() == STANDARD_INPUT {
            return Box::new(std::iter::once(Found::Input(Input::Standard)));
        }
        let walk = WalkDir::new(path).follow_links(true).sort_by_file_name();
        Box::new(walk.into_iter().filter_map(|entry| match entry {
            Ok(entry) => found(&entry),
            Err(error) => Some(lost(path, &error)),
        }))
    })
}

/// How many bytes there are to read, as far as that is known.
pub(super) fn size(paths: &[PathBuf]) -> u64 {
    let size = |found| match found {
        Found::Input(Input::File(path)) => std::fs::metadata(path).map_or(0, |it| it.len()),
        Found::Input(Input::Standard) | Found::Skipped | Found::Lost { .. } => 0,
    };
    files(paths).map(size).sum()
}

fn found(entry: &DirEntry) -> Option<Found> {
    let (kind, is_named) = (entry.file_type(), entry.depth() == 0);
    // Whoever names a pipe wants it read; in a folder it would be waited for.
    if kind.is_dir() || !(kind.is_file() || is_named) {
        return None;
    }
    let is_hidden = !is_named && entry.file_name().as_encoded_bytes().starts_with(b".");
    // The folders above what was named, and its own name, are the caller's and say nothing.
    let is_beside = entry.path().iter().rev().take(entry.depth()).any(is_folder_without_calls);
    let is_skipped = is_hidden || is_beside || is_file_without_calls(entry.file_name());
    Some(if is_skipped { Found::Skipped } else { Found::Input(Input::File(entry.path().to_owned())) })
}

fn is_folder_without_calls(name: &OsStr) -> bool {
    NO_CALLS.iter().any(|it| name == *it)
}

fn is_file_without_calls(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    NO_CALLS.iter().any(|it| name.contains(&format!("_{it}_")))
}

fn lost(path: &Path, error: &walkdir::Error) -> Found {
    let name = error.path().unwrap_or(path).display().to_string();
    let fault = error.io_error().map_or_else(|| "is a link that leads back to itself".to_owned(), ToString::to_string);
    Found::Lost { name, fault }
}

impl Input {
    /// What it is called in a report.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Standard => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Opens it; what is read of it is shown.
    pub(super) fn open(&self, progress: &Progress) -> Result<Box<dyn BufRead>, String> {
        match self {
            Self::Standard => Ok(Box::new(BufReader::new(progress.watch(stdin())))),
            Self::File(path) => {
                let file = File::open(path).map_err(|error| error.to_string())?;
                Ok(Box::new(BufReader::new(progress.watch(file))))
            }
        }
    }
}

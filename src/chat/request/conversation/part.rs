//! The parts of a message: texts, images and files.

use super::super::block::{Block, Source};
use super::super::object;
use crate::error::Error;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The images that the model sees.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// The files that it reads.
const FILES: [&str; 1] = ["application/pdf"];

/// What a message of the user's is made of.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) blocks: Vec<Block<'a>>,
    /// Whether it says how closely to look at an image, which the model decides for itself.
    pub(super) has_detail: bool,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    refusal: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    image_url: Option<&'a RawValue>,
    #[serde(borrow, default)]
    file: Option<&'a RawValue>,
    #[serde(borrow, default)]
    input_audio: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ImageUrl<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow, default)]
    detail: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, default)]
    filename: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    file_data: Cow<'a, str>,
    #[serde(default)]
    file_id: Option<serde::de::IgnoredAny>,
}

/// Content that may have texts, images and files.
pub(super) fn parts<'a>(content: &'a RawValue, path: &str) -> Result<Parts<'a>, Error> {
    let mut parts = Parts::default();
    each(content, path, |part, path| {
        let part = match part.kind.as_ref() {
            "image_url" => image(part.image_url, path, &mut parts.has_detail).map(Some),
            "file" => file(part.file, path).map(Some),
            _ => text(part, path, &["text"], "must be text, image_url or file"),
        };
        parts.blocks.extend(part?);
        Ok(())
    })?;
    Ok(parts)
}

/// Content that has texts only.
pub(super) fn texts<'a>(content: &'a RawValue, path: &str) -> Result<Vec<Block<'a>>, Error> {
    let mut blocks = Vec::new();
    each(content, path, |part, path| {
        blocks.extend(text(part, path, &["text", "refusal"], "must be text")?);
        Ok(())
    })?;
    Ok(blocks)
}

/// Takes each part to `take`; a string is one part.
fn each<'a>(
    content: &'a RawValue,
    path: &str,
    mut take: impl FnMut(Part<'a>, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    if content.get().starts_with('"') {
        let text = serde_json::from_str::<Text<'_>>(content.get())
            .map_err(|_| Error::invalid(path, "must be Unicode text; half of a surrogate pair is none"))?;
        let kind = Cow::Borrowed("text");
        let whole = Part { kind, text: Some(text.0), refusal: None, image_url: None, file: None, input_audio: None };
        return take(whole, path);
    }
    let parts: Vec<&'a RawValue> =
        serde_json::from_str(content.get()).map_err(|_| Error::invalid(path, "must be a string or a list of parts"))?;
    for (index, part) in parts.into_iter().enumerate() {
        let path = format!("{path}.{index}");
        let part: Part<'_> = object::read(part, &path)?;
        part.refuse_the_rest(&path)?;
        take(part, &path)?;
    }
    Ok(())
}

impl Part<'_> {
    /// Refuses what belongs to a part of another type.
    fn refuse_the_rest(&self, path: &str) -> Result<(), Error> {
        let members = [
            ("text", self.text.is_some()),
            ("refusal", self.refusal.is_some()),
            ("image_url", self.image_url.is_some()),
            ("file", self.file.is_some()),
            ("input_audio", self.input_audio.is_some()),
        ];
        match members.into_iter().find(|(name, is_there)| *is_there && self.kind != *name) {
            Some((name, _)) => {
                Err(Error::invalid(&format!("{path}.{name}"), "is not of this type of part; leave it out"))
            }
            None => Ok(()),
        }
    }
}

/// A text that is borrowed where it can be.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn text<'a>(part: Part<'a>, path: &str, kinds: &[&str], rule: &str) -> Result<Option<Block<'a>>, Error> {
    if !kinds.contains(&part.kind.as_ref()) {
        return Err(Error::invalid(&format!("{path}.type"), rule));
    }
    let text = if part.kind == "refusal" { part.refusal } else { part.text };
    let text = text.ok_or_else(|| Error::invalid(&format!("{path}.text"), "is missing"))?;
    Ok(Block::text(text))
}

fn image<'a>(image: Option<&'a RawValue>, path: &str, has_detail: &mut bool) -> Result<Block<'a>, Error> {
    let path = format!("{path}.image_url");
    let image = image.ok_or_else(|| Error::invalid(&path, "is missing"))?;
    let ImageUrl { url, detail } = object::read(image, &path)?;
    *has_detail |= detail.is_some_and(|detail| detail != "auto");
    let source = Source::read(url, &format!("{path}.url"), &IMAGES)?;
    Ok(Block::Image { source, cache_control: None })
}

fn file<'a>(file: Option<&'a RawValue>, path: &str) -> Result<Block<'a>, Error> {
    let path = format!("{path}.file");
    let file = file.ok_or_else(|| Error::invalid(&path, "is missing"))?;
    let File { filename, file_data, file_id } = object::read(file, &path)?;
    if file_id.is_some() {
        return Err(Error::invalid(&format!("{path}.file_id"), "names a file that is kept elsewhere; send file_data"));
    }
    let source = Source::read(file_data, &format!("{path}.file_data"), &FILES)?;
    Ok(Block::Document { source, title: filename, cache_control: None })
}

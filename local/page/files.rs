//! The page's files, which are compiled into the local server and into nothing else.

/// A file as a browser gets it.
pub(super) struct File {
    name: &'static str,
    pub(super) content_type: &'static str,
    pub(super) text: &'static str,
}

/// A file of `local/page/files/`.
macro_rules! file {
    ($name:literal, $content_type:literal) => {
        File { name: $name, content_type: $content_type, text: include_str!(concat!("files/", $name)) }
    };
}

/// What is served at `/`.
pub(super) const PAGE: File = file!("page.html", "text/html; charset=utf-8");

/// What the page loads.
const FILES: [File; 12] = [
    file!("page.css", "text/css; charset=utf-8"),
    file!("tables.css", "text/css; charset=utf-8"),
    file!("icon.svg", "image/svg+xml"),
    file!("page.js", "text/javascript; charset=utf-8"),
    file!("language.js", "text/javascript; charset=utf-8"),
    file!("words.js", "text/javascript; charset=utf-8"),
    file!("elements.js", "text/javascript; charset=utf-8"),
    file!("messages.js", "text/javascript; charset=utf-8"),
    file!("arrivals.js", "text/javascript; charset=utf-8"),
    file!("playground.js", "text/javascript; charset=utf-8"),
    file!("prompts.js", "text/javascript; charset=utf-8"),
    file!("record.js", "text/javascript; charset=utf-8"),
];

/// The file with this name.
pub(super) fn named(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

//! OpenAI's Chat Completions, translated into the Messages language and back: pure functions, one file for each direction.
//!
//! ```text
//! Chat Completions ── request.rs ──▶ Messages request ── prompt.rs, claude.rs ──▶ Messages answer ── answer.rs ──▶ completion
//!                                                                             └──▶ events ────────── stream.rs ──▶ chunks
//! ```

mod answer;
mod request;
mod stream;

pub use answer::completion;
pub use request::{PromptCache, Terms, Translated, translate};
pub use stream::Chunks;

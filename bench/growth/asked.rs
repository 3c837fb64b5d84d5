//! What is asked: the series of questions, each with a size that grows.

use serde_json::{Value, json};

/// Series that are drawn side by side.
pub(crate) struct Chart {
    /// The end of the file's name.
    pub(crate) file: &'static str,
    pub(crate) title: &'static str,
    /// What the size is a size of.
    pub(crate) axis: &'static str,
    pub(crate) series: &'static [Series],
}

/// One kind of question, at several sizes.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    pub(crate) sizes: &'static [u32],
    pub(crate) asks: fn(u32) -> Question,
    /// How its memory may grow.
    pub(crate) memory: Memory,
}

/// What a size counts, and to how many of them a time is reckoned.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Bytes,
    Chunks,
    Prompts,
}

/// How the memory of a series may grow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Memory {
    InProportion,
    NotAtAll,
}

/// What is posted, and how often at once.
pub(crate) struct Question {
    pub(crate) body: Value,
    pub(crate) at_once: usize,
    /// How many bytes of answer there are at least.
    pub(crate) answer: usize,
    /// The variables of the function's process, beside Lambda's own.
    pub(crate) variables: &'static [(&'static str, &'static str)],
}

const ANSWERS: &[u32] = &[1_000, 10_000, 100_000, 1_000_000, 5_000_000, 20_000_000];

/// Up to what Lambda takes in one event, less its envelope.
const PROMPTS: &[u32] = &[1_000, 10_000, 100_000, 1_000_000, 3_000_000, 6_000_000];

/// Of pictures, which are seldom smaller.
const PICTURES: &[u32] = &[100_000, 300_000, 1_000_000, 3_000_000, 6_000_000];

/// The largest picture: Bedrock takes 3.75 MB of one, which is 5 MB of base64.
const PICTURE: usize = 3_000_000;

const CHUNKS: &[u32] = &[1, 10, 100, 500, 1_000, 2_000];
const AT_ONCE: &[u32] = &[1, 2, 4, 8, 16, 32, 64];

/// Everything that is measured.
pub(crate) const CHARTS: &[Chart] = &[
    Chart {
        file: "answers",
        title: "Answers, whole and streamed",
        axis: "size of the answer",
        series: &[
            Series { name: "whole answers", asks: whole_answer, memory: Memory::InProportion, ..BYTES_OF_ANSWER },
            Series { name: "streamed answers", asks: streamed_answer, memory: Memory::NotAtAll, ..BYTES_OF_ANSWER },
        ],
    },
    Chart {
        file: "prompts",
        title: "Prompts of text and of pictures",
        axis: "size of the prompt",
        series: &[
            Series { name: "text", sizes: PROMPTS, asks: text, memory: Memory::InProportion, unit: Unit::Bytes },
            Series {
                name: "pictures",
                sizes: PICTURES,
                asks: pictures,
                memory: Memory::InProportion,
                unit: Unit::Bytes,
            },
        ],
    },
    Chart {
        file: "chunks",
        title: "Streams of many chunks",
        axis: "chunks of text in the stream",
        series: &[Series { name: "chunks", sizes: CHUNKS, asks: chunks, memory: Memory::NotAtAll, unit: Unit::Chunks }],
    },
    Chart {
        file: "at-once",
        title: "Prompts at once in one process",
        axis: "prompts at once, each answered in 100 chunks",
        series: &[Series {
            name: "prompts at once",
            sizes: AT_ONCE,
            asks: at_once,
            memory: Memory::InProportion,
            unit: Unit::Prompts,
        }],
    },
];

const BYTES_OF_ANSWER: Series =
    Series { name: "", unit: Unit::Bytes, sizes: ANSWERS, asks: whole_answer, memory: Memory::InProportion };

fn whole_answer(bytes: u32) -> Question {
    Question { answer: bytes as usize, ..question(&json!(format!("stand-in: size {bytes}")), false) }
}

fn streamed_answer(bytes: u32) -> Question {
    Question { answer: bytes as usize, ..question(&json!(format!("stand-in: size {bytes}")), true) }
}

fn text(bytes: u32) -> Question {
    let words = "国内で問い、国内で答える。 Asked and answered in Japan.\n";
    let text: String = words
        .chars()
        .cycle()
        .scan(0, |length, character| {
            *length += character.len_utf8();
            (*length <= bytes as usize).then_some(character)
        })
        .collect();
    shortly_answered(vec![json!({ "type": "text", "text": text })])
}

fn pictures(bytes: u32) -> Question {
    let picture = |data: &[u8]| {
        let data = String::from_utf8_lossy(data);
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": data } })
    };
    // Four characters of base64 stand for three bytes.
    shortly_answered(vec![b'A'; bytes as usize / 4 * 4].chunks(PICTURE).map(picture).collect())
}

/// A question of these blocks, and a command to answer it in a few words.
fn shortly_answered(mut blocks: Vec<Value>) -> Question {
    blocks.push(json!({ "type": "text", "text": "stand-in: size 100" }));
    question(&json!(blocks), false)
}

fn chunks(chunks: u32) -> Question {
    question(&json!(format!("stand-in: chunks {chunks}")), true)
}

fn at_once(prompts: u32) -> Question {
    let variables = &[("AWS_LAMBDA_MAX_CONCURRENCY", "64")];
    Question { at_once: prompts as usize, variables, ..question(&json!("stand-in: chunks 100"), true) }
}

fn question(content: &Value, stream: bool) -> Question {
    let messages = json!([{ "role": "user", "content": content }]);
    let body = json!({ "max_tokens": 1000, "stream": stream, "messages": messages });
    Question { body, at_once: 1, answer: 1, variables: &[] }
}

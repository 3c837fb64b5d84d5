//! Each rule of a message, with what just keeps it and what just breaks it.

use super::*;

fn allowed(name: &str, data_type: &str, value: &'static str) -> bool {
    let attribute = Attribute { data_type: data_type.to_owned(), value: value.into() };
    check(&Draft::new("x").attribute(name, attribute), &QueueSettings::default(), false).is_ok()
}

#[test]
fn the_names_of_attributes_are_plain_and_not_amazons() {
    for name in ["a", "a.b-c_D9", "awsome", "Amazonia.x", &"n".repeat(256)] {
        assert!(allowed(name, "String", "x"), "{name}");
    }
    for name in ["", "AWS.a", "aWs.", "Amazon.a", ".a", "a.", "a..b", "a b", "a!", "a(", &"n".repeat(257)] {
        assert!(!allowed(name, "String", "x"), "{name}");
    }
}

#[test]
fn the_types_of_attributes_are_three_with_labels() {
    for data_type in ["String", "String.uuid", "Binary", "Binary.png", "Number.int"] {
        assert!(allowed("a", data_type, "1"), "{data_type}");
    }
    for data_type in ["Text", "string", "String.", "Stringent", "", &format!("String.{}", "l".repeat(256))] {
        assert!(!allowed("a", data_type, "1"), "{data_type}");
    }
}

#[test]
fn the_values_of_attributes_are_not_empty_and_fit_their_type() {
    for (data_type, value) in [("Number", "-1.5e3"), ("Binary", "\u{8}"), ("String", "日本")] {
        assert!(allowed("a", data_type, value), "{value}");
    }
    let long = "123456789012345678901234567890123456789";
    for (data_type, value) in
        [("Number", "six"), ("Number", "NaN"), ("Number", long), ("String", "\u{8}"), ("Binary", ""), ("String", "")]
    {
        assert!(!allowed("a", data_type, value), "{value}");
    }
}

#[test]
fn a_body_has_the_characters_of_xml() {
    let taken = |body: &str| check(&Draft::new(body), &QueueSettings::default(), false).is_ok();
    for body in ["\t\n\r ", "\u{D7FF}\u{E000}\u{FFFD}\u{10000}\u{10FFFF}"] {
        assert!(taken(body), "{body:?}");
    }
    for body in ["\0", "\u{b}", "\u{1f}", "\u{FFFE}", "\u{FFFF}"] {
        assert!(!taken(body), "{body:?}");
    }
}

//! Every field, label and price of the log is on the operator's page, in both languages, and nothing else is; and queries ask for fields.

use crate::stage::{root, text};
use kokunai::cost::Prices;
use kokunai::error::Kind;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What the page calls things in each language.
struct Page {
    file: &'static str,
    fields: &'static str,
    labels: &'static str,
    costs: &'static str,
    types: [(&'static str, &'static str); 5],
}

const PAGES: [Page; 2] = [
    Page {
        file: "docs/operations.md",
        fields: "### Fields",
        labels: "### Labels",
        costs: "### Costs",
        types: [
            ("string", "string"),
            ("integer", "integer"),
            ("number", "number"),
            ("boolean", "boolean"),
            ("object", "object"),
        ],
    },
    Page {
        file: "docs/operations.ja.md",
        fields: "### フィールド",
        labels: "### ラベル",
        costs: "### 費用",
        types: [
            ("string", "文字列"),
            ("integer", "整数"),
            ("number", "数値"),
            ("boolean", "真偽値"),
            ("object", "オブジェクト"),
        ],
    },
];

/// The rows of the tables under a heading, cell by cell, by the name in the first one.
fn rows(page: &Page, heading: &str) -> BTreeMap<String, Vec<String>> {
    let text = text(page.file);
    let lines = text.lines().skip_while(|line| *line != heading).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with("| `"));
    let mut rows = BTreeMap::new();
    for line in lines {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        let name = cells[1].trim_matches('`').to_owned();
        assert!(rows.insert(name, cells[2..cells.len() - 1].to_vec()).is_none(), "{}: twice: {line}", page.file);
    }
    rows
}

fn fields() -> BTreeMap<String, Value> {
    let schema: Value = serde_json::from_str(&text("docs/log-line.schema.json")).unwrap();
    schema["$defs"].as_object().unwrap().clone().into_iter().collect()
}

#[test]
fn every_field_of_the_schema_is_told_with_its_type_and_no_other_is() {
    let fields = fields();
    for page in PAGES {
        let rows = rows(&page, page.fields);
        assert_eq!(rows.keys().collect::<Vec<_>>(), fields.keys().collect::<Vec<_>>(), "{}", page.file);
        for (name, cells) in &rows {
            let [kind, unit, meaning, present] = &cells[..] else { panic!("{}: {name}: {cells:?}", page.file) };
            let (_, known) = page.types.iter().find(|(known, _)| fields[name]["type"] == *known).unwrap();
            assert_eq!((kind.as_str(), unit.is_empty()), (*known, fields[name]["unit"].is_null()), "{name}");
            assert!(!meaning.is_empty() && !present.is_empty(), "{}: {name}", page.file);
        }
    }
}

#[test]
fn every_label_is_told_with_its_status_and_who_acts() {
    let labels: BTreeMap<_, _> = Kind::ALL.iter().map(|kind| (kind.row().label, kind.row().status)).collect();
    for page in PAGES {
        let rows = rows(&page, page.labels);
        assert_eq!(rows.keys().collect::<Vec<_>>(), labels.keys().collect::<Vec<_>>(), "{}", page.file);
        for (label, cells) in &rows {
            let [status, _, meaning, who] = &cells[..] else { panic!("{}: {label}: {cells:?}", page.file) };
            assert_eq!(*status, labels[label.as_str()].to_string(), "{}: {label}", page.file);
            assert!(!meaning.is_empty() && !who.is_empty(), "{}: {label}", page.file);
        }
    }
}

#[test]
fn every_price_is_the_one_that_is_worked_out_with() {
    let Prices { input, output, cache_write_5m, cache_write_1h, cache_read } = Prices::JP;
    let prices = [
        ("input", input),
        ("output", output),
        ("cache_write_5m", cache_write_5m),
        ("cache_write_1h", cache_write_1h),
        ("cache_read", cache_read),
    ];
    for page in PAGES {
        let rows = rows(&page, page.costs);
        assert_eq!(rows.len(), prices.len(), "{}", page.file);
        for (name, price) in prices {
            assert_eq!(rows[name][0].parse(), Ok(price), "{}: {name}", page.file);
        }
    }
}

/// The texts of the queries that the template saves, by their names.
fn saved() -> BTreeMap<String, String> {
    let template = text("template.yaml");
    let queries = template.split("    Type: AWS::Logs::QueryDefinition\n").skip(1).map(|query| {
        let name = query.split("${AWS::StackName}/").nth(1).unwrap().split('"').next().unwrap();
        let lines = query.split("      QueryString: |-\n").nth(1).unwrap().lines();
        let lines = lines.map_while(|line| line.strip_prefix("        "));
        (name.to_owned(), lines.map(|line| format!("{line}\n")).collect())
    });
    queries.collect()
}

#[test]
fn every_saved_query_has_a_file_with_the_same_text() {
    let files = std::fs::read_dir(root().join("docs/queries")).unwrap().map(|file| file.unwrap().path());
    let read = |file: PathBuf| {
        let name = file.file_name().unwrap().to_str().unwrap().strip_suffix(".logs-insights").unwrap();
        (name.to_owned(), std::fs::read_to_string(&file).unwrap())
    };
    let files: BTreeMap<_, _> = files.map(read).collect();
    assert_eq!(files, saved());
    assert!(files.len() > 4, "{files:?}");
}

/// Logs Insights' own words in the queries.
const WORDS: [&str; 16] = [
    "filter", "fields", "stats", "sort", "limit", "display", "by", "as", "asc", "desc", "and", "or", "not", "like",
    "sum", "count",
];

/// The fields of lines that a query names: not texts, notes, commands, functions, numbers, what it names itself, or what begins with
/// `@`, which is CloudWatch's.
fn fields_of(query: &str) -> BTreeSet<String> {
    let without_notes = query.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join(" ");
    let without_texts = without_notes.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let spaced = without_texts.replace('(', "( ");
    let is_part = |it: char| it.is_alphanumeric() || ['_', '.', '@', '('].contains(&it);
    let words: Vec<_> = spaced.split(|it| !is_part(it)).filter(|word| !word.is_empty()).collect();
    let own: BTreeSet<_> = words.windows(2).filter(|pair| pair[0] == "as").map(|pair| pair[1]).collect();
    let fields = words.iter().filter(|word| !WORDS.contains(word) && !own.contains(*word));
    let fields = fields.filter(|word| !word.ends_with('(') && !word.starts_with('@') && word.parse::<u32>().is_err());
    fields.map(|word| (*word).to_owned()).collect()
}

#[test]
fn every_query_asks_for_fields_that_lines_have() {
    let known: BTreeSet<_> = fields().into_keys().collect();
    for (name, query) in saved() {
        let fields = fields_of(&query);
        assert!(fields.len() > 3, "{name}: {fields:?}");
        let unknown: Vec<_> = fields.difference(&known).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
    }
}

#[test]
fn the_fields_of_a_query_are_told_from_its_other_words() {
    let query = "# a note\nfilter ispresent(a_b) and c like \"d e\" | stats sum(`h.i`) as j,\n  count(*) as k by g\n| sort @timestamp desc | limit 20";
    assert_eq!(fields_of(query), ["a_b", "c", "g", "h.i"].map(str::to_owned).into());
}

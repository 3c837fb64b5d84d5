//! The shapes that records come in, and what is left of those that are broken.

use super::{Folder, event_record, list, record, report, report_in};
use flate2::Compression;
use flate2::write::GzEncoder;
use kokunai::audit::judge;
use std::io::Write;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn every_event_file_is_judged_as_its_record_is() {
    let mut files = 0;
    for entry in std::fs::read_dir(crate::stage::root().join("events")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(file) = name.strip_prefix("audit-").and_then(|name| name.strip_suffix(".json")) else { continue };
        files += 1;
        let record = event_record(file);
        let judged = judge(&record);
        let report = report(&["--json", &format!("events/{name}")]).await;
        let document = report.document();
        let [tokyo, osaka, unverified, violations, denied] = report.counts();
        let malformed = document["records"]["malformed"].as_u64().unwrap();
        let others = ["another_service", "another_operation"].map(|it| document["records"][it].as_u64().unwrap());
        let expected = |name: &str| u64::from(judged.verdict.name() == name);
        assert_eq!(tokyo + osaka, expected("proved"), "{name}");
        let rest = [unverified, violations, denied, malformed, others.iter().sum()];
        assert_eq!(rest, ["unverified", "violation", "denied", "malformed", "none"].map(expected), "{name}");
        let status = if violations > 0 { 1 } else { 2 * i32::try_from(malformed).unwrap() };
        assert_eq!(report.status, status, "{name}");
        if violations > 0 {
            assert_eq!(document["violations"][0]["reason"], judged.verdict.reason().unwrap(), "{name}");
        }
    }
    assert!(files > 20, "{files}");
}

#[tokio::test]
async fn every_shape_gives_the_same_counts() {
    let files = ["invoke-model", "converse", "foreign-region", "denied", "no-region"];
    let records = files.map(record);
    let lines = records.each_ref().map(|record| record.to_string() + "\n").concat();
    let envelopes = files.map(|file| crate::stage::event(&format!("audit-{file}"))).concat();
    let (one, rest) = (list(&records[..1]), list(&records[1..]));
    let extra =
        list(&records).replace("{\"Records\"", "{\"before\":[1,{}],\"Records\"").replace("]}", "],\"after\":{}}");
    let looked_up = serde_json::json!({ "Events": records.each_ref().map(|it| {
        serde_json::json!({ "EventId": it["eventID"], "ReadOnly": "true", "CloudTrailEvent": it.to_string() })
    }) });
    for (shape, bytes) in [
        ("a list", list(&records).into_bytes()),
        ("a list in gzip", gzip(&list(&records))),
        ("several members of gzip", [gzip(&one), gzip("\n"), gzip(&rest)].concat()),
        ("one record a line", lines.clone().into_bytes()),
        ("one record a line, as Windows ends it, and blank lines", lines.replace('\n', "\r\n\r\n").into_bytes()),
        ("one record a line in gzip", gzip(&lines)),
        ("one after another", lines.replace('\n', "").into_bytes()),
        ("envelopes of EventBridge over many lines", envelopes.into_bytes()),
        ("several lists, one a line", format!("{one}\n{rest}\n").into_bytes()),
        ("a list with more beside it", extra.into_bytes()),
        ("what a look-up prints", looked_up.to_string().into_bytes()),
        ("a list over many lines", format!("{:#}", serde_json::json!({ "Records": records })).into_bytes()),
    ] {
        // A name says nothing about what is in a file.
        for name in ["x.json", "x.json.gz"] {
            let folder = Folder::new();
            let report = report(&["--json", &folder.put(name, &bytes)]).await;
            assert_eq!((report.status, report.counts()), (1, [1, 1, 1, 1, 1]), "{shape}: {}", report.stderr);
        }
    }
    let report = report_in(&[], &["--json", "-"], list(&[])).await;
    assert_eq!((report.status, report.counts()), (2, [0; 5]), "nothing was judged");
    assert!(report.stderr.contains("no call of a model was found"), "{}", report.stderr);
}

#[tokio::test]
async fn of_a_broken_file_what_could_be_read_counts() {
    let records = [record("invoke-model"), record("converse")];
    let whole = list(&records);
    let cut = &whole[..whole.len() - 40];
    let packed = gzip(&whole);
    let mut damaged = packed.clone();
    damaged.truncate(packed.len() - 8);
    damaged.extend([0; 8]);
    let mut not_utf_8 = format!("{}\n", records[0]).into_bytes();
    not_utf_8.extend(b"{\"eventSource\":\"\x93\xfa\"}\n");
    for (what, bytes, counts, fault) in [
        ("a list that is cut off", cut.as_bytes().to_vec(), [0, 1, 0, 0, 0], "is cut off"),
        ("gzip around one", gzip(cut), [0, 1, 0, 0, 0], "is cut off"),
        ("gzip without its end", packed[..packed.len() - 4].to_vec(), [1, 1, 0, 0, 0], "is cut off"),
        ("gzip with a wrong sum", damaged, [1, 1, 0, 0, 0], "is damaged"),
        ("what only begins like gzip", b"\x1f\x8b\x00 and then a text".to_vec(), [0; 5], "is damaged"),
        (
            "gzip, and then something else",
            [packed.clone(), b"and then a text".to_vec()].concat(),
            [1, 1, 0, 0, 0],
            "is damaged",
        ),
        ("no JSON", b"day,calls\n2026-11-23,7\n".to_vec(), [0; 5], "what begins in line 1 cannot be read"),
        ("a list of something else", b"[1, 2]".to_vec(), [0; 5], "an object of CloudTrail"),
        ("no list of records", b"{\"Records\": {}}".to_vec(), [0; 5], "a list of records"),
        ("some other document", b"{\"name\": \"kokunai\", \"version\": 1}".to_vec(), [0; 5], "no record of CloudTrail"),
        ("an empty object", b"{}".to_vec(), [0; 5], "no record of CloudTrail"),
        ("nothing", Vec::new(), [0; 5], "is empty"),
        ("a line that is not UTF-8", not_utf_8, [0, 1, 0, 0, 0], "what begins in line 2"),
    ] {
        let folder = Folder::new();
        let path = folder.put("broken", &bytes);
        let report = report(&["--json", &path]).await;
        assert_eq!((report.status, report.counts()), (2, counts), "{what}: {}", report.stderr);
        let unreadable = report.unreadable();
        assert!(unreadable.len() == 1 && unreadable[0].0 == path, "{what}: {unreadable:?}");
        assert!(unreadable[0].1.contains(fault), "{what}: {unreadable:?}");
        assert!(report.stderr.contains(&path), "{what}: {}", report.stderr);
    }
}

#[tokio::test]
async fn a_broken_line_or_a_malformed_record_loses_none_beside_it() {
    let lines = [
        event_record("invoke-model"),
        "{\"eventSource\": oh no}".to_owned(),
        "neither".to_owned(),
        event_record("malformed"),
        event_record("converse"),
    ];
    let report = report_in(&[], &["--json", "-"], lines.join("\n")).await;
    assert_eq!((report.status, report.counts()), (2, [1, 1, 0, 0, 0]));
    assert!(report.unreadable()[0].1.contains("line 2"), "{:?}", report.unreadable());
    assert_eq!(report.document()["records"]["malformed"], 1);
    let records = [record("malformed"), 7.into(), record("invoke-model"), "x".into(), record("converse")];
    let report = report_in(&[], &["--json", "-"], list(&records)).await;
    assert_eq!((report.status, report.counts()), (2, [1, 1, 0, 0, 0]), "what cannot be judged is counted");
    assert_eq!(report.document()["records"]["malformed"], 3);
}

#[tokio::test]
async fn a_violation_is_told_beside_an_unreadable_file() {
    let folder = Folder::new();
    let broken = folder.put("broken", "oh no");
    let report = report(&["events/audit-foreign-region.json", &broken]).await;
    assert_eq!(report.status, 1);
    assert!(report.stdout.contains("inference_region") && report.stdout.contains("1 not read to the end"));
    assert!(report.stdout.contains(&broken) && report.stderr.contains(&broken), "{}", report.stdout);
}

#[tokio::test]
async fn a_record_without_an_end_does_not_fill_the_memory() {
    let endless = format!("{{\"Records\":[{},{{\"x\":\"{}", event_record("invoke-model"), "x".repeat(9 << 20));
    let report = report_in(&[], &["--json", "-"], endless).await;
    assert_eq!((report.status, report.counts()), (2, [0, 1, 0, 0, 0]));
    assert!(report.unreadable()[0].1.contains("has no record within"), "{:?}", report.unreadable());
}

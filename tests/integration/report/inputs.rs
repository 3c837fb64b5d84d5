//! Which files are read, and in which order.

use super::{Folder, event_record, list, record, report, report_in};
use serde_json::json;

#[tokio::test]
async fn folders_are_read_in_the_order_of_their_names_with_everything_in_them() {
    let folder = Folder::new();
    let mut names = Vec::new();
    for (number, name) in
        ["2026/11/02/b.json", "2026/11/01/z.json", "2026/11/10/a.json", "2026/11/02/a.json"].iter().enumerate()
    {
        let mut violation = record("foreign-region");
        violation["eventID"] = (*name).into();
        violation["requestID"] = format!("request-{number}").into();
        folder.put(name, list(&[violation]));
        names.push(*name);
    }
    names.sort_unstable();
    let document = report(&["--json", folder.path()]).await.document();
    let read = document["violations"].as_array().unwrap().iter();
    assert_eq!(read.map(|it| it["event_id"].as_str().unwrap()).collect::<Vec<_>>(), names);
}

#[tokio::test]
async fn digests_insights_and_hidden_files_are_skipped_and_counted() {
    let folder = Folder::new();
    folder.put("CloudTrail/a.json", list(&[record("invoke-model")]));
    folder.put("CloudTrail-Digest/ap-northeast-1/a.json.gz", "{\"digestStartTime\":\"2026-11-23T06:00:00Z\"}");
    folder.put("CloudTrail-Insight/a.json", "{}");
    folder.put("CloudTrail/.DS_Store", "\0\0\0\u{1}Bud1");
    let digest = folder.put("123456789012_CloudTrail-Digest_ap-northeast-1_x.json.gz", "{}");
    let report = report(&["--json", folder.path(), &digest]).await;
    assert_eq!((report.status, report.counts()), (0, [0, 1, 0, 0, 0]), "{}", report.stderr);
    assert_eq!(report.document()["sources"], json!({ "read": 1, "skipped": 5, "unreadable": [] }));
}

#[tokio::test]
async fn what_is_named_is_read_whatever_it_lies_in() {
    let folder = Folder::new();
    let violation = list(&[record("foreign-region")]);
    folder.put("CloudTrail-Insight/trail/a.json", &violation);
    folder.put("CloudTrail-Insights-and-more/a.json", &violation);
    for named in ["CloudTrail-Insight/trail", "CloudTrail-Insight", "CloudTrail-Insights-and-more", ""] {
        let report = report(&["--json", &format!("{}/{named}", folder.path())]).await;
        assert_eq!((report.status, report.counts()), (1, [0, 0, 0, 1, 0]), "{named}: {}", report.stdout);
    }
}

#[tokio::test]
async fn an_audit_of_nothing_is_no_pass() {
    let folder = Folder::new();
    let empty = report(&["--json", folder.path()]).await;
    assert_eq!((empty.status, empty.counts()), (2, [0; 5]));
    folder.put("a.json", list(&[record("another-service")]));
    let others = report(&["--json", folder.path()]).await;
    assert_eq!(others.status, 0, "a quiet day is one");
    for report in [empty, others] {
        assert!(report.stderr.contains("no call of a model was found"), "{}", report.stderr);
    }
}

#[tokio::test]
async fn what_is_not_there_is_named_and_costs_nothing_else() {
    let folder = Folder::new();
    let proved = folder.put("a.json", list(&[record("invoke-model")]));
    let missing = format!("{}/none.json", folder.path());
    let report = report(&["--json", &missing, &proved]).await;
    assert_eq!((report.status, report.counts()), (2, [0, 1, 0, 0, 0]));
    assert_eq!(report.unreadable()[0].0, missing);
    assert!(report.stderr.contains(&missing), "{}", report.stderr);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_that_leads_back_ends_the_walk_and_not_the_report() {
    let folder = Folder::new();
    folder.put("a/a.json", list(&[record("invoke-model")]));
    std::os::unix::fs::symlink(folder.path(), format!("{}/a/back", folder.path())).unwrap();
    let report = report(&["--json", folder.path()]).await;
    assert_eq!((report.status, report.counts()), (2, [0, 1, 0, 0, 0]));
    assert!(report.unreadable()[0].1.contains("leads back"), "{:?}", report.unreadable());
}

#[tokio::test]
async fn standard_input_is_read_where_it_is_named() {
    let report = report_in(&[], &["--json", "events/audit-converse.json", "-"], event_record("invoke-model")).await;
    assert_eq!((report.status, report.counts()), (0, [1, 1, 0, 0, 0]));
    let report = report_in(&[], &["--json", "-"], "").await;
    assert_eq!(report.unreadable(), [("standard input".to_owned(), "is empty".to_owned())]);
}

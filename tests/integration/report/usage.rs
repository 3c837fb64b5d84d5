//! The command line: who may ask, what is explained, and what is refused.

use super::{event_record, record, report, report_in};
use crate::stage::example;
use serde_json::Value;
use tokio::process::Command;

#[tokio::test]
async fn a_principal_is_known_by_its_role_or_by_its_own_arn() {
    let session = "arn:aws:sts::123456789012:assumed-role/reports-role/nightly";
    let mut call = record("invoke-model");
    for (principal, role, unknown) in [
        (session, "reports-role", 0),
        (session, "arn:aws:iam::123456789012:role/reports-role", 0),
        (session, "arn:aws:iam::123456789012:role/of/a/team/reports-role", 0),
        (session, "arn:aws:sts::123456789012:assumed-role/reports-role/weekly", 0),
        (session, "arn:aws:iam::210987654321:role/reports-role", 1),
        (session, "reports", 1),
        (session, "nightly", 1),
        ("arn:aws:iam::123456789012:user/analyst", "arn:aws:iam::123456789012:user/analyst", 0),
        ("arn:aws:iam::123456789012:user/analyst", "analyst", 1),
        ("arn:aws:iam::123456789012:root", "reports-role", 1),
    ] {
        call["userIdentity"]["arn"] = principal.into();
        let report = report_in(&[], &["-", "--json", "--role", "somebody", "--role", role], call.to_string()).await;
        assert_eq!(report.document()["totals"]["unknown_roles"], unknown, "{principal}: {role}");
    }
    let report = report_in(&[], &["-", "--json"], call.to_string()).await;
    assert_eq!(report.document()["totals"]["unknown_roles"], Value::Null);
    let denied = report_in(&[], &["-", "--json", "--role", "somebody"], event_record("denied")).await;
    assert_eq!(denied.document()["totals"]["unknown_roles"], 0, "nobody answered");
}

#[tokio::test]
async fn help_is_given_and_bad_usage_is_refused_with_it() {
    let help = report(&["--help"]).await;
    assert!(help.status == 0 && help.stdout.contains("Exit status: 1 if there is a violation"), "{}", help.stdout);
    let document = report(&["--json", "events/audit-global-profile.json"]).await.document();
    let violation = &document["violations"][0];
    for object in [&document, &document["days"][0], &document["records"], &document["sources"], violation] {
        for name in object.as_object().unwrap().keys() {
            assert!(help.stdout.contains(name.as_str()), "{name} is not in the help");
        }
    }
    for (arguments, told) in [
        (&[][..], "takes files or folders, or --lookup"),
        (&["--lookup", "x"], "--lookup takes no files"),
        (&["--days", "3", "x"], "--days is for --lookup"),
        (&["--lookup", "--days", "91"], "1 to 90"),
        (&["--lookup", "--days", "0"], "1 to 90"),
        (&["x", "--zone", "Tokyo"], "--zone takes an offset"),
        (&["x", "--role", "a role"], "--role takes the name"),
        (&["x", "--fast"], "--fast"),
    ] {
        let refused = report(arguments).await;
        assert!(refused.status == 2 && refused.stdout.is_empty(), "{arguments:?}");
        assert!(refused.stderr.contains(told) && refused.stderr.contains("--zone OFFSET"), "{}", refused.stderr);
    }
    let general = Command::new(example("local")).arg("--help").output().await.unwrap();
    assert!(String::from_utf8(general.stdout).unwrap().contains("cargo local audit --help"));
}

//! The invariants of the architecture, kept by reading the sources.

use crate::stage::{root, text};
use std::path::Path;

/// Every source file with its code: what stands above `#[cfg(test)]`, without comments.
pub(crate) fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    assert!(files.len() > 15);
    files
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let code: String =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            files.push((name, code));
        }
    }
}

/// Asserts that only files which begin with one of `owners` contain one of `words`, and that each owner does.
#[track_caller]
fn only(owners: &[&str], words: &[&str]) {
    for (name, code) in sources() {
        for word in words.iter().filter(|word| code.contains(**word)) {
            assert!(owners.iter().any(|owner| name.starts_with(owner)), "{name} says {word}");
        }
    }
    for owner in owners {
        let says =
            |(name, code): &(String, String)| name.starts_with(owner) && words.iter().any(|word| code.contains(word));
        assert!(sources().iter().any(says), "{owner} no longer says any of {words:?}: is this test still true?");
    }
}

#[test]
fn only_claude_names_the_bedrock_sdk() {
    only(&["src/claude"], &["aws_sdk_bedrockruntime"]);
    only(&["src/queue/delivery.rs"], &["aws_sdk_sqs"]);
    only(&["src/once"], &["aws_sdk_dynamodb"]);
    only(&["src/authoriser/usage_plan.rs"], &["aws_sdk_apigateway"]);
    only(&["src/profile/control_plane.rs"], &["aws_sdk_bedrock::"]);
}

#[test]
fn only_the_doors_name_the_lambda_events() {
    only(&["src/http/", "src/queue"], &["aws_lambda_events"]);
}

#[test]
fn only_settings_reads_the_environment() {
    only(&["src/settings.rs"], &["std::env", "env::var"]);
}

#[test]
fn only_telemetry_prints() {
    only(
        &["src/telemetry"],
        &[
            "println!",
            "print!",
            "dbg!",
            "stdout",
            "stderr",
            "tracing::info!",
            "tracing::warn!",
            "tracing::error!",
            "tracing::debug!",
            "tracing::trace!",
            "tracing::event!",
        ],
    );
}

#[test]
fn only_residency_spells_a_region_a_profile_or_a_host() {
    only(&["src/residency"], &["ap-northeast", "us-east", "amazonaws", "jp.anthropic", "anthropic.claude", "global."]);
}

#[test]
fn nothing_in_the_source_knows_that_a_stand_in_exists() {
    for (name, code) in sources() {
        for word in ["stand_in", "stand-in", "127.0.0.1", "localhost", "http://"] {
            assert!(!code.contains(word), "{name} says {word}");
        }
    }
}

#[test]
fn the_test_servers_are_no_dependency_of_the_artifact() {
    let manifest = text("Cargo.toml");
    let production = manifest.split("[dev-dependencies]").next().unwrap();
    for name in ["stand-ins =", "proptest", "hyper-util", "lexopt"] {
        assert!(!production.contains(name), "{name}");
    }
}

#[test]
fn the_release_profile_unwinds() {
    let manifest = text("Cargo.toml");
    let release = manifest.split("[profile.release]").nth(1).unwrap().split("\n[").next().unwrap();
    assert!(release.lines().any(|line| line.trim() == r#"panic = "unwind""#), "{release}");
}

#[test]
fn every_file_opens_with_one_sentence() {
    for (name, _) in sources() {
        let text = text(&name);
        assert!(text.starts_with("//! "), "{name}");
        let first: Vec<_> = text.lines().take_while(|line| line.starts_with("//! ")).collect();
        assert!(first.join(" ").contains('.') && first.len() <= 3, "{name}: {first:?}");
    }
}

#[test]
fn the_client_is_built_from_constants_and_behind_the_guard() {
    let wiring = text("src/wiring.rs");
    for part in [
        ".region(Region::from_static(residency::REGION))",
        ".endpoint_url(passage.endpoint())",
        ".http_client(residency::guarded(self.transport.clone(), passage))",
        ".endpoint_url(url.origin())",
        ".http_client(residency::guarded_answer(self.transport.clone(), url.clone()))",
    ] {
        assert!(wiring.contains(part), "{part}");
    }
    // No other file gives a client a way past the guard, or an endpoint of its own.
    only(&["src/wiring"], &[".http_client(", ".endpoint_url(", ".region("]);
    let claude = text("src/claude.rs");
    for (file, passage) in [
        ("claude", "Passage::Bedrock(counting)"),
        ("once", "Passage::DynamoDb"),
        ("queue/delivery", "Passage::Sqs"),
        ("authoriser/usage_plan", "Passage::UsagePlanKeys"),
        ("profile/control_plane", "Passage::ControlPlane"),
    ] {
        assert!(text(&format!("src/{file}.rs")).contains(&format!("wiring.config({passage})")), "{file}");
    }
    let calls = claude.matches(".model_id(").count();
    assert_eq!(
        (calls, claude.matches(".model_id(residency::").count()),
        (3, 3),
        "every model that is named is a constant"
    );
    assert_eq!(claude.matches("residency::MODEL_ID").count(), 1, "only a count names the bare model");
}

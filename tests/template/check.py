"""Checks that template.yaml deploys what kokunai promises, and that mistakes in it would be noticed."""

import sys
from collections.abc import Callable, Iterator

import access
import access_logs
import access_mistakes
import alarms
import alarms_mistakes
import api
import audit
import dashboard
import encryption
import functions
import gateway_responses
import keys
import keys_mistakes
import memory
import network
import queries
import queues
import residency
import trail
from settings import EVERYTHING, EVERYTHING_WITH_KEYS, SETTINGS
from tools import checkov, describe, lint, sam_validate
from translation import TEMPLATE, Check, mistaken, translate, yaml_parse
from whole import WHOLE

SUBJECTS = (
    residency,
    access,
    api,
    keys,
    gateway_responses,
    access_logs,
    functions,
    queues,
    memory,
    audit,
    alarms,
    dashboard,
    queries,
    trail,
    encryption,
    network,
)
PROMISES = [promise for subject in SUBJECTS for promise in subject.PROMISES]
BROKEN = [
    mistake
    for subject in (*SUBJECTS, access_mistakes, alarms_mistakes, keys_mistakes)
    for mistake in getattr(subject, "MISTAKES", ())
]

# What cfn-lint has to find: the text, what it becomes, and the resource and the key that it is found at.
LINTED = (
    ("Runtime: provided.al2023", "Runtime: provided.al2024", ("ApiFunction", "Runtime")),
    ("Architectures: [arm64]", "Architectures: [arm65]", ("WorkerFunction", "Architectures")),
    ("VisibilityTimeout: 1800", "VisibilityTimeout: 299", ("PromptQueue", "VisibilityTimeout")),
    ("Action: [bedrock:InvokeModel,", "Action: [bedrock:InvokeModle,", ("ModelPolicy", "Action")),
    ("Action: bedrock:GetInferenceProfile", "Action: bedrock:GetInferenceProfiles", ("AuditRole", "Action")),
    ("State: ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "State: ENABLED_WITH_ALL", ("BedrockRecords", "State")),
    ("TreatMissingData: breaching", "TreatMissingData: alarming", ("ProfileUncheckedAlarm", "TreatMissingData")),
    ("SSEAlgorithm: !If [HasKey, aws:kms, AES256]", "SSEAlgorithm: AES-256", ("TrailBucket", "SSEAlgorithm")),
)


# And checkov: the text, what it becomes, and what is found.
SCANNED = (
    ("EnableLogFileValidation: true", "EnableLogFileValidation: false", "CKV_AWS_36 AWS::CloudTrail::Trail.Trail"),
    ("BlockPublicPolicy: true", "BlockPublicPolicy: false", "CKV_AWS_54 AWS::S3::Bucket.TrailBucket"),
    ("        - id: CKV_AWS_111\n", "        - id: CKV_AWS_110\n", "CKV_AWS_111 AWS::IAM::ManagedPolicy.NetworkPolicy"),
)


def noticed_by_lint(text: str, old: str, new: str, spot: tuple[str, str]) -> Iterator[str]:
    findings = lint(translate(mistaken(text, old, new), SETTINGS[0]))
    resource, key = spot
    paths = [finding["Location"]["Path"] for finding in findings]
    if not any(path[:2] == ["Resources", resource] and key in path for path in paths):
        yield from (f"nothing was found at {resource} {key}", *map(describe, findings))


def nothing_is_found_by_checkov(text: str) -> Iterator[str]:
    """Whoever may call the API."""
    left_out = []
    for settings in (EVERYTHING, EVERYTHING_WITH_KEYS):
        found, skipped = checkov(translate(text, settings))
        left_out += skipped
        yield from found
    told = [f"{it['id']} of {name}" for name, it in suppressions(text)]
    # A suppression that nothing needs any more would hide what comes after it.
    yield from (it for it in told if not any(skipped.startswith(it.split()[0]) for skipped in left_out))


def every_suppression_has_its_reason(text: str) -> Iterator[str]:
    yield from (f"{it['id']} of {name}" for name, it in suppressions(text) if len(it.get("comment", "").split()) < 5)


def suppressions(text: str) -> Iterator[tuple[str, dict]]:
    for name, resource in yaml_parse(text)["Resources"].items():
        for it in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            yield name, it


def noticed_by_checkov(text: str, old: str, new: str, wanted: str) -> Iterator[str]:
    found, _ = checkov(translate(mistaken(text, old, new), EVERYTHING))
    if not any(wanted in finding for finding in found):
        yield f"it finds {found}, and not {wanted}"


def noticed_by_check(text: str, old: str, new: str, check: Check) -> Iterator[str]:
    broken = mistaken(text, old, new)
    if not any(problem for settings in SETTINGS for problem in check(translate(broken, settings), settings)):
        yield f"{sentence(check)!r} passes all the same"


def every_promise_can_be_broken() -> Iterator[str]:
    """A check that no mistake was made for might be one that cannot fail."""
    yield from (promise.__name__ for promise in PROMISES if promise not in [check for _, _, check in BROKEN])


def sentence(check: Callable) -> str:
    return check.__name__.replace("_s_", "'s ").replace("_", " ")


def short(text: str) -> str:
    return " ".join(text.split()) or "(nothing)"


def checks(text: str) -> Iterator[tuple[str, Callable[[], Iterator[str]]]]:
    """Every check by its name."""
    yield "sam validate --lint is clean", lambda: sam_validate(TEMPLATE)
    for settings in SETTINGS:
        template = translate(text, settings)
        yield f"{settings}: cfn-lint of the translated template is clean", lambda t=template: map(describe, lint(t))
        for check in PROMISES:
            yield f"{settings}: {sentence(check)}", lambda c=check, t=template, s=settings: c(t, s)
    for whole in WHOLE:
        yield sentence(whole), lambda c=whole: c(text)
    yield sentence(every_promise_can_be_broken), every_promise_can_be_broken
    for mistake in LINTED:
        yield f"cfn-lint notices {short(mistake[1])}", lambda m=mistake: noticed_by_lint(text, *m)
    yield "nothing is found by checkov", lambda: nothing_is_found_by_checkov(text)
    yield "every suppression has its reason", lambda: every_suppression_has_its_reason(text)
    for mistake in SCANNED:
        yield f"checkov notices {short(mistake[1])}", lambda m=mistake: noticed_by_checkov(text, *m)
    for mistake in BROKEN:
        name = f"{short(mistake[0])} -> {short(mistake[1])}"
        yield f"noticed: {name}", lambda m=mistake: noticed_by_check(text, *m)


def problems_of(check: Callable[[], Iterator[str]]) -> list[str]:
    try:
        return list(check())
    except Exception as error:  # A check that cannot be done has failed, and the others go on.
        return [f"{type(error).__name__}: {error}"]


def main() -> int:
    passed = failed = 0
    for name, check in checks(TEMPLATE.read_text()):
        problems = problems_of(check)
        print("FAILED" if problems else "ok", name, flush=True)
        for problem in problems:
            print("      ", problem)
        passed, failed = passed + (not problems), failed + bool(problems)
    print(f"{passed} passed, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())

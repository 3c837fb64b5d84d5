"""The audit: what reaches it, what it is told, and that nothing asks the model before it has checked the profile."""

import json
from collections.abc import Iterator

import networkx
from cfnlint.template import Template as CfnTemplate
from moto.events.models import EventPattern, EventPatternParser

from network import ENDPOINTS
from queries import commands_of
from settings import Settings
from translation import ASKING, AUDIT, ROOT, Check, Mistakes, Template, differs, of_type, properties

RECORDS = ("AWS API Call via CloudTrail", "AWS Service Event via CloudTrail")
TARGETS = [{"Id": "audit", "Arn": f"{AUDIT}.Arn"}]
# The daily check has none: a day without one rings an alarm.
UNDELIVERED = [{**TARGETS[0], "DeadLetterConfig": {"Arn": "AuditDeadLetterQueue.Arn"}}]
LETTERS = "AuditDeadLetterQueue"


def the_audit_is_told_nothing_of_prompts(template: Template, _: Settings) -> Iterator[str]:
    audit = properties(template, AUDIT)
    yield from differs("the audit's variables", audit["Environment"]["Variables"], {"LOG_LEVEL": "INFO"})


def the_audit_s_lines_are_always_written(template: Template, _: Settings) -> Iterator[str]:
    """Whatever LogLevel says: elsewhere it says WARN."""
    levels = {name: properties(template, name)["LoggingConfig"]["ApplicationLogLevel"] for name in (*ASKING, AUDIT)}
    yield from differs("the levels", levels, {**dict.fromkeys(ASKING, "WARN"), AUDIT: "INFO"})


def read_only_management_events_arrive(template: Template, _: Settings) -> Iterator[str]:
    rule = properties(template, "BedrockRecords")
    wanted = {"State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "Targets": UNDELIVERED}
    # Nothing else either: the records come on the default bus, and a role would invoke with other rights.
    found = {key: value for key, value in rule.items() if key not in ("Description", "EventPattern")}
    yield from differs("the rule", found, wanted)


def every_record_of_bedrock_arrives_and_no_other_event(template: Template, _: Settings) -> Iterator[str]:
    """Every event file, and each record of Bedrock once more as an event that is no record."""
    text = json.dumps(properties(template, "BedrockRecords")["EventPattern"])
    pattern = EventPattern(text, EventPatternParser(text).parse())
    files = {path.name: json.loads(path.read_text()) for path in sorted((ROOT / "events").glob("*.json"))}
    records = {name: event for name, event in files.items() if is_record(event)}
    changed = {
        f"{name}, changed": {**it, "detail-type": "Batch Inference Job State Change"} for name, it in records.items()
    }
    if not any(event["detail"].get("readOnly") for event in records.values() if isinstance(event["detail"], dict)):
        yield "no event file is a read-only record"
    for name, event in {**files, **changed}.items():
        yield from differs(f"whether {name} arrives", pattern.matches_event(event), is_record(event))


def is_record(event: dict) -> bool:
    return event.get("source") == "aws.bedrock" and event.get("detail-type") in RECORDS


def no_record_is_lost(template: Template, _: Settings) -> Iterator[str]:
    """Neither what the function fails at nor what it cannot be given, and each for as long as SQS keeps it."""
    wanted = {"FunctionName": AUDIT, "Qualifier": "$LATEST"}
    destination = {"DestinationConfig": {"OnFailure": {"Destination": f"{LETTERS}.Arn"}}}
    found = of_type(template, "AWS::Lambda::EventInvokeConfig")
    yield from differs("what becomes of failures", list(found.values()), [{**wanted, **destination}])
    kept = {"MaximumMessageSize": 1_048_576, "MessageRetentionPeriod": 14 * 86_400}
    found = {key: properties(template, LETTERS).get(key) for key in kept}
    yield from differs("the queue of what was not judged", found, kept)


def the_profile_is_checked_every_day(template: Template, _: Settings) -> Iterator[str]:
    rule = {key: value for key, value in properties(template, "DailyCheck").items() if key != "Description"}
    wanted = {"State": "ENABLED", "ScheduleExpression": "rate(1 day)", "Targets": TARGETS}
    yield from differs("the schedule", rule, wanted)


def the_profile_is_checked_at_deployment(template: Template, _: Settings) -> Iterator[str]:
    """Of another profile or model it is checked anew, because they are its properties."""
    japan = template["Mappings"]["Residency"]["Japan"]
    pin = {"Profile": japan["Profile"], "Model": japan["Model"]}
    wanted = {"ServiceToken": f"{AUDIT}.Arn", "ServiceTimeout": "120", **pin}
    found = properties(template, "ProfileCheck")
    yield from differs("the custom resource", found, wanted)
    yield from differs("its type", template["Resources"]["ProfileCheck"]["Type"], "Custom::InferenceProfileCheck")
    timeout = properties(template, AUDIT)["Timeout"]
    # Lambda tries a failed invocation again after a minute.
    if not 0 < 2 * timeout + 60 <= int(found.get("ServiceTimeout", 0)):
        yield f"CloudFormation gives up before a function that takes {timeout} s could be tried twice"


def the_request_in_the_event_file_is_the_template_s(template: Template, _: Settings) -> Iterator[str]:
    """It is what the function's own tests send."""
    event = json.loads((ROOT / "events" / "deployment-create.json").read_text())
    sent = {"ResourceProperties": {**event["ResourceProperties"], "ServiceToken": f"{AUDIT}.Arn"}}
    sent |= {key: event[key] for key in ("LogicalResourceId", "ResourceType")}
    resources = {name: it for name, it in template["Resources"].items() if it["Type"].startswith("Custom::")}
    asked = [
        {"LogicalResourceId": name, "ResourceType": it["Type"], "ResourceProperties": properties(template, name)}
        for name, it in resources.items()
    ]
    yield from differs("what CloudFormation sends", asked, [sent])


def nothing_asks_before_the_check(template: Template, _: Settings) -> Iterator[str]:
    """Neither functions nor the ways to them, nor may anything be missing that the check itself needs."""
    graph = CfnTemplate("template.json", template).graph.graph
    later, earlier = networkx.ancestors(graph, "ProfileCheck"), networkx.descendants(graph, "ProfileCheck")
    doors = (*ASKING, "WorkerFunctionPrompts", "Api", "ApiStage", "ApiInvokesFunction")
    yield from differs("what may be there before the check", sorted(set(doors) - later), [])
    needed = {AUDIT, "AuditRole", "AuditLogGroup", "TracePolicy", "KeyPolicy", "NetworkPolicy", *ENDPOINTS}
    yield from differs("what may be missing at the check", sorted(needed - earlier), [])


def the_saved_query_joins_prompts_with_proofs(template: Template, _: Settings) -> Iterator[str]:
    query = properties(template, "PromptsAndProofs")
    commands = commands_of(query)
    for field in ("bedrock.request_id", "residency.profile", "audit.verdict", "audit.region"):
        yield from differs(f"whether {field} is asked for", f"`{field}`" in commands, True)
    if "by `bedrock.request_id`" not in commands or '!= "service_event_tells"' not in commands:
        yield "it does not join by Bedrock's ID of the call, leaving out what only awaits a second record"


PROMISES: tuple[Check, ...] = (
    the_audit_is_told_nothing_of_prompts,
    the_audit_s_lines_are_always_written,
    read_only_management_events_arrive,
    every_record_of_bedrock_arrives_and_no_other_event,
    no_record_is_lost,
    the_profile_is_checked_every_day,
    the_profile_is_checked_at_deployment,
    the_request_in_the_event_file_is_the_template_s,
    nothing_asks_before_the_check,
    the_saved_query_joins_prompts_with_proofs,
)

A_STATE = "State: ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
A_PATTERN = "        source: [aws.bedrock]\n"
GATED = "    DependsOn: ProfileCheck\n    Metadata:\n"

MISTAKES: Mistakes = (
    ('          IDEMPOTENCY_TABLE: !Ref "AWS::NoValue"\n', "", the_audit_is_told_nothing_of_prompts),
    ("          LOG_LEVEL: INFO\n", "", the_audit_is_told_nothing_of_prompts),
    ("        ApplicationLogLevel: INFO\n", "", the_audit_s_lines_are_always_written),
    ("ApplicationLogLevel: !Ref LogLevel", "ApplicationLogLevel: INFO", the_audit_s_lines_are_always_written),
    (A_STATE, "State: ENABLED", read_only_management_events_arrive),
    (A_STATE, "State: DISABLED", read_only_management_events_arrive),
    (A_STATE, f"EventBusName: other\n      {A_STATE}", read_only_management_events_arrive),
    (A_PATTERN, "        source: [aws.bedrock, aws.s3]\n", every_record_of_bedrock_arrives_and_no_other_event),
    (", AWS Service Event via CloudTrail]", "]", every_record_of_bedrock_arrives_and_no_other_event),
    (
        "        detail-type: [AWS API Call via CloudTrail, AWS Service Event via CloudTrail]\n",
        "",
        every_record_of_bedrock_arrives_and_no_other_event,
    ),
    *(
        (A_PATTERN, f"{A_PATTERN}        detail: {narrower}\n", every_record_of_bedrock_arrives_and_no_other_event)
        for narrower in (
            "{eventSource: [bedrock.amazonaws.com]}",
            "{eventName: [InvokeModel, InvokeModelWithResponseStream, Converse, ConverseStream]}",
            "{readOnly: [true]}",
        )
    ),
    (
        "          DeadLetterConfig:\n            Arn: !GetAtt AuditDeadLetterQueue.Arn\n",
        "",
        read_only_management_events_arrive,
    ),
    (
        "            Destination: !GetAtt AuditDeadLetterQueue.Arn\n",
        "            Destination: !GetAtt PromptDeadLetterQueue.Arn\n",
        no_record_is_lost,
    ),
    ("MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600", no_record_is_lost),
    ("ScheduleExpression: rate(1 day)", "ScheduleExpression: rate(7 days)", the_profile_is_checked_every_day),
    ("      State: ENABLED\n", "      State: DISABLED\n", the_profile_is_checked_every_day),
    ('      ServiceTimeout: "120"\n', "", the_profile_is_checked_at_deployment),
    ('      ServiceTimeout: "120"\n', '      ServiceTimeout: "3600"\n', the_profile_is_checked_at_deployment),
    ("      Timeout: 30\n", "      Timeout: 60\n", the_profile_is_checked_at_deployment),
    (
        "      Profile: !FindInMap [Residency, Japan, Profile]\n      Model:",
        "      Profile: jp.anthropic\n      Model:",
        the_profile_is_checked_at_deployment,
    ),
    ("      Model: !FindInMap [Residency, Japan, Model]\n\n", "\n", the_profile_is_checked_at_deployment),
    (
        "Type: Custom::InferenceProfileCheck",
        "Type: Custom::ProfileCheck",
        the_request_in_the_event_file_is_the_template_s,
    ),
    ("ServiceToken: !GetAtt AuditFunction.Arn", "ServiceToken: !GetAtt ApiFunction.Arn", nothing_asks_before_the_check),
    ("${BedrockEndpoint} ${Bedrock", "${Bedrock", nothing_asks_before_the_check),
    (GATED, "    Metadata:\n", nothing_asks_before_the_check),
    ("    DependsOn: ProfileCheck\n    # The same as the API function's", "    #", nothing_asks_before_the_check),
    ("count(`residency.profile`)", "count(`residency.region`)", the_saved_query_joins_prompts_with_proofs),
    ("sortsLast(`audit.region`)", "sortsLast(`audit.source_region`)", the_saved_query_joins_prompts_with_proofs),
    ("by `bedrock.request_id`\n", "by `request_id`\n", the_saved_query_joins_prompts_with_proofs),
    ('!= "service_event_tells"', '!= "no_region"', the_saved_query_joins_prompts_with_proofs),
)

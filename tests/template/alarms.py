"""The alarms: that each is the one of the table, what it says, and that somebody hears it."""

import re
from collections.abc import Iterator

from alarms_table import table
from metrics import unknown
from settings import Settings
from translation import ROOT, Check, Template, differs, of_type, properties

# How the text of each alarm ends.
SECTION = 'See docs/operations.md, "When an alarm rings".'


def alarms(template: Template) -> dict[str, dict]:
    return of_type(template, "AWS::CloudWatch::Alarm")


def each_alarm_is_the_one_of_the_table(template: Template, settings: Settings) -> Iterator[str]:
    wanted = table(settings)
    yield from differs("the alarms", sorted(alarms(template)), sorted(wanted))
    for name, alarm in alarms(template).items():
        found = {key: value for key, value in alarm.items() if key != "AlarmDescription"}
        yield from differs(name, found, wanted.get(name))


def each_metric_is_one_that_somebody_writes(template: Template, _: Settings) -> Iterator[str]:
    for name, alarm in alarms(template).items():
        for metric in metrics(alarm):
            dimensions = tuple(it["Name"] for it in metric["Dimensions"])
            yield from unknown(name, metric["Namespace"], metric["MetricName"], dimensions)


def metrics(alarm: dict) -> list[dict]:
    watched = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    return watched or [alarm]


# Prompts that the API and the worker answered in a period, proofs of the audit, and whether that period counts. What is
# missing is None.
PERIODS = (
    ((None, None, None), False),
    ((3, None, None), True),
    ((None, 3, None), True),
    ((3, 2, 0), True),
    ((3, None, 1), False),
    ((None, 1, 5), False),
    ((0, 0, None), False),
    # Calls of others were proved.
    ((None, None, 4), False),
)


def an_hour_counts_that_has_prompts_and_no_proof(template: Template, _: Settings) -> Iterator[str]:
    """The expressions, worked out as Python, which writes these operators as CloudWatch does."""
    for name in ("ProofsMissingAlarm", "ProofsMissingDailyAlarm"):
        [expression] = (query["Expression"] for query in properties(template, name)["Metrics"] if "Expression" in query)
        for values, counts in PERIODS:
            series = dict(zip(("api", "worker", "proved"), values, strict=True))
            found = eval(expression, {"__builtins__": {}}, {**FUNCTIONS, **series})  # noqa: S307
            yield from differs(f"{name} of {values}", bool(found), counts)


FUNCTIONS = {
    "FILL": lambda value, filler: filler if value is None else value,
    "IF": lambda condition, one, other: one if condition else other,
}


def each_text_says_what_to_look_at_first(template: Template, _: Settings) -> Iterator[str]:
    for name, alarm in alarms(template).items():
        text = alarm.get("AlarmDescription", "")
        if "Look first" not in text or not text.endswith(SECTION) or not len(text) <= 1024:
            yield f"{name} says {text!r}"


def each_text_names_a_section_that_is_there(template: Template, _: Settings) -> Iterator[str]:
    named = {
        text for it in alarms(template).values() for text in re.findall(r'See (\S+), "(.+)"', it["AlarmDescription"])
    }
    for page, title in sorted(named):
        yield from differs(f"whether {page} has {title}", f"\n## {title}\n" in (ROOT / page).read_text(), True)


def each_saved_query_that_a_text_names_is_there(template: Template, _: Settings) -> Iterator[str]:
    saved = {query["Name"] for query in of_type(template, "AWS::Logs::QueryDefinition").values()}
    texts = [alarm["AlarmDescription"] for alarm in alarms(template).values()]
    named = {name for text in texts for name in re.findall(r'"(kokunai/[^"]+)"', text)}
    yield from differs("queries that are not saved", sorted(named - saved), [])


def missing_proofs_name_the_trail_first(template: Template, _: Settings) -> Iterator[str]:
    named = ("a trail", "CreateTrail=on", "BedrockRecords", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "LogLevel")
    for name in ("ProofsMissingAlarm", "ProofsMissingDailyAlarm"):
        text = properties(template, name)["AlarmDescription"]
        places = [text.find(word) for word in named]
        if -1 in places or places != sorted(places):
            yield f"{name} names {dict(zip(named, places))}"
    yield from differs("whether LogLevel tells", "blind" in template["Parameters"]["LogLevel"]["Description"], True)


def the_end_rings_when_its_line_becomes_a_warning(template: Template, _: Settings) -> Iterator[str]:
    source = (ROOT / "src" / "telemetry" / "profile.rs").read_text()
    [days] = re.findall(r"const SOON: u64 = (\d+);", source)
    text = properties(template, "ModelRetiringAlarm")["AlarmDescription"]
    yield from differs(f"whether the alarm speaks of {days} days", f"less than {days} days" in text, True)


def an_end_of_life_names_the_field_with_the_date(template: Template, _: Settings) -> Iterator[str]:
    for name in ("ModelLegacyAlarm", "ModelRetiringAlarm"):
        text = properties(template, name)["AlarmDescription"]
        yield from differs(f"whether {name} tells where the date is", "model.end_of_life" in text, True)


def a_new_stack_does_not_ring_for_want_of_a_check(template: Template, _: Settings) -> Iterator[str]:
    depends = template["Resources"]["ProfileUncheckedAlarm"].get("DependsOn")
    yield from differs("what the alarm waits for", depends, "ProfileCheck")


def the_alarms_write_to_whom_it_was_said(template: Template, settings: Settings) -> Iterator[str]:
    subscription = {"TopicArn": "AlarmTopic", "Protocol": "email", "Endpoint": settings.email}
    wanted = {"AlarmMail": subscription} if settings.email else {}
    yield from differs("the subscriptions", of_type(template, "AWS::SNS::Subscription"), wanted)
    # CloudWatch cannot publish to a topic that is encrypted with AWS's own key.
    key = {"KmsMasterKeyId": settings.key} if settings.key else {}
    yield from differs("the topics", of_type(template, "AWS::SNS::Topic"), {"AlarmTopic": key})


PROMISES: tuple[Check, ...] = (
    each_alarm_is_the_one_of_the_table,
    each_metric_is_one_that_somebody_writes,
    an_hour_counts_that_has_prompts_and_no_proof,
    each_text_says_what_to_look_at_first,
    each_text_names_a_section_that_is_there,
    each_saved_query_that_a_text_names_is_there,
    missing_proofs_name_the_trail_first,
    the_end_rings_when_its_line_becomes_a_warning,
    an_end_of_life_names_the_field_with_the_date,
    a_new_stack_does_not_ring_for_want_of_a_check,
    the_alarms_write_to_whom_it_was_said,
)

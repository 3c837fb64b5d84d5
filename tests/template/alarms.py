"""The alarms: what each watches, when it rings, what it says, and that somebody hears it."""

import re
from collections.abc import Iterator

from settings import Settings
from translation import ASKING, AUDIT, ROOT, Check, Template, differs, of_type, properties

HOUR, DAY = 3600, 86400

AT_LEAST = "GreaterThanOrEqualToThreshold"
BELOW = "LessThanThreshold"

UNPROVED = "IF(FILL(api, 0) + FILL(worker, 0) > 0, 1, 0) > FILL(proved, 0)"


# The table: under the name of an alarm all that it is made of, but for its text.


def table() -> dict[str, dict]:
    watched = (("api", "Answered", ASKING[0]), ("worker", "Answered", ASKING[1]), ("proved", "Proved", AUDIT))
    unproved = {"Id": "unproved", "Label": "Prompts without a proof", "Expression": UNPROVED}
    checked = {"Id": "filled", "Label": "Checks of the profile", "Expression": "FILL(checks, 0)"}
    first = {"Period": 60, "DatapointsToAlarm": 1}
    return {
        "ViolationAlarm": {**of_audit("Violations", "Sum"), **rings(5, AT_LEAST, 1, "notBreaching"), **first},
        **{
            name: {
                "Metrics": [*(of_metric(*metric, period) for metric in watched), unproved],
                **rings(periods, AT_LEAST, 1, "notBreaching"),
            }
            for name, period, periods in (("ProofsMissingAlarm", HOUR, 3), ("ProofsMissingDailyAlarm", DAY, 2))
        },
        "ProfileAlarm": {**of_audit("ProfileFailures", "Sum"), **rings(1, AT_LEAST, 1, "ignore")},
        "ProfileUncheckedAlarm": {
            "Metrics": [of_metric("checks", "ProfileChecks", AUDIT, DAY), checked],
            **rings(2, BELOW, 1, "breaching"),
        },
        "ModelLegacyAlarm": {**of_audit("Legacy", "Sum"), **rings(1, AT_LEAST, 1, "ignore")},
        "ModelRetiringAlarm": {**of_audit("Retiring", "Sum"), **rings(1, AT_LEAST, 1, "ignore")},
    }


def of_audit(metric: str, statistic: str) -> dict:
    return {**described(metric, AUDIT), "Statistic": statistic, "Period": HOUR}


def of_metric(identity: str, metric: str, function: str, period: int) -> dict:
    stat = {"Metric": described(metric, function), "Period": period, "Stat": "Sum"}
    return {"Id": identity, "ReturnData": False, "MetricStat": stat}


def described(metric: str, function: str) -> dict:
    return {"Namespace": "kokunai", "MetricName": metric, "Dimensions": [{"Name": "function", "Value": function}]}


def rings(periods: int, comparison: str, threshold: int, missing: str) -> dict:
    when = {"EvaluationPeriods": periods, "ComparisonOperator": comparison, "Threshold": threshold}
    return {**when, "TreatMissingData": missing, "AlarmActions": ["AlarmTopic"]}


def alarms(template: Template) -> dict[str, dict]:
    return of_type(template, "AWS::CloudWatch::Alarm")


# The checks.


def each_alarm_is_the_one_of_the_table(template: Template, _: Settings) -> Iterator[str]:
    wanted = table()
    yield from differs("the alarms", sorted(alarms(template)), sorted(wanted))
    for name, alarm in alarms(template).items():
        found = {key: value for key, value in alarm.items() if key != "AlarmDescription"}
        yield from differs(name, found, wanted.get(name))


def each_metric_is_one_that_the_functions_write(template: Template, _: Settings) -> Iterator[str]:
    source = (ROOT / "src" / "telemetry" / "format.rs").read_text()
    [listed] = re.findall(r"pub const METRICS: [^=]+= *\[([^\]]+)\]", source)
    written = set(re.findall(r'"(\w+)"', listed))
    [namespace], [dimension] = (
        re.findall(rf'pub const {name}: &str = "(\w+)"', source) for name in ("NAMESPACE", "DIMENSION")
    )
    for name, alarm in alarms(template).items():
        for metric in metrics(alarm):
            if metric["MetricName"] not in written:
                yield f"{name} watches {metric['MetricName']}, which no function writes"
            yield from differs(f"{name}'s namespace", metric["Namespace"], namespace)
            yield from differs(f"{name}'s dimensions", [it["Name"] for it in metric["Dimensions"]], [dimension])


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
        if "Look first" not in text or not len(text) <= 1024:
            yield f"{name} says {text!r}"


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
    yield from differs("the topics", of_type(template, "AWS::SNS::Topic"), {"AlarmTopic": {}})


PROMISES: tuple[Check, ...] = (
    each_alarm_is_the_one_of_the_table,
    each_metric_is_one_that_the_functions_write,
    an_hour_counts_that_has_prompts_and_no_proof,
    each_text_says_what_to_look_at_first,
    missing_proofs_name_the_trail_first,
    the_end_rings_when_its_line_becomes_a_warning,
    an_end_of_life_names_the_field_with_the_date,
    a_new_stack_does_not_ring_for_want_of_a_check,
    the_alarms_write_to_whom_it_was_said,
)

"""The dashboard: that it answers the questions of an operator, with figures that are there."""

import json
import re
from collections.abc import Iterator

from metrics import unknown
from settings import Settings
from translation import (
    ASKING,
    AUDIT,
    AUTHORISER,
    REGION,
    Check,
    Mistakes,
    Template,
    deployed,
    differs,
    of_type,
    properties,
)

API, WORKER = ASKING
BOTH = (API, WORKER)

# A search by label: the metrics of one name that one function counts, each label apart.
SEARCH = re.compile(r"""SEARCH\('\{(\w+),(\w+),"([\w.]+)"} MetricName="(\w+)" function="(\w+)"', 'Sum', 300\)""")

# The questions: a word of each title, and the metrics that answer it, with what they are counted of.
QUESTIONS = {
    "Is it up": {("Prompts", it) for it in BOTH} | {("Answered", it) for it in BOTH},
    "fails": {(metric, it) for metric in ("Errors", "Throttles", "Refused") for it in BOTH},
    "long": {("duration_ms", API), ("first_token_ms", API), ("bedrock.latency_ms", API)},
    "quota": {(it, of) for it in ("quota_reserved_tokens", "quota_tokens", "Throttles") for of in BOTH},
    "queue": {("ApproximateNumberOfMessagesVisible", "PromptQueue"), ("ApproximateAgeOfOldestMessage", "PromptQueue")},
    "left": {
        ("ApproximateNumberOfMessagesVisible", queue)
        for queue in ("PromptDeadLetterQueue", "AuditDeadLetterQueue", "ResultsQueue")
    },
    "24 hours": {(it, of) for it in ("cost_usd", "Prompts", "tokens.input", "tokens.output") for of in BOTH},
    "Japan": {("Proved", AUDIT), ("Violations", AUDIT), ("Unverified", AUDIT)} | {("Answered", it) for it in BOTH},
    "Gateway": {("Count", "kokunai"), ("4XXError", "kokunai"), ("5XXError", "kokunai")},
    "Lambda": {(it, of) for it in ("Errors", "Throttles") for of in (*BOTH, AUDIT)},
}

# And the function that is there with keys only.
OF_KEYS = {"Lambda": {("Errors", AUTHORISER), ("Throttles", AUTHORISER)}}


def widgets(template: Template, kind: str) -> list[dict]:
    body = json.loads(properties(template, "Dashboard")["DashboardBody"])
    return [widget for widget in body["widgets"] if widget["type"] == kind]


def series(widget: dict) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Of each line of a widget the namespace, the metric and the dimensions; of a search the label is any."""
    for row in widget["properties"]["metrics"]:
        if isinstance(row[0], dict):
            namespace, dimension, label, metric, function = SEARCH.fullmatch(row[0]["expression"]).groups()
            yield namespace, metric, {dimension: function, label: "*"}
        else:
            namespace, metric, *rest = (item for item in row if isinstance(item, str))
            yield namespace, metric, dict(zip(rest[::2], rest[1::2], strict=True))


def every_metric_of_the_dashboard_is_written(template: Template, _: Settings) -> Iterator[str]:
    for widget in widgets(template, "metric"):
        for namespace, metric, dimensions in series(widget):
            # By label are written those that are looked for by label.
            names = tuple(name for name in dimensions if name != "error.label")
            yield from unknown(widget["properties"]["title"], namespace, metric, names)


def every_function_and_queue_of_the_dashboard_is_there(template: Template, _: Settings) -> Iterator[str]:
    there = {*deployed(template), "kokunai", "prod", "*"}
    for widget in widgets(template, "metric"):
        named = {value.removesuffix(".QueueName") for *_, dimensions in series(widget) for value in dimensions.values()}
        yield from differs(f"unknown in {widget['properties']['title']!r}", sorted(named - there), [])
        yield from differs("the Region", widget["properties"]["region"], REGION)


def every_question_is_answered(template: Template, settings: Settings) -> Iterator[str]:
    keyed = OF_KEYS if settings.auth == "API_KEY" else {}
    shown = {}
    for widget in widgets(template, "metric"):
        answers = {(metric, next(iter(of.values())).removesuffix(".QueueName")) for _, metric, of in series(widget)}
        shown[widget["properties"]["title"]] = answers
    for word, wanted in QUESTIONS.items():
        [(title, answers)] = ((title, answers) for title, answers in shown.items() if word in title)
        yield from differs(f"what is missing in {title!r}", sorted((wanted | keyed.get(word, set())) - answers), [])


def the_latency_is_told_by_half_and_by_99_of_100(template: Template, _: Settings) -> Iterator[str]:
    [widget] = (it for it in widgets(template, "metric") if "long" in it["properties"]["title"])
    found = {(row[1], row[-1]["stat"]) for row in widget["properties"]["metrics"]}
    wanted = {(metric, stat) for metric in ("duration_ms", "first_token_ms") for stat in ("p50", "p99")}
    yield from differs("the statistics that are missing", sorted(wanted - found), [])


def every_alarm_is_on_the_dashboard(template: Template, _: Settings) -> Iterator[str]:
    shown = [arn for widget in widgets(template, "alarm") for arn in widget["properties"]["alarms"]]
    wanted = [f"{name}.Arn" for name in of_type(template, "AWS::CloudWatch::Alarm")]
    yield from differs("the alarms on the dashboard", sorted(shown), sorted(wanted))


def no_widget_lies_on_another(template: Template, _: Settings) -> Iterator[str]:
    """Each has its own squares of a grid that is 24 wide."""
    taken = set()
    for widget in [*widgets(template, "alarm"), *widgets(template, "metric")]:
        columns = range(widget["x"], widget["x"] + widget["width"])
        rows = range(widget["y"], widget["y"] + widget["height"])
        squares = {(column, row) for column in columns for row in rows}
        if squares & taken or columns.stop > 24:
            yield f"{widget['properties']['title']!r} has no place of its own"
        taken |= squares


PROMISES: tuple[Check, ...] = (
    every_metric_of_the_dashboard_is_written,
    every_function_and_queue_of_the_dashboard_is_there,
    every_question_is_answered,
    the_latency_is_told_by_half_and_by_99_of_100,
    every_alarm_is_on_the_dashboard,
    no_widget_lies_on_another,
)

MISTAKES: Mistakes = (
    ('["kokunai", "cost_usd",', '["kokunai", "cost",', every_metric_of_the_dashboard_is_written),
    ('"ApproximateAgeOfOldestMessage"', '"AgeOfOldestMessage"', every_metric_of_the_dashboard_is_written),
    ('MetricName=\\"Errors\\"', 'MetricName=\\"Error\\"', every_metric_of_the_dashboard_is_written),
    ('"QueueName", "${ResultsQueue', '"QueueName", "${Results', every_function_and_queue_of_the_dashboard_is_there),
    ('"function", "${WorkerFunction}"', '"function", "worker"', every_function_and_queue_of_the_dashboard_is_there),
    ('"region": "${AWS::Region}"', '"region": "us-east-1"', every_function_and_queue_of_the_dashboard_is_there),
    ('["kokunai", "Unverified",', '["kokunai", "Denied",', every_question_is_answered),
    ('MetricName=\\"Throttles\\"', 'MetricName=\\"Errors\\"', every_question_is_answered),
    ('"stat": "p99"', '"stat": "p90"', the_latency_is_told_by_half_and_by_99_of_100),
    (', "${AuditDeadLettersAlarm.Arn}"', "", every_alarm_is_on_the_dashboard),
    (
        "AuthoriserKeepsUp: !If\n            - TakesKeys\n",
        "AuthoriserKeepsUp: !If\n            - HasKey\n",
        every_question_is_answered,
    ),
    ("AuthoriserAlarm: !If [TakesKeys, ", "AuthoriserAlarm: !If [HasKey, ", every_alarm_is_on_the_dashboard),
    ('"x": 16,', '"x": 17,', no_widget_lies_on_another),
    ('"y": 9,', '"y": 8,', no_widget_lies_on_another),
)

"""The alarms: under the name of each, all that it is made of, but for its text."""

from settings import FIGURES, Settings
from translation import ASKING, AUDIT, AUTHORISER

MINUTE, HOUR, DAY = 60, 3600, 86400
FIVE_MINUTES, WEEK = 5 * MINUTE, 7 * DAY

AT_LEAST = "GreaterThanOrEqualToThreshold"
ABOVE = "GreaterThanThreshold"
BELOW = "LessThanThreshold"

UNPROVED = "IF(FILL(api, 0) + FILL(worker, 0) > 0, 1, 0) > FILL(proved, 0)"

API, WORKER = ASKING


def table(settings: Settings) -> dict[str, dict]:
    return {**of_residency(), **of_prompts(), **of_functions(settings), **of_queues()}


def of_residency() -> dict[str, dict]:
    answered = (("api", counted("Answered", API)), ("worker", counted("Answered", WORKER)))
    watched = (*answered, ("proved", counted("Proved", AUDIT)))
    unproved = computed("unproved", "Prompts without a proof", UNPROVED)
    checks = query("checks", counted("ProfileChecks", AUDIT), DAY)
    return {
        "ViolationAlarm": {**of_audit("Violations", MINUTE), **rings(5, AT_LEAST, 1, first=1)},
        "UnverifiedAlarm": {**of_audit("Unverified"), **rings(1, AT_LEAST, 1)},
        **{
            name: {
                "Metrics": [*(query(*metric, period) for metric in watched), unproved],
                **rings(periods, AT_LEAST, 1),
            }
            for name, period, periods in (("ProofsMissingAlarm", HOUR, 3), ("ProofsMissingDailyAlarm", DAY, 2))
        },
        "ProfileAlarm": {**of_audit("ProfileFailures"), **rings(1, AT_LEAST, 1, "ignore")},
        "ProfileUncheckedAlarm": {
            "Metrics": [checks, computed("filled", "Checks of the profile", "FILL(checks, 0)")],
            **rings(2, BELOW, 1, "breaching"),
        },
        "ModelLegacyAlarm": {**of_audit("Legacy"), **rings(1, AT_LEAST, 1, "ignore")},
        "ModelRetiringAlarm": {**of_audit("Retiring"), **rings(1, AT_LEAST, 1, "ignore")},
    }


def of_prompts() -> dict[str, dict]:
    rate = computed("rate", "Failed prompts, in percent", "100 * errors / prompts")
    throttles = [query("api", counted("Throttles", API)), query("worker", counted("Throttles", WORKER))]
    total = computed("throttles", "Throttled prompts", "FILL(api, 0) + FILL(worker, 0)")
    dimensions = (("ApiName", "kokunai"), ("Stage", "prod"))
    refused = query("errors", described("AWS/ApiGateway", "5XXError", *dimensions), stat="Average")
    return {
        **{
            name: {
                "Metrics": [query("prompts", counted("Prompts", it)), query("errors", counted("Errors", it)), rate],
                **rings(6, ABOVE, FIGURES["ErrorAlarmPercent"], first=2),
            }
            for name, it in (("ApiErrorsAlarm", API), ("WorkerErrorsAlarm", WORKER))
        },
        "ThrottlesAlarm": {"Metrics": [*throttles, total], **rings(3, AT_LEAST, 1)},
        "LatencyAlarm": {
            **counted("duration_ms", API),
            "ExtendedStatistic": "p99",
            "Period": FIVE_MINUTES,
            **rings(3, ABOVE, FIGURES["LatencyAlarmMilliseconds"]),
        },
        "ApiServerErrorsAlarm": {
            "Metrics": [refused, computed("rate", "Answers from 500 on, in percent", "100 * errors")],
            **rings(6, ABOVE, FIGURES["ErrorAlarmPercent"], first=2),
        },
    }


def of_functions(settings: Settings) -> dict[str, dict]:
    keyed = {"authoriser": AUTHORISER} if settings.auth == "API_KEY" else {}
    functions = {"api": API, "worker": WORKER, "audit": AUDIT, **keyed}
    throttles = [query(it, of_lambda("Throttles", function)) for it, function in functions.items()]
    total = " + ".join(f"FILL({it}, 0)" for it in functions)
    return {
        **{
            f"{function}ErrorsAlarm": {
                **of_lambda("Errors", function),
                **summed("Sum", FIVE_MINUTES),
                **rings(3, AT_LEAST, 1, first=2),
            }
            for function in functions.values()
        },
        "FunctionThrottlesAlarm": {
            "Metrics": [*throttles, computed("throttles", "Throttled invocations", total)],
            **rings(3, AT_LEAST, 1, first=2),
        },
    }


def of_queues() -> dict[str, dict]:
    age, letters = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"
    rows = {
        "PromptAgeAlarm": (age, "PromptQueue", rings(1, ABOVE, FIGURES["QueueAgeAlarmSeconds"])),
        "ResultsAgeAlarm": (age, "ResultsQueue", rings(1, ABOVE, WEEK)),
        "DeadLettersAlarm": (letters, "PromptDeadLetterQueue", rings(1, AT_LEAST, 1)),
        "AuditDeadLettersAlarm": (letters, "AuditDeadLetterQueue", rings(1, AT_LEAST, 1)),
    }
    return {
        name: {
            **described("AWS/SQS", metric, ("QueueName", f"{queue}.QueueName")),
            **summed("Maximum", FIVE_MINUTES),
            **ringing,
        }
        for name, (metric, queue, ringing) in rows.items()
    }


def of_audit(metric: str, period: int = HOUR) -> dict:
    return {**counted(metric, AUDIT), **summed("Sum", period)}


def summed(statistic: str, period: int) -> dict:
    return {"Statistic": statistic, "Period": period}


def counted(metric: str, function: str) -> dict:
    """A metric that the functions write in their lines."""
    return described("kokunai", metric, ("function", function))


def of_lambda(metric: str, function: str) -> dict:
    return described("AWS/Lambda", metric, ("FunctionName", function))


def described(namespace: str, metric: str, *dimensions: tuple[str, str]) -> dict:
    pairs = [{"Name": name, "Value": value} for name, value in dimensions]
    return {"Namespace": namespace, "MetricName": metric, "Dimensions": pairs}


def query(identity: str, metric: dict, period: int = FIVE_MINUTES, stat: str = "Sum") -> dict:
    return {"Id": identity, "ReturnData": False, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def computed(identity: str, label: str, expression: str) -> dict:
    return {"Id": identity, "Label": label, "Expression": expression}


def rings(periods: int, comparison: str, threshold: int, missing: str = "notBreaching", first: int = 0) -> dict:
    """When `first` periods of so many are over the threshold, or all of them if it is 0."""
    when = {"EvaluationPeriods": periods, "ComparisonOperator": comparison, "Threshold": threshold}
    some = {"DatapointsToAlarm": first} if first else {}
    return {**when, **some, "TreatMissingData": missing, "AlarmActions": ["AlarmTopic"]}

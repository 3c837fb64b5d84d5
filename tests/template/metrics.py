"""The metrics that the functions write in their lines, and those of AWS that the template looks at."""

import re
from collections.abc import Iterator

from translation import ROOT

# Of other namespaces: their dimensions, and the metrics that AWS documents for them.
OF_AWS = {
    ("AWS/ApiGateway", ("ApiName", "Stage")): {"Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"},
    ("AWS/Lambda", ("FunctionName",)): {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"},
    ("AWS/SQS", ("QueueName",)): {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "NumberOfMessagesSent",
    },
}


def written() -> tuple[str, str, set[str]]:
    """The namespace, the dimension and the names of the metrics in the lines of the functions."""
    source = (ROOT / "src" / "telemetry" / "format.rs").read_text()
    [listed] = re.findall(r"pub const METRICS: [^=]+= *\[([^\]]+)\]", source)
    [namespace], [dimension] = (
        re.findall(rf'pub const {name}: &str = "(\w+)"', source) for name in ("NAMESPACE", "DIMENSION")
    )
    return namespace, dimension, set(re.findall(r'"([\w.]+)"', listed))


def unknown(what: str, namespace: str, metric: str, dimensions: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a metric that something looks at."""
    ours, dimension, names = written()
    known = {**OF_AWS, (ours, (dimension,)): names}
    if metric not in known.get((namespace, dimensions), set()):
        yield f"{what} looks at {metric} of {namespace} by {', '.join(dimensions)}, which nobody writes"

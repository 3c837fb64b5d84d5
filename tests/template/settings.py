"""The settings under which the template is looked at."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The parameters that change what is deployed, with a value each."""

    mode: str = "stream"
    count_tokens: str = "off"
    queue: str = "standard"
    idempotency: str = "on"
    trail: str = "off"
    email: str = ""
    access_logs: str = "on"
    account_role: str = "on"

    def __str__(self) -> str:
        words = (self.mode, f"counting {self.count_tokens}", self.queue, f"idempotency {self.idempotency}")
        logs = (f"access logs {self.access_logs}", f"role of API Gateway {self.account_role}")
        return ", ".join((*words, f"trail {self.trail}", f"mail to {self.email or 'nobody'}", *logs))


# What the settings are called in the template.
PARAMETERS = (
    "ResponseMode",
    "CountTokens",
    "QueueType",
    "Idempotency",
    "CreateTrail",
    "AlarmEmail",
    "AccessLogs",
    "CreateApiGatewayAccountRole",
)

# Every pair of values of any two of them, the defaults first; nothing depends on three. That no pair is missing is
# checked in whole.py.
SETTINGS = (
    Settings(),
    Settings("buffered", "on", "fifo", "on", "off", "", "off", "off"),
    Settings("buffered", "on", "standard", "off", "on", "", "on", "off"),
    Settings("buffered", "off", "fifo", "off", "off", "operator@example.com", "off", "on"),
    Settings("stream", "on", "fifo", "off", "on", "operator@example.com", "on", "on"),
    Settings("stream", "off", "standard", "on", "on", "operator@example.com", "off", "off"),
)

# Other values than the template's own, so that one which is written in place of its parameter is noticed.
FIGURES = {
    "WorkerConcurrency": 3,
    "QueueConcurrency": 7,
    "IdempotencyHours": 36,
    "LogLevel": "WARN",
    "TrailRetentionDays": 400,
    "ErrorAlarmPercent": 7,
    "LatencyAlarmMilliseconds": 90000,
    "QueueAgeAlarmSeconds": 1200,
}

"""The settings under which the template is looked at."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The parameters that change what is deployed, with a value each."""

    mode: str = "stream"
    count_tokens: str = "off"
    queue: str = "standard"
    idempotency: str = "on"

    def __str__(self) -> str:
        return f"{self.mode}, counting {self.count_tokens}, {self.queue}, idempotency {self.idempotency}"


# What the settings are called in the template.
PARAMETERS = ("ResponseMode", "CountTokens", "QueueType", "Idempotency")

# Every pair of values of any two of them, the defaults first; nothing depends on three. That no pair is missing is
# checked in whole.py.
SETTINGS = (
    Settings(),
    Settings("buffered", "on", "fifo"),
    Settings("buffered", "on", "standard", "off"),
    Settings("buffered", "off", "fifo", "off"),
    Settings("stream", "on", "fifo", "off"),
    Settings("stream", "off", "standard", "on"),
)

# Other values than the template's own, so that one which is written in place of its parameter is noticed.
FIGURES = {
    "WorkerConcurrency": 3,
    "QueueConcurrency": 7,
    "IdempotencyHours": 36,
    "LogLevel": "WARN",
}

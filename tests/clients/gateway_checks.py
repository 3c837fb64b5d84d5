"""What the checks of API Gateway's own errors share, whoever's package raises the exceptions."""

import functools
import signal
import time

from checks import GATEWAY_ERRORS, GATEWAY_URL, run

MESSAGES = [{"role": "user", "content": "hello"}]


class Checks:
    """The checks of one package.

    `ask(url, retries, **fields)` asks it for an answer from a server; `base` is the class of its exceptions, `classes` has the one
    for each status, and `reads(error, error_type)` looks into it.
    """

    def __init__(self, ask, base, classes, reads):
        self.ask, self.base, self.classes, self.reads = ask, base, classes, reads

    def run(self):
        rows = [
            (f"{name} with {auth}", functools.partial(self.arrives, auth, name, *row))
            for auth in ("IAM", "API_KEY")
            for name, row in {**GATEWAY_ERRORS[auth], **GATEWAY_ERRORS["either"]}.items()
        ]
        waits = [self.who_is_too_fast_waits_a_second, self.a_used_up_quota_is_not_asked_again]
        run([*rows, *waits])

    def raised(self, auth, name, retries=0, **fields):
        """The exception, and how many seconds it took."""
        begin = time.monotonic()
        try:
            answer = self.ask(f"{GATEWAY_URL}/{auth}/{name}", retries, **fields)
        except self.base as error:
            return error, time.monotonic() - begin
        raise AssertionError(f"an answer instead of an error: {answer}")

    def arrives(self, auth, name, status, error_type):
        wanted = self.classes[status]
        for stream in (False, True):
            error, _ = self.raised(auth, name, stream=stream)
            assert type(error) is wanted, f"{type(error).__name__} instead of {wanted.__name__}: {error}"
            assert error.status_code == status, error
            assert error.request_id and error.request_id == error.response.json()["request_id"], error.request_id
            self.reads(error, error_type)

    def who_is_too_fast_waits_a_second(self):
        """By itself a package would wait for half of that."""
        error, seconds = self.raised("API_KEY", "THROTTLED", retries=1)
        assert type(error) is self.classes[429] and 1 <= seconds < 3, seconds

    def a_used_up_quota_is_not_asked_again(self):
        """Without the header that says so, a package may wait for as long as it is told, which is an hour."""
        signal.signal(signal.SIGALRM, given_up)
        signal.alarm(10)
        error, seconds = self.raised("API_KEY", "QUOTA_EXCEEDED", retries=5)
        signal.alarm(0)
        assert error.response.headers["retry-after"] == "3600" and seconds < 1, seconds


def given_up(*_):
    raise AssertionError("it waits to ask again")

"""Anthropic's own Python package: each error of API Gateway's own arrives as the exception that its users wait for."""

import functools
import signal
import time

import anthropic

from checks import GATEWAY_ERRORS, GATEWAY_URL, MODEL, run

# The 0.x line has classes for 503 and 504, and does not use them.
IS_OLD = anthropic.__version__.startswith("0.")

CLASSES = {
    400: anthropic.BadRequestError,
    401: anthropic.AuthenticationError,
    403: anthropic.PermissionDeniedError,
    404: anthropic.NotFoundError,
    413: anthropic.RequestTooLargeError,
    415: anthropic.APIStatusError,
    429: anthropic.RateLimitError,
    500: anthropic.InternalServerError,
    502: anthropic.InternalServerError,
    503: anthropic.InternalServerError if IS_OLD else anthropic.ServiceUnavailableError,
    504: anthropic.InternalServerError if IS_OLD else anthropic.GatewayTimeoutError,
}

MESSAGES = [{"role": "user", "content": "hello"}]


def raised(auth, name, retries=0, **fields):
    """The exception, and how many seconds it took."""
    client = anthropic.Anthropic(base_url=f"{GATEWAY_URL}/{auth}/{name}", api_key="wrong", max_retries=retries)
    begin = time.monotonic()
    try:
        answer = client.messages.create(model=MODEL, max_tokens=10, messages=MESSAGES, **fields)
    except anthropic.APIError as error:
        return error, time.monotonic() - begin
    raise AssertionError(f"an answer instead of an error: {answer}")


def arrives(auth, name, status, error_type):
    for stream in (False, True):
        error, _ = raised(auth, name, stream=stream)
        assert type(error) is CLASSES[status], f"{type(error).__name__} instead of {CLASSES[status].__name__}: {error}"
        assert error.status_code == status, error
        assert error.body["error"]["type"] == error_type and error.body["error"]["message"], error.body
        assert error.request_id and error.request_id == error.body["request_id"], error.request_id


def who_is_too_fast_waits_a_second():
    """By itself the package would wait for half of that."""
    error, seconds = raised("API_KEY", "THROTTLED", retries=1)
    assert type(error) is anthropic.RateLimitError and 1 <= seconds < 3, seconds


def a_used_up_quota_is_not_asked_again():
    """Without the header that says so, the package may wait for as long as it is told, which is an hour."""
    signal.signal(signal.SIGALRM, given_up)
    signal.alarm(10)
    error, seconds = raised("API_KEY", "QUOTA_EXCEEDED", retries=5)
    signal.alarm(0)
    assert error.response.headers["retry-after"] == "3600" and seconds < 1, seconds


def given_up(*_):
    raise AssertionError("it waits to ask again")


def table():
    for auth in ("IAM", "API_KEY"):
        for name, row in {**GATEWAY_ERRORS[auth], **GATEWAY_ERRORS["either"]}.items():
            yield f"{name} with {auth}", functools.partial(arrives, auth, name, *row)


run([*table(), who_is_too_fast_waits_a_second, a_used_up_quota_is_not_asked_again])

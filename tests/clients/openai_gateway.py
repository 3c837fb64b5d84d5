"""OpenAI's own Python package: each error of API Gateway's own arrives as the exception that its users wait for."""

import functools
import signal
import time

import openai

from checks import GATEWAY_ERRORS, GATEWAY_URL, MODEL, run

CLASSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    413: openai.APIStatusError,
    415: openai.APIStatusError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    502: openai.InternalServerError,
    503: openai.InternalServerError,
    504: openai.InternalServerError,
}

MESSAGES = [{"role": "user", "content": "hello"}]


def raised(auth, name, retries=0, **fields):
    """The exception, and how many seconds it took."""
    client = openai.OpenAI(base_url=f"{GATEWAY_URL}/{auth}/{name}/v1", api_key="wrong", max_retries=retries)
    begin = time.monotonic()
    try:
        answer = client.chat.completions.create(model=MODEL, messages=MESSAGES, **fields)
    except openai.APIError as error:
        return error, time.monotonic() - begin
    raise AssertionError(f"an answer instead of an error: {answer}")


def arrives(auth, name, status, error_type):
    for stream in (False, True):
        error, _ = raised(auth, name, stream=stream)
        assert type(error) is CLASSES[status], f"{type(error).__name__} instead of {CLASSES[status].__name__}: {error}"
        assert error.status_code == status, error
        # The package reads Anthropic's shape as far as it goes: it has no code.
        assert (error.type, error.code, error.param) == (error_type, None, None) and error.body["message"], error.body
        assert error.request_id and error.request_id == error.response.json()["request_id"], error.request_id


def who_is_too_fast_waits_a_second():
    """By itself the package would wait for half of that."""
    error, seconds = raised("API_KEY", "THROTTLED", retries=1)
    assert type(error) is openai.RateLimitError and 1 <= seconds < 3, seconds


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

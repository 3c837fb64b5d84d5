"""OpenAI's own Python package: each error arrives as the exception that its users wait for."""

import functools

import openai

from checks import CHAT_ERRORS, MODEL, URL, run

CLASSES = {
    400: openai.BadRequestError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    405: openai.APIStatusError,
    413: openai.APIStatusError,
    415: openai.APIStatusError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    502: openai.InternalServerError,
    503: openai.InternalServerError,
    504: openai.InternalServerError,
}

# Less than this would leave the function less time than an answer takes.
PATIENCE_SECONDS = 4

# The package would try again by itself, and hide what came first.
client = openai.OpenAI(base_url=f"{URL}/v1", api_key="local", max_retries=0)


def request(content, **fields):
    return {"model": MODEL, "messages": [{"role": "user", "content": content}]} | fields


def raised(call):
    """The exception that a call raises; to raise none is a failure."""
    try:
        answer = call()
    except openai.APIError as error:
        return error
    raise AssertionError(f"an answer instead of an error: {answer}")


def check(error, exception, error_type, code, param=None):
    """Class and body of an error, which the package takes apart for its users."""
    assert type(error) is exception, f"{type(error).__name__} instead of {exception.__name__}: {error}"
    assert error.body["message"], error.body
    assert (error.type, error.code, error.param) == (error_type, code, param), error.body


def check_status(error, status, error_type, code, param=None):
    check(error, CLASSES[status], error_type, code, param)
    assert error.status_code == status and error.request_id, error


def before_the_first_byte(row):
    fields = request(row["prompt"], timeout=PATIENCE_SECONDS)
    modes = {"whole": False, "stream": True}
    for stream in [modes[row["only"]]] if "only" in row else modes.values():
        error = raised(lambda: client.chat.completions.create(**fields, stream=stream))
        check_status(error, row["status"], row["type"], row["code"])
        if row["status"] == 429:
            assert int(error.response.headers["retry-after"]) > 0, error.response.headers


def in_mid_stream(row):
    """The status has gone out as 200 by then, so type and code are what tells the errors apart."""
    texts = []

    def read():
        for chunk in client.chat.completions.create(**request(row["prompt"]), timeout=PATIENCE_SECONDS, stream=True):
            texts.append(chunk.choices[0].delta.content)

    check(raised(read), openai.APIError, row["type"], row["code"])
    assert any(texts), "no piece of the answer came before the error"


def refused_by_name(row):
    """What has no counterpart is refused, with the name that the caller gave it."""
    fields = request(row.get("content", "hello"))
    extra = row.get("fields", {})
    for stream in [False, True]:
        # Some of them the package itself has never heard of.
        error = raised(lambda: client.chat.completions.create(**fields, stream=stream, extra_body=extra))
        check_status(error, 400, "invalid_request_error", row.get("code", "invalid_request"), row["param"])


def a_silence_is_bridged_for_a_client_that_would_not_wait():
    fields = request("stand-in: quiet 1500")
    *_, last = client.chat.completions.create(**fields, timeout=1, stream=True)
    assert last.choices[0].finish_reason == "stop", last


def another_model_is_not_found():
    check_status(raised(lambda: client.models.retrieve("gpt-5")), 404, "invalid_request_error", "model_not_found", "model")


def a_wrong_method_or_encoding_is_refused():
    error = raised(lambda: client.get("/chat/completions", cast_to=object))
    assert type(error) is CLASSES[405] and error.status_code == 405 and error.response.headers["allow"] == "POST", error
    fields = request("hello", extra_headers={"content-encoding": "gzip"})
    error = raised(lambda: client.chat.completions.create(**fields))
    check_status(error, 415, "invalid_request_error", "unsupported_media_type")


def too_large_a_request_is_refused_by_api_gateway():
    error = raised(lambda: client.chat.completions.create(**request("x" * 7_000_000)))
    assert type(error) is CLASSES[413] and error.status_code == 413, repr(error)


def table(name, function):
    return [(f"{name_of(row)} {name}", functools.partial(function, row)) for row in CHAT_ERRORS[name]]


def name_of(row):
    return row.get("prompt") or row["param"]


run(
    [
        *table("refused by name", refused_by_name),
        another_model_is_not_found,
        a_wrong_method_or_encoding_is_refused,
        too_large_a_request_is_refused_by_api_gateway,
        *table("before the first byte", before_the_first_byte),
        *table("in mid-stream", in_mid_stream),
        a_silence_is_bridged_for_a_client_that_would_not_wait,
    ]
)

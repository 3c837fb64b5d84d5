"""Anthropic's own Python package: each error arrives as the exception that its users wait for."""

import functools

import anthropic

from checks import ERRORS, MODEL, URL, run

CLASSES = {
    400: anthropic.BadRequestError,
    403: anthropic.PermissionDeniedError,
    404: anthropic.NotFoundError,
    405: anthropic.APIStatusError,
    413: anthropic.RequestTooLargeError,
    415: anthropic.APIStatusError,
    429: anthropic.RateLimitError,
    500: anthropic.InternalServerError,
    502: anthropic.InternalServerError,
    # The 0.x line has a class for it, and does not use it.
    504: getattr(anthropic, "GatewayTimeoutError", anthropic.InternalServerError),
    529: anthropic.OverloadedError,
}

# Less than this would leave the function less time than an answer takes.
PATIENCE_SECONDS = 4

# The package would try again by itself, and hide what came first.
client = anthropic.Anthropic(base_url=URL, api_key="local", max_retries=0)


def request(prompt, **fields):
    return {"model": MODEL, "max_tokens": 500, "messages": [{"role": "user", "content": prompt}], **fields}


def raised(call):
    """The exception that a call raises; to raise none is a failure."""
    try:
        answer = call()
    except anthropic.APIError as error:
        return error
    raise AssertionError(f"an answer instead of an error: {answer}")


def check(error, exception, status, error_type):
    """Class, status and body of an error, and the request ID in its header and its body."""
    assert type(error) is exception, f"{type(error).__name__} instead of {exception.__name__}: {error}"
    assert error.status_code == status, error
    assert error.body["type"] == "error" and error.body["error"]["message"], error.body
    assert error.body["error"]["type"] == error_type == error.type, error.body
    assert error.request_id == error.body["request_id"], error.request_id


def before_the_first_byte(row):
    fields = request(row["prompt"], timeout=PATIENCE_SECONDS)
    modes = {"whole": False, "stream": True}
    for stream in [modes[row["only"]]] if "only" in row else modes.values():
        error = raised(lambda: client.messages.create(**fields, stream=stream))
        check(error, CLASSES[row["status"]], row["status"], row["type"])
        if row["status"] == 429:
            assert int(error.response.headers["retry-after"]) > 0, error.response.headers


def in_mid_stream(row):
    """The status has gone out as 200 by then, so the type is what tells the errors apart.

    It also goes out, with pings, if the model is silent for so long that the client would give up.
    """
    fields, texts = request(row["prompt"], timeout=PATIENCE_SECONDS), []

    def read():
        with client.messages.stream(**fields) as stream:
            texts.extend(stream.text_stream)

    check(raised(read), anthropic.APIStatusError, 200, row["type"])
    silent = row.get("silent", False)
    assert silent == (not texts), f"{len(texts)} pieces of the answer came before the error"


def a_silence_is_bridged_for_a_client_that_would_not_wait():
    with client.messages.stream(**request("stand-in: quiet 1500"), timeout=1) as stream:
        assert stream.get_final_message().stop_reason == "end_turn"


def is_refused(call, status, error_type):
    error = raised(call)
    check(error, CLASSES[status], status, error_type)
    return error.body["error"]["message"]


def a_broken_rule_names_its_field():
    # The package no longer has arguments for the two; its users send them so.
    both = {"temperature": 0.5, "top_p": 0.5}
    ask = client.messages.create
    assert "temperature" in is_refused(lambda: ask(**request("hello"), extra_body=both), 400, "invalid_request_error")
    opus = request("hello", model="claude-opus-4-5")
    assert "model" in is_refused(lambda: ask(**opus), 400, "invalid_request_error")


def a_wrong_path_method_or_encoding_is_refused():
    is_refused(lambda: client.post("/v1/nothing", cast_to=object, body={}), 404, "not_found_error")
    is_refused(lambda: client.get("/v1/messages", cast_to=object), 405, "invalid_request_error")
    fields = request("hello", extra_headers={"content-encoding": "gzip"})
    is_refused(lambda: client.messages.create(**fields), 415, "invalid_request_error")


def too_large_a_request_is_refused_by_api_gateway():
    error = raised(lambda: client.messages.create(**request("x" * 7_000_000)))
    assert type(error) is CLASSES[413] and error.status_code == 413, repr(error)


def table(name, function):
    return [(f"{row['prompt']} {name}", functools.partial(function, row)) for row in ERRORS[name]]


run(
    [
        a_broken_rule_names_its_field,
        a_wrong_path_method_or_encoding_is_refused,
        too_large_a_request_is_refused_by_api_gateway,
        *table("before the first byte", before_the_first_byte),
        *table("in mid-stream", in_mid_stream),
        a_silence_is_bridged_for_a_client_that_would_not_wait,
    ]
)

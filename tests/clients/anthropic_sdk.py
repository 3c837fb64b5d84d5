"""Anthropic's own Python package against `cargo local`: it gets an answer, and the right exception for each error."""

import subprocess
import sys
import warnings

import anthropic

MODEL = "claude-sonnet-4-5"


def start_server():
    """Starts `cargo local` on a free port, and gives the process and its URL."""
    command = ["cargo", "local", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    greeting = server.stdout.readline()
    if "http://" not in greeting:
        raise SystemExit(f"cargo local did not start: {greeting!r}")
    return server, greeting.split()[-1]


def ask(client, prompt, **fields):
    """One prompt, as the package's users write it."""
    request = {"model": MODEL, "max_tokens": 500, "messages": [{"role": "user", "content": prompt}], **fields}
    return client.messages.create(**request)


def answers_a_prompt(client):
    message = ask(client, "日本の首都はどこですか。", system="You answer in one sentence.")
    assert message.content[0].text.count("日本の首都はどこですか。") == 1, message
    assert message.stop_reason == "end_turn" and message.role == "assistant", message
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0, message.usage


def lists_the_one_model(client):
    assert [model.id for model in client.models.list()] == ["claude-sonnet-4-5-20250929"]
    assert client.models.retrieve(MODEL).display_name == "Claude Sonnet 4.5"


def raises(exception, status, call):
    """Checks that the call raises exactly this class, with Anthropic's error body and a request ID."""
    try:
        answer = call()
    except anthropic.APIStatusError as error:
        assert type(error) is exception, f"{type(error).__name__} instead of {exception.__name__}: {error}"
        assert error.status_code == status, error
        assert error.body["type"] == "error" and error.body["error"]["message"], error.body
        assert error.request_id == error.body["request_id"], error.request_id
        return error
    raise AssertionError(f"{exception.__name__} was expected, not an answer: {answer}")


def a_bad_request_is_a_bad_request_error(client):
    # The package no longer has arguments for the two; its users send them so.
    both = {"temperature": 0.5, "top_p": 0.5}
    error = raises(anthropic.BadRequestError, 400, lambda: ask(client, "hello", extra_body=both))
    assert "temperature" in error.body["error"]["message"], error.body
    raises(anthropic.BadRequestError, 400, lambda: ask(client, "hello", model="claude-opus-4-5"))
    raises(anthropic.BadRequestError, 400, lambda: ask(client, "stand-in: validation"))


def a_throttle_is_a_rate_limit_error(client):
    error = raises(anthropic.RateLimitError, 429, lambda: ask(client, "stand-in: throttle"))
    assert int(error.response.headers["retry-after"]) > 0, error.response.headers


def other_errors_have_their_classes(client):
    raises(anthropic.PermissionDeniedError, 403, lambda: ask(client, "stand-in: denied"))
    raises(anthropic.NotFoundError, 404, lambda: ask(client, "stand-in: not-found"))
    raises(anthropic.InternalServerError, 502, lambda: ask(client, "stand-in: model-error"))


CHECKS = [
    answers_a_prompt,
    lists_the_one_model,
    a_bad_request_is_a_bad_request_error,
    a_throttle_is_a_rate_limit_error,
    other_errors_have_their_classes,
]


def main():
    """Runs every check, and fails if one does."""
    # The package warns of the model's end on Anthropic's own platform; Bedrock sets its own dates.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    server, url = start_server()
    failed = 0
    try:
        # The package would try again by itself, and hide what came first.
        client = anthropic.Anthropic(base_url=url, api_key="not-needed-here", max_retries=0)
        for check in CHECKS:
            try:
                check(client)
                print(f"ok {check.__name__}")
            except Exception as error:  # Whatever a check raises is its result.
                failed += 1
                print(f"FAILED {check.__name__}: {type(error).__name__}: {error}")
    finally:
        server.terminate()
        server.wait()
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()

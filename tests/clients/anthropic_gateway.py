"""Anthropic's own Python package: each error of API Gateway's own arrives as the exception that its users wait for."""

import anthropic

from checks import MODEL
from gateway_checks import MESSAGES, Checks

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


def ask(url, retries, **fields):
    client = anthropic.Anthropic(base_url=url, api_key="wrong", max_retries=retries)
    return client.messages.create(model=MODEL, max_tokens=10, messages=MESSAGES, **fields)


def reads(error, error_type):
    assert error.body["error"]["type"] == error_type and error.body["error"]["message"], error.body


Checks(ask, anthropic.APIError, CLASSES, reads).run()

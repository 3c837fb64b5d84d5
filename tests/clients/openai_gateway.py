"""OpenAI's own Python package: each error of API Gateway's own arrives as the exception that its users wait for."""

import openai

from checks import MODEL
from gateway_checks import MESSAGES, Checks

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


def ask(url, retries, **fields):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="wrong", max_retries=retries)
    return client.chat.completions.create(model=MODEL, messages=MESSAGES, **fields)


def reads(error, error_type):
    # The package reads Anthropic's shape as far as it goes: it has no code.
    assert (error.type, error.code, error.param) == (error_type, None, None) and error.body["message"], error.body


Checks(ask, openai.APIError, CLASSES, reads).run()

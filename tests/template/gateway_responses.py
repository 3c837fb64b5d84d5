"""What API Gateway answers by itself: errors in the shape of the function's own, with nothing of the request in it."""

import json
import re
from collections.abc import Iterator

import botocore.session

from settings import Settings
from translation import ROOT, Check, Mistakes, Template, differs, properties

# The statuses that are API Gateway's own choice, which differ from case to case.
BY_ITSELF = {"DEFAULT_4XX": "invalid_request_error", "DEFAULT_5XX": "api_error"}

# What each is: the status, and Anthropic's type for it.
TABLE = {
    "UNAUTHORIZED": ("401", "authentication_error"),
    "INVALID_API_KEY": ("401", "authentication_error"),
    "MISSING_AUTHENTICATION_TOKEN": ("401", "authentication_error"),
    "INVALID_SIGNATURE": ("401", "authentication_error"),
    "EXPIRED_TOKEN": ("401", "authentication_error"),
    "WAF_FILTERED": ("403", "permission_error"),
    "RESOURCE_NOT_FOUND": ("404", "not_found_error"),
    "BAD_REQUEST_BODY": ("400", "invalid_request_error"),
    "BAD_REQUEST_PARAMETERS": ("400", "invalid_request_error"),
    "UNSUPPORTED_MEDIA_TYPE": ("415", "invalid_request_error"),
    "REQUEST_TOO_LARGE": ("413", "request_too_large"),
    "THROTTLED": ("429", "rate_limit_error"),
    "QUOTA_EXCEEDED": ("429", "rate_limit_error"),
    "AUTHORIZER_FAILURE": ("503", "api_error"),
    "AUTHORIZER_CONFIGURATION_ERROR": ("503", "api_error"),
    "API_CONFIGURATION_ERROR": ("500", "api_error"),
    "INTEGRATION_FAILURE": ("502", "api_error"),
    "INTEGRATION_TIMEOUT": ("504", "timeout_error"),
}

IDS = ("request-id", "x-request-id")

# Beside the request's ID, which each has.
HEADERS = {
    "THROTTLED": {"Retry-After": "'1'"},
    "QUOTA_EXCEEDED": {"Retry-After": "'3600'", "x-should-retry": "'false'"},
    "AUTHORIZER_FAILURE": {"Retry-After": "'5'"},
    "AUTHORIZER_CONFIGURATION_ERROR": {"Retry-After": "'5'"},
}


def responses(template: Template) -> dict[str, dict]:
    return properties(template, "Api")["Body"]["x-amazon-apigateway-gateway-responses"]


def texts(template: Template) -> Iterator[tuple[str, str]]:
    """The body of each by its name, as API Gateway is given it."""
    for name, response in responses(template).items():
        yield name, response["responseTemplates"]["application/json"]


def denied(settings: Settings) -> tuple[str, str]:
    """By the authoriser a key that is none; by IAM a principal who may not."""
    return ("401", "authentication_error") if settings.auth == "API_KEY" else ("403", "permission_error")


def each_error_of_api_gateway_has_a_response(template: Template, _: Settings) -> Iterator[str]:
    model = botocore.session.get_session().get_service_model("apigateway")
    known = model.shape_for("GatewayResponseType").enum
    yield from differs("the responses", sorted(responses(template)), sorted(known))


def each_error_has_its_status(template: Template, settings: Settings) -> Iterator[str]:
    """The two for the rest have none: theirs would be that of all the others."""
    for name, response in responses(template).items():
        status = denied(settings)[0] if name == "ACCESS_DENIED" else TABLE.get(name, (None,))[0]
        yield from differs(f"the status of {name}", response.get("statusCode"), status)


def each_error_has_anthropic_s_shape(template: Template, settings: Settings) -> Iterator[str]:
    for name, response in responses(template).items():
        yield from differs(f"the media types of {name}", list(response["responseTemplates"]), ["application/json"])
    for name, text in texts(template):
        try:
            found = json.loads(text)
        except ValueError as error:
            yield f"{name} is no JSON: {error}"
            continue
        kind = denied(settings)[1] if name == "ACCESS_DENIED" else BY_ITSELF.get(name) or TABLE[name][1]
        message = found["error"].pop("message")
        wanted = {"type": "error", "error": {"type": kind}, "request_id": "$context.extendedRequestId"}
        yield from differs(f"the body of {name}", found, wanted)
        if len(message) < 20 or not message.endswith(".") or "\n" in message:
            yield f"{name} says {message!r}"


def a_type_has_the_statuses_that_it_has_in_the_function(template: Template, settings: Settings) -> Iterator[str]:
    """But for 401, which the function itself never answers."""
    source = (ROOT / "src" / "error.rs").read_text()
    pairs = {(status, kind) for status, kind in re.findall(r'\((\d{3}), "\w+", "(\w+)", \w+\)', source)}
    for name, response in responses(template).items():
        text = response["responseTemplates"]["application/json"]
        found = (response.get("statusCode"), json.loads(text)["error"]["type"])
        if name not in BY_ITSELF and found != ("401", "authentication_error") and found not in pairs:
            yield f"{name} is {found}, as no error of the function is"


def each_error_names_the_request(template: Template, _: Settings) -> Iterator[str]:
    """In a header for Anthropic's packages, and in one for OpenAI's."""
    for name, response in responses(template).items():
        for header in IDS:
            found = response.get("responseParameters", {}).get(f"gatewayresponse.header.{header}")
            yield from differs(f"{header} of {name}", found, "context.extendedRequestId")


def who_has_to_wait_is_told_how_long(template: Template, _: Settings) -> Iterator[str]:
    """A value of one's own stands in quotes, or API Gateway would look for it in the request."""
    prefix = "gatewayresponse.header."
    for name, response in responses(template).items():
        named = {key.removeprefix(prefix): value for key, value in response.get("responseParameters", {}).items()}
        others = {key: value for key, value in named.items() if key not in IDS}
        yield from differs(f"the other headers of {name}", others, HEADERS.get(name, {}))


def nothing_of_the_request_is_echoed(template: Template, _: Settings) -> Iterator[str]:
    """Only the extended ID: the other is the caller's to choose, and what API Gateway says itself may hold a quotation
    mark, or the key."""
    for name, response in responses(template).items():
        text = json.dumps(response)
        looked_up = sorted(set(re.findall(r"\$[\w.]+", text)))
        yield from differs(f"what {name} looks up", looked_up, ["$context.extendedRequestId"])
        yield from differs(f"whether {name} looks at the request", "method.request" in text, False)


PAGES = ("operations.md", "operations.ja.md")


def each_error_has_a_row_in_both_languages(template: Template, settings: Settings) -> Iterator[str]:
    """With its status and its type."""
    for page in PAGES:
        lines = (ROOT / "docs" / page).read_text().splitlines()
        for name, response in responses(template).items():
            mode = f"`{settings.auth}`" if name == "ACCESS_DENIED" else ""
            rows = [cells for cells in map(cells_of, lines) if f"`{name}`" in cells[0] and mode in cells[0]]
            kind = json.loads(response["responseTemplates"]["application/json"])["error"]["type"]
            wanted = (response.get("statusCode", ""), f"`{kind}`")
            found = [row[2] == wanted[1] and row[1].startswith(wanted[0]) for row in rows if len(row) > 3]
            yield from differs(f"whether {name} is {wanted} in {page}", found, [True])


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else [""]


PROMISES: tuple[Check, ...] = (
    each_error_of_api_gateway_has_a_response,
    each_error_has_its_status,
    each_error_has_anthropic_s_shape,
    a_type_has_the_statuses_that_it_has_in_the_function,
    each_error_names_the_request,
    who_has_to_wait_is_told_how_long,
    nothing_of_the_request_is_echoed,
    each_error_has_a_row_in_both_languages,
)

FAILED = '"message": "API Gateway failed. Try again."'

MISTAKES: Mistakes = (
    ("          WAF_FILTERED:\n", "          WAF_BLOCKED:\n", each_error_of_api_gateway_has_a_response),
    ("          WAF_FILTERED:\n", "          WAF_BLOCKED:\n", each_error_has_a_row_in_both_languages),
    ('!If [TakesKeys, "401", "403"]', '"401"', each_error_has_a_row_in_both_languages),
    ('{"type": "timeout_error"', '{"type": "api_error"', each_error_has_a_row_in_both_languages),
    ("          EXPIRED_TOKEN:\n", "          # EXPIRED_TOKEN:\n", each_error_of_api_gateway_has_a_response),
    ('!If [TakesKeys, "401", "403"]', '"403"', each_error_has_its_status),
    ('!If [TakesKeys, "401", "403"]', '"401"', each_error_has_its_status),
    ("          DEFAULT_4XX:\n", '          DEFAULT_4XX:\n            statusCode: "400"\n', each_error_has_its_status),
    ('            statusCode: "503"\n', '            statusCode: "500"\n', each_error_has_its_status),
    (FAILED, FAILED.replace('"API', "API"), each_error_has_anthropic_s_shape),
    ('{"type": "rate_limit_error"', '{"type": "overloaded_error"', each_error_has_anthropic_s_shape),
    ('"$context.extendedRequestId"', "$context.extendedRequestId", each_error_has_anthropic_s_shape),
    ('{"type": "timeout_error"', '{"type": "api_error"', a_type_has_the_statuses_that_it_has_in_the_function),
    (
        '            statusCode: "413"\n',
        '            statusCode: "400"\n',
        a_type_has_the_statuses_that_it_has_in_the_function,
    ),
    ("request-id: context.extendedRequestId", "request-id: $context.extendedRequestId", each_error_names_the_request),
    ("x-request-id: context.extendedRequestId", "x-request-id: context.requestId", each_error_names_the_request),
    ('"$context.extendedRequestId"', '"$context.requestId"', nothing_of_the_request_is_echoed),
    ("header.x-request-id: context", "header.id: context", each_error_names_the_request),
    ("Retry-After: \"'1'\"", 'Retry-After: "1"', who_has_to_wait_is_told_how_long),
    ("Retry-After: \"'3600'\"", "Retry-After: \"'1'\"", who_has_to_wait_is_told_how_long),
    ("              gatewayresponse.header.x-should-retry: \"'false'\"\n", "", who_has_to_wait_is_told_how_long),
    ('"API Gateway failed. Try again."', "$context.error.messageString", nothing_of_the_request_is_echoed),
    ('"There is no such path."', '"No $context.path."', nothing_of_the_request_is_echoed),
    (
        "Retry-After: \"'5'\"",
        "key: method.request.header.x-api-key",
        nothing_of_the_request_is_echoed,
    ),
)

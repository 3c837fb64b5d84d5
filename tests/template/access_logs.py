"""The access logs of the API: what is in a line, and that API Gateway can write them."""

import json
from collections.abc import Iterator

import networkx
from cfnlint.template import Template as CfnTemplate

from access_table import makes_account_role
from settings import Settings
from translation import ACCOUNT, REGION, Check, Mistakes, Template, deployed, differs, of_type

# All that may be in a line. What a caller writes is in none of these, but for the path.
FIELDS = {
    "timestamp_ms": "requestTimeEpoch",
    "request_id": "requestId",
    "extended_request_id": "extendedRequestId",
    "trace_id": "xrayTraceId",
    "caller": "identity.userArn",
    "principal_id": "authorizer.principalId",
    "api_key_id": "identity.apiKeyId",
    "method": "httpMethod",
    "path": "path",
    "status": "status",
    "error_type": "error.responseType",
    "response_bytes": "responseLength",
    "duration_ms": "responseLatency",
    "integration.request_id": "integration.requestId",
    "integration.status": "integration.status",
    "integration.latency_ms": "integration.latency",
}


def access_is_logged_if_that_is_wanted(template: Template, settings: Settings) -> Iterator[str]:
    [stage] = of_type(template, "AWS::ApiGateway::Stage").values()
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:AccessLogGroup"
    wanted = group if settings.access_logs == "on" else None
    yield from differs("where access is logged", stage.get("AccessLogSetting", {}).get("DestinationArn"), wanted)
    yield from differs("whether there is a group", "AccessLogGroup" in deployed(template), wanted is not None)


def a_line_of_access_has_these_fields_and_no_other(template: Template, settings: Settings) -> Iterator[str]:
    """As JSON, with a string for each field: API Gateway writes a hyphen for what is missing."""
    if settings.access_logs == "off":
        return
    [stage] = of_type(template, "AWS::ApiGateway::Stage").values()
    text = stage["AccessLogSetting"]["Format"]
    yield from differs("the number of lines", text.count("\n"), 0)
    yield from differs("the line", json.loads(text), {name: f"$context.{of}" for name, of in FIELDS.items()})


def api_gateway_is_given_a_role_before_it_has_to_log(template: Template, settings: Settings) -> Iterator[str]:
    accounts = of_type(template, "AWS::ApiGateway::Account")
    wanted = {"CloudWatchRoleArn": "ApiGatewayLogsRole.Arn"}
    yield from differs(
        "the account's setting", list(accounts.values()), [wanted] if makes_account_role(settings) else []
    )
    if accounts:
        graph = CfnTemplate("template.json", template).graph.graph
        yield from differs(
            "whether the stage waits", "ApiGatewayAccount" in networkx.descendants(graph, "ApiStage"), True
        )


def the_account_keeps_its_role(template: Template, _: Settings) -> Iterator[str]:
    """Other APIs log by it, too."""
    for name in ("ApiGatewayAccount", "ApiGatewayLogsRole"):
        for end in ("DeletionPolicy", "UpdateReplacePolicy"):
            yield from differs(f"{name}'s {end}", template["Resources"][name].get(end), "Retain")


PROMISES: tuple[Check, ...] = (
    access_is_logged_if_that_is_wanted,
    a_line_of_access_has_these_fields_and_no_other,
    api_gateway_is_given_a_role_before_it_has_to_log,
    the_account_keeps_its_role,
)

KEPT = "    Condition: CreatesAccountRole\n    DeletionPolicy: Retain\n"

MISTAKES: Mistakes = (
    (
        'LogsAccess: !Equals [!Ref AccessLogs, "on"]',
        'LogsAccess: !Equals ["on", "on"]',
        access_is_logged_if_that_is_wanted,
    ),
    (":log-group:${AccessLogGroup}", ":log-group:${ApiLogGroup}", access_is_logged_if_that_is_wanted),
    ("$context.identity.apiKeyId", "$context.identity.apiKey", a_line_of_access_has_these_fields_and_no_other),
    ("$context.error.responseType", "$context.error.message", a_line_of_access_has_these_fields_and_no_other),
    (
        '"status":"$context.status",',
        '"status":"$context.status","agent":"$context.identity.userAgent",',
        a_line_of_access_has_these_fields_and_no_other,
    ),
    ('"$context.path"', '"$context.authorizer.key"', a_line_of_access_has_these_fields_and_no_other),
    (
        "!If [CreatesAccountRole, !Ref ApiGatewayAccount,",
        "!If [CreatesAccountRole, ApiGateway,",
        api_gateway_is_given_a_role_before_it_has_to_log,
    ),
    ("    - !Condition LogsAccess\n    - !Equals", "    - !Equals", api_gateway_is_given_a_role_before_it_has_to_log),
    (KEPT, KEPT.replace("Retain", "Delete"), the_account_keeps_its_role),
)

"""Who may call the API: every route needs a signature, or a key that the authoriser knows and the usage plan counts."""

from collections.abc import Iterator

import networkx
from cfnlint.template import Template as CfnTemplate

from api import methods
from settings import FIGURES, Settings
from translation import (
    ACCOUNT,
    AUTHORISER,
    REGION,
    Check,
    Template,
    deployed,
    differs,
    of_type,
    properties,
    resolve,
)

# Whatever belongs to keys alone, and is not there without them.
OF_KEYS = [
    "ApiInvokesAuthoriser",
    AUTHORISER,
    "AuthoriserFunctionErrorsAlarm",
    "AuthoriserLogGroup",
    "AuthoriserRole",
    "UsagePlan",
]

# All that is said of the API, some of it by SAM.
OF_THE_API = [
    "Body",
    "Description",
    "EndpointAccessMode",
    "EndpointConfiguration",
    "FailOnWarnings",
    "Parameters",
    "SecurityPolicy",
    "Tags",
]

SIGNED = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}
KEYED = {"type": "apiKey", "name": "x-api-key", "in": "header"}
ASKED = {
    "type": "request",
    "authorizerResultTtlInSeconds": 0,
    "authorizerUri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/"
    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:kokunai-authoriser/invocations",
}


def takes_keys(settings: Settings) -> bool:
    return settings.auth == "API_KEY"


def body(template: Template) -> dict:
    return properties(template, "Api")["Body"]


def every_route_needs_a_signature_or_a_known_key(template: Template, settings: Settings) -> Iterator[str]:
    """An entry for each scheme, as SAM itself writes them. OpenAPI would let the client choose one of the two; API
    Gateway takes both: one is the method's authoriser, the other says that a key is required."""
    wanted = [{"authoriser": []}, {"api_key": []}] if takes_keys(settings) else [{"AWS_IAM": []}]
    for route, definition in methods(template):
        yield from differs(f"the security of {route}", definition.get("security"), wanted)
        yield from differs(f"an authorisation of {route} beside it", definition.get("x-amazon-apigateway-auth"), None)


def nothing_else_says_who_may_call(template: Template, _: Settings) -> Iterator[str]:
    """No other source of the key beside the definition's, and no security of the whole document, which may ask for
    nothing."""
    wanted = ["components", "info", "openapi", "paths"]
    own = ["x-amazon-apigateway-api-key-source", "x-amazon-apigateway-gateway-responses"]
    yield from differs("what the definition has", sorted(body(template)), [*wanted, *own])
    yield from differs("what the API has", sorted(properties(template, "Api")), OF_THE_API)


def a_part_that_api_gateway_ignores_stops_the_deployment(template: Template, _: Settings) -> Iterator[str]:
    yield from differs("FailOnWarnings", properties(template, "Api").get("FailOnWarnings"), True)


def the_schemes_are_those_of_the_choice(template: Template, settings: Settings) -> Iterator[str]:
    """The scheme of the key has no authoriser of its own, or API Gateway would not ask the usage plan."""
    guarded = {"x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": ASKED}
    asked = {**KEYED, "name": "Unused", **guarded}
    wanted = {"authoriser": asked, "api_key": KEYED} if takes_keys(settings) else {"AWS_IAM": SIGNED}
    yield from differs("the schemes", body(template).get("components", {}).get("securitySchemes"), wanted)


def the_key_is_what_the_authoriser_hands_on(template: Template, settings: Settings) -> Iterator[str]:
    """It may have come as a bearer token, where API Gateway does not look."""
    wanted = "AUTHORIZER" if takes_keys(settings) else "HEADER"
    yield from differs("the source", body(template).get("x-amazon-apigateway-api-key-source"), wanted)


def api_gateway_caches_no_word_of_the_authoriser(template: Template, settings: Settings) -> Iterator[str]:
    """Nor does it refuse what lacks one of two headers: it needs neither, because the authoriser looks at both."""
    if takes_keys(settings):
        scheme = body(template)["components"]["securitySchemes"]["authoriser"]["x-amazon-apigateway-authorizer"]
        yield from differs("the seconds", scheme.get("authorizerResultTtlInSeconds"), 0)
        yield from differs("what it needs", scheme.get("identitySource"), None)


def the_authoriser_s_name_is_the_one_that_the_api_asks(template: Template, settings: Settings) -> Iterator[str]:
    if takes_keys(settings):
        name = properties(template, AUTHORISER)["FunctionName"]
        yield from differs("the function asked", ASKED["authorizerUri"].split(":function:")[1], f"{name}/invocations")
        longest = 64 - len("-authoriser")
        text = template["Parameters"]["ApiAuth"]["Description"]
        yield from differs(f"whether {longest} characters are told", f"{longest} characters" in text, True)


def without_keys_nothing_of_theirs_is_there(template: Template, settings: Settings) -> Iterator[str]:
    found = [name for name in template["Resources"] if name in deployed(template) and is_of_keys(name, template)]
    yield from differs("what belongs to keys", sorted(found), sorted(OF_KEYS) if takes_keys(settings) else [])


def is_of_keys(name: str, template: Template) -> bool:
    kind = template["Resources"][name]["Type"]
    return "Authoriser" in name or kind in ("AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::ApiKey")


def the_usage_plan_limits_each_key_as_it_was_said(template: Template, settings: Settings) -> Iterator[str]:
    for plan in of_type(template, "AWS::ApiGateway::UsagePlan").values():
        yield from differs("the stages", plan["ApiStages"], [{"ApiId": "Api", "Stage": "ApiStage"}])
        rates = {"RateLimit": FIGURES["KeyRateLimit"], "BurstLimit": FIGURES["KeyBurstLimit"]}
        yield from differs("the throttle", plan.get("Throttle"), rates)
        yield from differs("the quota", plan.get("Quota"), {"Limit": FIGURES["KeyDailyQuota"], "Period": "DAY"})
        unlimited = {**template, "Parameters": {**template["Parameters"], "KeyDailyQuota": {"Default": 0}}}
        [plan] = of_type(unlimited, "AWS::ApiGateway::UsagePlan").values()
        yield from differs("the quota of 0", plan.get("Quota"), None)


def the_authoriser_is_told_the_plan_and_nothing_of_prompts(template: Template, settings: Settings) -> Iterator[str]:
    if takes_keys(settings):
        variables = properties(template, AUTHORISER)["Environment"]["Variables"]
        yield from differs("its variables", variables, {"LOG_LEVEL": FIGURES["LogLevel"], "USAGE_PLAN_ID": "UsagePlan"})
        yield from differs("its time-out", properties(template, AUTHORISER)["Timeout"], 5)


def nothing_waits_for_itself(template: Template, _: Settings) -> Iterator[str]:
    """The authoriser knows the plan, which knows the stage, which knows the API, which knows the authoriser by name."""
    graph = CfnTemplate("template.json", template).graph.graph
    yield from differs("the circles", [sorted(it) for it in networkx.simple_cycles(networkx.DiGraph(graph))], [])


def the_outputs_of_keys_are_there_with_them(template: Template, settings: Settings) -> Iterator[str]:
    outputs = {name: resolve(it["Value"], template) for name, it in deployed(template, "Outputs").items()}
    named = ("UsagePlanId", "AuthoriserFunctionName", "AuthoriserLogGroupName")
    wanted = list(named) if takes_keys(settings) else []
    yield from differs("the outputs", [name for name in named if name in outputs], wanted)


PROMISES: tuple[Check, ...] = (
    every_route_needs_a_signature_or_a_known_key,
    nothing_else_says_who_may_call,
    a_part_that_api_gateway_ignores_stops_the_deployment,
    the_schemes_are_those_of_the_choice,
    the_key_is_what_the_authoriser_hands_on,
    api_gateway_caches_no_word_of_the_authoriser,
    the_authoriser_s_name_is_the_one_that_the_api_asks,
    without_keys_nothing_of_theirs_is_there,
    the_usage_plan_limits_each_key_as_it_was_said,
    the_authoriser_is_told_the_plan_and_nothing_of_prompts,
    nothing_waits_for_itself,
    the_outputs_of_keys_are_there_with_them,
)

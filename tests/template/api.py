"""The API: its endpoint, its routes, its time-outs, and that both halves follow one mode."""

from collections.abc import Iterator

from settings import Settings
from translation import ASKING, REGION, Check, Mistakes, Template, differs, of_type, properties


def the_api_is_regional_and_modern(template: Template, _: Settings) -> Iterator[str]:
    [api] = of_type(template, "AWS::ApiGateway::RestApi").values()
    yield from differs("the endpoint type", api["EndpointConfiguration"]["Types"], ["REGIONAL"])
    if not api.get("SecurityPolicy", "").startswith("SecurityPolicy_TLS13_"):
        yield f"the API's security policy is {api.get('SecurityPolicy')}"


def methods(template: Template) -> Iterator[tuple[str, dict]]:
    """Every method of the API's definition, by its name and path."""
    for path, definitions in properties(template, "Api")["Body"]["paths"].items():
        for method, definition in definitions.items():
            yield f"{method} {path}", definition


def the_routes_are_all_paths_and_the_root(template: Template, _: Settings) -> Iterator[str]:
    """How each is guarded is checked in keys.py."""
    any_method = "x-amazon-apigateway-any-method"
    wanted = [f"{any_method} /", f"{any_method} /{{proxy+}}"]
    yield from differs("the routes", sorted(route for route, _ in methods(template)), wanted)


def the_integration_follows_the_mode(template: Template, settings: Settings) -> Iterator[str]:
    path = f"arn:aws:apigateway:{REGION}:lambda:path"
    transfer, uri = {
        "stream": ("STREAM", f"{path}/2021-11-15/functions/ApiFunction.Arn/response-streaming-invocations"),
        "buffered": ("BUFFERED", f"{path}/2015-03-31/functions/ApiFunction.Arn/invocations"),
    }[settings.mode]
    for route, definition in methods(template):
        integration = definition["x-amazon-apigateway-integration"]
        yield from differs(f"the URI of {route}", integration["uri"], uri)
        yield from differs(f"the transfer mode of {route}", integration.get("responseTransferMode"), transfer)


def the_function_follows_the_mode(template: Template, settings: Settings) -> Iterator[str]:
    api, worker = (properties(template, name)["Environment"]["Variables"] for name in ASKING)
    yield from differs("the API function's RESPONSE_MODE", api.get("RESPONSE_MODE"), settings.mode)
    yield from differs("the worker's RESPONSE_MODE", worker.get("RESPONSE_MODE"), None)


def the_api_s_timeouts_fit_its_mode(template: Template, settings: Settings) -> Iterator[str]:
    seconds, milliseconds = {"stream": (900, 900_000), "buffered": (30, 29_000)}[settings.mode]
    yield from differs("the API function's time-out", properties(template, "ApiFunction")["Timeout"], seconds)
    for route, definition in methods(template):
        found = definition["x-amazon-apigateway-integration"].get("timeoutInMillis")
        yield from differs(f"the time-out of {route}", found, milliseconds)


def the_stage_is_throttled_and_logs_no_prompts(template: Template, _: Settings) -> Iterator[str]:
    [stage] = of_type(template, "AWS::ApiGateway::Stage").values()
    [settings] = stage["MethodSettings"]
    wanted = {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "DataTraceEnabled": False,
        "LoggingLevel": "OFF",
        "MetricsEnabled": True,
    }
    yield from differs("the method settings", {key: settings.get(key) for key in wanted}, wanted)
    if not 0 < settings.get("ThrottlingRateLimit", 0) <= settings.get("ThrottlingBurstLimit", 0) <= 100:
        yield "the stage is not throttled modestly"


PROMISES: tuple[Check, ...] = (
    the_api_is_regional_and_modern,
    the_routes_are_all_paths_and_the_root,
    the_integration_follows_the_mode,
    the_function_follows_the_mode,
    the_api_s_timeouts_fit_its_mode,
    the_stage_is_throttled_and_logs_no_prompts,
)

MISTAKES: Mistakes = (
    ("Type: REGIONAL", "Type: EDGE", the_api_is_regional_and_modern),
    (
        "SecurityPolicy: SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
        "SecurityPolicy: TLS_1_0",
        the_api_is_regional_and_modern,
    ),
    ("          /:\n", "          /ping:\n", the_routes_are_all_paths_and_the_root),
    (
        "LambdaOperation: response-streaming-invocations",
        "LambdaOperation: invocations",
        the_integration_follows_the_mode,
    ),
    ("TransferMode: BUFFERED", "TransferMode: STREAM", the_integration_follows_the_mode),
    ("RESPONSE_MODE: !Ref ResponseMode", "RESPONSE_MODE: buffered", the_function_follows_the_mode),
    ("FunctionTimeoutSeconds: 30\n", "FunctionTimeoutSeconds: 60\n", the_api_s_timeouts_fit_its_mode),
    ("FunctionTimeoutSeconds: 900\n", "FunctionTimeoutSeconds: 300\n", the_api_s_timeouts_fit_its_mode),
    (
        "IntegrationTimeoutMilliseconds: 900000",
        "IntegrationTimeoutMilliseconds: 29000",
        the_api_s_timeouts_fit_its_mode,
    ),
    ("DataTraceEnabled: false", "DataTraceEnabled: true", the_stage_is_throttled_and_logs_no_prompts),
    ("ThrottlingRateLimit: 20", "ThrottlingRateLimit: 10000", the_stage_is_throttled_and_logs_no_prompts),
)

"""Checks that template.yaml deploys what kokunai promises, and that mistakes in it would be noticed."""

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
REGION = "ap-northeast-1"
ACCOUNT = "123456789012"
MODES = ("stream", "buffered")
FUNCTIONS = ("ApiFunction", "WorkerFunction")

# The translator reads the Region from here; none of the tools needs credentials or a network.
os.environ.update(AWS_DEFAULT_REGION=REGION, SAM_CLI_TELEMETRY="0")

from samcli.yamlhelper import yaml_parse  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402

# It warns about feature flags that only AWS itself sets.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

Template = dict
Check = Callable[[Template, str], Iterator[str]]


# The template, as CloudFormation would see it.


class NoManagedPolicies:
    """Stands for IAM's list of managed policies, which the template does not use."""

    def load(self) -> dict:
        return {}


def translate(text: str, mode: str) -> Template:
    """The CloudFormation template that SAM makes of `text`, with `mode` as the default of ResponseMode."""
    template = yaml_parse(text)
    template["Parameters"]["ResponseMode"]["Default"] = mode
    upload_code(template)
    parameters = {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()}
    return transform(template, parameters, NoManagedPolicies(), passthrough_metadata=True)


def upload_code(template: Template) -> None:
    """Replaces local code by an object in S3, as `sam deploy` does before it sends the template off."""
    functions = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]
    for properties in [template["Globals"]["Function"], *functions]:
        if "CodeUri" in properties:
            properties["CodeUri"] = f"s3://code/{properties['CodeUri']}"


def resolve(node: object, template: Template) -> object:
    """`node` with its references, look-ups and substitutions replaced by their values."""
    if isinstance(node, list):
        return [resolve(item, template) for item in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1:
        [(name, argument)] = node.items()
        if name in INTRINSICS:
            return INTRINSICS[name](argument, template)
    return {key: resolve(value, template) for key, value in node.items()}


def value_of(name: str, template: Template) -> object:
    """What `Ref` gives: a pseudo parameter, a parameter's default, or the name of a resource."""
    pseudo = {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::StackName": "kokunai"}
    parameter = template["Parameters"].get(name, {})
    return pseudo.get(name, parameter.get("Default", name))


def find_in_map(argument: list, template: Template) -> object:
    first, second, third = resolve(argument, template)
    return template["Mappings"][first][second][third]


def substitute(argument: str | list, template: Template) -> str:
    text, values = (argument, {}) if isinstance(argument, str) else argument
    values = resolve(values, template)
    return re.sub(r"\$\{([^}]+)}", lambda m: str(values.get(m[1], value_of(m[1], template))), text)


INTRINSICS = {
    "Ref": value_of,
    "Fn::FindInMap": find_in_map,
    "Fn::Sub": substitute,
    "Fn::GetAtt": lambda argument, _: argument if isinstance(argument, str) else ".".join(argument),
}


def of_type(template: Template, kind: str) -> dict[str, dict]:
    """The resolved properties of all resources of one type, by name."""
    resources = template["Resources"].items()
    return {name: resolve(r.get("Properties", {}), template) for name, r in resources if r["Type"] == kind}


def properties(template: Template, name: str) -> dict:
    return resolve(template["Resources"][name]["Properties"], template)


def statements(template: Template) -> Iterator[tuple[str, dict]]:
    """Every IAM statement with the name of its resource; `Action` and `Resource` are always lists."""
    for name, resource in template["Resources"].items():
        given = resolve(resource.get("Properties", {}), template)
        documents = [given.get("PolicyDocument"), *(policy["PolicyDocument"] for policy in given.get("Policies", []))]
        for document in filter(None, documents):
            for statement in as_list(document["Statement"]):
                # NotAction and NotResource are read as everything.
                yield name, {**statement, **{key: as_list(statement.get(key, "*")) for key in ("Action", "Resource")}}


def as_list(value: object) -> list:
    return value if isinstance(value, list) else [value]


def differs(what: str, found: object, wanted: object) -> Iterator[str]:
    if found != wanted:
        yield f"{what} is {json.dumps(found)}, not {json.dumps(wanted)}"


# What the template promises. Each check gives one line for every way in which the template breaks its promise.


def deploys_in_tokyo_only(template: Template, _: str) -> Iterator[str]:
    rules = template.get("Rules", {})
    wanted = [{"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]}]
    found = [a["Assert"] for rule in rules.values() if "RuleCondition" not in rule for a in rule["Assertions"]]
    yield from differs("the rule", found, wanted)


def the_pin_is_the_one_of_the_function(template: Template, _: str) -> Iterator[str]:
    source = (ROOT / "src" / "residency.rs").read_text()
    constants = dict(re.findall(r'^pub(?:\(crate\))? const (\w+): &str = "([^"]+)";', source, re.MULTILINE))
    japan = template["Mappings"]["Residency"]["Japan"]
    yield from differs("the Region", japan["Tokyo"], constants.get("REGION"))
    yield from differs("the profile", japan["Profile"], constants.get("PROFILE_ID"))
    yield from differs("the model", japan["Model"], constants.get("MODEL_ID"))


def bedrock_is_asked_through_the_profile_only(template: Template, _: str) -> Iterator[str]:
    japan = template["Mappings"]["Residency"]["Japan"]
    profile = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{japan['Profile']}"
    models = [f"arn:aws:bedrock:{region}::foundation-model/{japan['Model']}" for region in (REGION, "ap-northeast-3")]
    allow = {"Effect": "Allow", "Action": ["bedrock:InvokeModel"]}
    condition = {"StringEquals": {"bedrock:InferenceProfileArn": profile}}
    wanted = [{**allow, "Resource": [profile]}, {**allow, "Resource": models, "Condition": condition}]
    found = [s for _, s in statements(template) if any(not other_service(action) for action in s["Action"])]
    yield from differs("Bedrock's statements", [{k: v for k, v in s.items() if k != "Sid"} for s in found], wanted)


def other_service(action: str) -> bool:
    """Whether an action can only be one of a service that is not Bedrock."""
    service = action.partition(":")[0]
    return "*" not in service and not service.lower().startswith("bedrock")


def roles_hold_nothing_unseen(template: Template, _: str) -> Iterator[str]:
    roles = of_type(template, "AWS::IAM::Role")
    taken = [function["Role"] for function in of_type(template, "AWS::Lambda::Function").values()]
    yield from differs("the functions' roles", sorted(taken), sorted(f"{role}.Arn" for role in roles))
    for name, role in roles.items():
        managed = role.get("ManagedPolicyArns", [])
        yield from differs(f"{name}'s managed policies", managed, ["ModelPolicy", "TracePolicy"])


def only_x_ray_s_statement_names_every_resource(template: Template, _: str) -> Iterator[str]:
    for name, statement in statements(template):
        if "*" in statement["Resource"] and not all(action.startswith("xray:Put") for action in statement["Action"]):
            yield f"{name} allows {statement['Action']} on everything"


def no_allowed_action_is_a_pattern(template: Template, _: str) -> Iterator[str]:
    for name, statement in statements(template):
        if statement["Effect"] == "Allow" and "*" in "".join(statement["Action"]):
            yield f"{name} allows {statement['Action']}"


def functions_write_to_their_own_log_group_only(template: Template, _: str) -> Iterator[str]:
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        role, group = function["Role"].removesuffix(".Arn"), function["LoggingConfig"].get("LogGroup")
        own = [statement for owner, statement in statements(template) if owner == role]
        written = [statement["Resource"] for statement in own if "logs:PutLogEvents" in statement["Action"]]
        yield from differs(f"{name}'s log resources", written, [[f"{group}.Arn"]])
        yield from differs(f"{name}'s log format", function["LoggingConfig"]["LogFormat"], "JSON")


def log_groups_have_a_retention(template: Template, _: str) -> Iterator[str]:
    groups = of_type(template, "AWS::Logs::LogGroup")
    used = {f["LoggingConfig"].get("LogGroup") for f in of_type(template, "AWS::Lambda::Function").values()}
    yield from differs("the log groups in use", sorted(map(str, used)), sorted(groups))
    for name, group in groups.items():
        if not isinstance(group.get("RetentionInDays"), int):
            yield f"{name} keeps its lines for ever"


def the_api_is_regional_and_modern(template: Template, _: str) -> Iterator[str]:
    [api] = of_type(template, "AWS::ApiGateway::RestApi").values()
    yield from differs("the endpoint type", api["EndpointConfiguration"]["Types"], ["REGIONAL"])
    if not api.get("SecurityPolicy", "").startswith("SecurityPolicy_TLS13_"):
        yield f"the API's security policy is {api.get('SecurityPolicy')}"


def methods(template: Template) -> Iterator[tuple[str, dict]]:
    """Every method of the API's definition, by its name and path."""
    for path, definitions in properties(template, "Api")["Body"]["paths"].items():
        for method, definition in definitions.items():
            yield f"{method} {path}", definition


def every_route_needs_iam(template: Template, _: str) -> Iterator[str]:
    routes = dict(methods(template))
    any_method = "x-amazon-apigateway-any-method"
    yield from differs("the routes", sorted(routes), [f"{any_method} /", f"{any_method} /{{proxy+}}"])
    for route, definition in routes.items():
        yield from differs(f"the security of {route}", definition.get("security"), [{"AWS_IAM": []}])
    schemes = properties(template, "Api")["Body"].get("components", {}).get("securitySchemes", {})
    yield from differs("the scheme", schemes.get("AWS_IAM", {}).get("x-amazon-apigateway-authtype"), "awsSigv4")


def the_integration_follows_the_mode(template: Template, mode: str) -> Iterator[str]:
    path = f"arn:aws:apigateway:{REGION}:lambda:path"
    transfer, uri = {
        "stream": ("STREAM", f"{path}/2021-11-15/functions/ApiFunction.Arn/response-streaming-invocations"),
        "buffered": ("BUFFERED", f"{path}/2015-03-31/functions/ApiFunction.Arn/invocations"),
    }[mode]
    for route, definition in methods(template):
        integration = definition["x-amazon-apigateway-integration"]
        yield from differs(f"the URI of {route}", integration["uri"], uri)
        yield from differs(f"the transfer mode of {route}", integration.get("responseTransferMode"), transfer)


def the_function_follows_the_mode(template: Template, mode: str) -> Iterator[str]:
    api, worker = (properties(template, name)["Environment"]["Variables"] for name in FUNCTIONS)
    yield from differs("the API function's RESPONSE_MODE", api.get("RESPONSE_MODE"), mode)
    yield from differs("the worker's RESPONSE_MODE", worker.get("RESPONSE_MODE"), None)


def the_api_s_timeouts_fit_its_mode(template: Template, mode: str) -> Iterator[str]:
    most_seconds, most_milliseconds = {"stream": (300, 300_000), "buffered": (30, 29_000)}[mode]
    timeout = properties(template, "ApiFunction")["Timeout"]
    if timeout > most_seconds:
        yield f"the API function may take {timeout} s"
    for route, definition in methods(template):
        found = definition["x-amazon-apigateway-integration"].get("timeoutInMillis")
        yield from differs(f"the time-out of {route}", found, most_milliseconds)


def the_stage_is_throttled_and_logs_no_prompts(template: Template, _: str) -> Iterator[str]:
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


def only_this_api_s_stage_invokes_the_function(template: Template, _: str) -> Iterator[str]:
    [permission] = of_type(template, "AWS::Lambda::Permission").values()
    yield from differs("who may invoke", permission["Principal"], "apigateway.amazonaws.com")
    yield from differs("from where", permission["SourceArn"], f"arn:aws:execute-api:{REGION}:{ACCOUNT}:Api/prod/*")


def both_functions_are_one_artifact(template: Template, _: str) -> Iterator[str]:
    api, worker = (properties(template, name) for name in FUNCTIONS)
    for key in ("Code", "Architectures", "Runtime", "Handler", "MemorySize", "TracingConfig"):
        yield from differs(f"the worker's {key}", worker[key], api[key])
    yield from differs("the architecture", api["Architectures"], ["arm64"])
    wanted = {"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": "kokunai"}}
    for name in FUNCTIONS:
        yield from differs(f"how {name} is built", template["Resources"][name].get("Metadata"), wanted)


def every_variable_is_a_setting_of_the_function(template: Template, _: str) -> Iterator[str]:
    known = set(re.findall(r'"([A-Z][A-Z_]+)"', (ROOT / "src" / "settings.rs").read_text()))
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        for variable in set(function["Environment"]["Variables"]) - known:
            yield f"{name} has {variable}, which the function does not read"


def queues_are_encrypted_and_refuse_plain_http(template: Template, _: str) -> Iterator[str]:
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["sqs:*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policies = {s["Resource"][0]: s for _, s in statements(template) if s["Effect"] == "Deny"}
    attached = [queue for policy in of_type(template, "AWS::SQS::QueuePolicy").values() for queue in policy["Queues"]]
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        yield from differs(f"{name}'s encryption", queue.get("SqsManagedSseEnabled"), True)
        policy = policies.get(f"{name}.Arn", {})
        yield from differs(f"{name}'s policy", {key: policy.get(key) for key in denied}, denied)
        yield from differs(f"the number of {name}'s policies", attached.count(name), 1)


def prompts_stay_hidden_while_they_are_answered(template: Template, _: str) -> Iterator[str]:
    hidden = properties(template, "PromptQueue")["VisibilityTimeout"]
    timeout = properties(template, "WorkerFunction")["Timeout"]
    if hidden < 6 * timeout:
        yield f"a prompt is hidden for {hidden} s, less than six times the worker's {timeout} s"


def no_prompt_is_lost(template: Template, _: str) -> Iterator[str]:
    queue, dead = properties(template, "PromptQueue"), properties(template, "PromptDeadLetterQueue")
    redrive = queue["RedrivePolicy"]
    yield from differs("the dead-letter queue", redrive["deadLetterTargetArn"], "PromptDeadLetterQueue.Arn")
    if redrive["maxReceiveCount"] < 5:
        yield f"a prompt is tried {redrive['maxReceiveCount']} times only"
    yield from differs("the dead-letter queue's retention", dead["MessageRetentionPeriod"], 14 * 24 * 60 * 60)
    sources = [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue['QueueName']}"]
    wanted = {"redrivePermission": "byQueue", "sourceQueueArns": sources}
    yield from differs("who may use the dead-letter queue", dead.get("RedriveAllowPolicy"), wanted)


def the_worker_answers_for_each_message(template: Template, _: str) -> Iterator[str]:
    [mapping] = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    yield from differs("the response types", mapping.get("FunctionResponseTypes"), ["ReportBatchItemFailures"])
    yield from differs("the batch size", mapping["BatchSize"], 10)
    yield from differs("the concurrency", mapping.get("ScalingConfig"), {"MaximumConcurrency": 2})


PROMISES: tuple[Check, ...] = (
    deploys_in_tokyo_only,
    the_pin_is_the_one_of_the_function,
    bedrock_is_asked_through_the_profile_only,
    roles_hold_nothing_unseen,
    only_x_ray_s_statement_names_every_resource,
    no_allowed_action_is_a_pattern,
    functions_write_to_their_own_log_group_only,
    log_groups_have_a_retention,
    the_api_is_regional_and_modern,
    every_route_needs_iam,
    the_integration_follows_the_mode,
    the_function_follows_the_mode,
    the_api_s_timeouts_fit_its_mode,
    the_stage_is_throttled_and_logs_no_prompts,
    only_this_api_s_stage_invokes_the_function,
    both_functions_are_one_artifact,
    every_variable_is_a_setting_of_the_function,
    queues_are_encrypted_and_refuse_plain_http,
    prompts_stay_hidden_while_they_are_answered,
    no_prompt_is_lost,
    the_worker_answers_for_each_message,
)


# The tools.


def sam_validate(path: Path) -> Iterator[str]:
    """What `sam validate --lint` has to say about a template."""
    command = [sys.executable, "-m", "samcli", "validate", "--lint", "--region", REGION, "--template-file", path]
    # Next to the template stands samconfig.toml, which SAM reads too.
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "is a valid SAM Template" not in done.stdout:
        yield from (done.stdout + done.stderr).strip().splitlines()


def lint(template: Template) -> list[dict]:
    """What cfn-lint finds in a translated template."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "template.json"
        path.write_text(json.dumps(template))
        cfn_lint = [sys.executable, "-c", "from cfnlint.runner import main; main()"]
        command = [*cfn_lint, "--format", "json", "--regions", REGION, "--template", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and not done.stdout.strip():
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout or "[]")


def describe(finding: dict) -> str:
    return f"{finding['Rule']['Id']} at {'/'.join(map(str, finding['Location']['Path']))}: {finding['Message'][:200]}"


# Mistakes that somebody will make one day: the text, what it becomes, and who has to notice.

LINTED = (
    ("Runtime: provided.al2023", "Runtime: provided.al2024", ("ApiFunction", "Runtime")),
    ("Architectures: [arm64]", "Architectures: [arm65]", ("WorkerFunction", "Architectures")),
    ("VisibilityTimeout: 1800", "VisibilityTimeout: 299", ("PromptQueue", "VisibilityTimeout")),
    ("Action: bedrock:InvokeModel", "Action: bedrock:InvokeModle", ("ModelPolicy", "Action")),
)

BROKEN: tuple[tuple[str, str, Check], ...] = (
    ('!Ref "AWS::Region", ap-northeast-1]', '!Ref "AWS::Region", ap-northeast-3]', deploys_in_tokyo_only),
    ("Profile: jp.anthropic", "Profile: global.anthropic", the_pin_is_the_one_of_the_function),
    ("Model: anthropic.claude-sonnet-4-5", "Model: anthropic.claude-sonnet-4-6", the_pin_is_the_one_of_the_function),
    ("Tokyo: ap-northeast-1", "Tokyo: us-east-1", the_pin_is_the_one_of_the_function),
    ("Osaka: ap-northeast-3", "Osaka: us-west-2", bedrock_is_asked_through_the_profile_only),
    ("StringEquals:", "StringLike:", bedrock_is_asked_through_the_profile_only),
    ("Action: bedrock:InvokeModel", 'Action: "bedrock:Invoke*"', bedrock_is_asked_through_the_profile_only),
    (
        "sqs:GetQueueAttributes]",
        'sqs:GetQueueAttributes, "bedrock-mantle:*"]',
        bedrock_is_asked_through_the_profile_only,
    ),
    ("- !Ref TracePolicy", "- arn:aws:iam::aws:policy/AmazonBedrockFullAccess", roles_hold_nothing_unseen),
    ("Resource: !GetAtt WorkerLogGroup.Arn", 'Resource: "*"', only_x_ray_s_statement_names_every_resource),
    ("sqs:ReceiveMessage", '"sqs:*"', no_allowed_action_is_a_pattern),
    ("LogGroup: !Ref WorkerLogGroup", "LogGroup: !Ref ApiLogGroup", functions_write_to_their_own_log_group_only),
    ("RetentionInDays: !Ref LogRetentionDays", "LogGroupClass: STANDARD", log_groups_have_a_retention),
    ("Type: REGIONAL", "Type: EDGE", the_api_is_regional_and_modern),
    (
        "SecurityPolicy: SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
        "SecurityPolicy: TLS_1_0",
        the_api_is_regional_and_modern,
    ),
    ("DefaultAuthorizer: AWS_IAM", "ApiKeyRequired: true", every_route_needs_iam),
    ("          /:\n", "          /ping:\n", every_route_needs_iam),
    (
        "LambdaOperation: response-streaming-invocations",
        "LambdaOperation: invocations",
        the_integration_follows_the_mode,
    ),
    ("TransferMode: BUFFERED", "TransferMode: STREAM", the_integration_follows_the_mode),
    ("RESPONSE_MODE: !Ref ResponseMode", "RESPONSE_MODE: buffered", the_function_follows_the_mode),
    ("FunctionTimeoutSeconds: 30\n", "FunctionTimeoutSeconds: 60\n", the_api_s_timeouts_fit_its_mode),
    (
        "IntegrationTimeoutMilliseconds: 300000",
        "IntegrationTimeoutMilliseconds: 29000",
        the_api_s_timeouts_fit_its_mode,
    ),
    ("DataTraceEnabled: false", "DataTraceEnabled: true", the_stage_is_throttled_and_logs_no_prompts),
    ("ThrottlingRateLimit: 20", "ThrottlingRateLimit: 10000", the_stage_is_throttled_and_logs_no_prompts),
    (":${Api}/${StageName}/*", ":*", only_this_api_s_stage_invokes_the_function),
    ("      Timeout: 300\n", "      Timeout: 300\n      CodeUri: other\n", both_functions_are_one_artifact),
    ("        Binary: kokunai\n", "        Binary: other\n", both_functions_are_one_artifact),
    ("DEFAULT_MAX_TOKENS:", "DEFAULT_MAX_TOKEN:", every_variable_is_a_setting_of_the_function),
    ("SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false", queues_are_encrypted_and_refuse_plain_http),
    ('aws:SecureTransport: "false"', 'aws:SecureTransport: "true"', queues_are_encrypted_and_refuse_plain_http),
    ("VisibilityTimeout: 1800", "VisibilityTimeout: 1799", prompts_stay_hidden_while_they_are_answered),
    ("maxReceiveCount: 5", "maxReceiveCount: 4", no_prompt_is_lost),
    ("MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600", no_prompt_is_lost),
    ("redrivePermission: byQueue", "redrivePermission: allowAll", no_prompt_is_lost),
    ("            FunctionResponseTypes: [ReportBatchItemFailures]\n", "", the_worker_answers_for_each_message),
)


def mistaken(text: str, old: str, new: str) -> str:
    if old not in text:
        raise LookupError(f"the template does not say {old!r} any more: adapt this mistake")
    return text.replace(old, new)


def noticed_by_lint(text: str, old: str, new: str, spot: tuple[str, str]) -> Iterator[str]:
    findings = lint(translate(mistaken(text, old, new), MODES[0]))
    resource, key = spot
    paths = [finding["Location"]["Path"] for finding in findings]
    if not any(path[:2] == ["Resources", resource] and key in path for path in paths):
        yield from (f"nothing was found at {resource} {key}", *map(describe, findings))


def noticed_by_check(text: str, old: str, new: str, check: Check) -> Iterator[str]:
    broken = mistaken(text, old, new)
    if not any(problem for mode in MODES for problem in check(translate(broken, mode), mode)):
        yield f"{sentence(check)!r} passes all the same"


def a_change_of_mode_deploys_the_api_again(text: str) -> Iterator[str]:
    """The stage shows a deployment, not the API itself: without a new one it would keep the old integration."""
    one, other = (deployment(text, mode, moment) for moment, mode in enumerate(MODES))
    if one == other:
        yield f"both modes have the deployment {one}"


def deployment(text: str, mode: str, moment: int) -> list[str]:
    with patch("time.time", return_value=moment):
        return list(of_type(translate(text, mode), "AWS::ApiGateway::Deployment"))


def a_frozen_deployment_is_noticed(text: str) -> Iterator[str]:
    if not list(a_change_of_mode_deploys_the_api_again(mistaken(text, "AlwaysDeploy: true", "AlwaysDeploy: false"))):
        yield "a template without AlwaysDeploy passes all the same"


# The run.


def sentence(check: Callable) -> str:
    return check.__name__.replace("_s_", "'s ").replace("_", " ")


def short(text: str) -> str:
    return " ".join(text.split()) or "(nothing)"


def checks(text: str) -> Iterator[tuple[str, Callable[[], Iterator[str]]]]:
    """Every check by its name."""
    yield "sam validate --lint is clean", lambda: sam_validate(TEMPLATE)
    for mode in MODES:
        template = translate(text, mode)
        yield f"{mode}: cfn-lint of the translated template is clean", lambda t=template: map(describe, lint(t))
        for check in PROMISES:
            yield f"{mode}: {sentence(check)}", lambda c=check, t=template, m=mode: c(t, m)
    for whole in (a_change_of_mode_deploys_the_api_again, a_frozen_deployment_is_noticed):
        yield sentence(whole), lambda c=whole: c(text)
    for mistake in LINTED:
        yield f"cfn-lint notices {short(mistake[1])}", lambda m=mistake: noticed_by_lint(text, *m)
    for mistake in BROKEN:
        name = f"{short(mistake[0])} -> {short(mistake[1])}"
        yield f"noticed: {name}", lambda m=mistake: noticed_by_check(text, *m)


def problems_of(check: Callable[[], Iterator[str]]) -> list[str]:
    try:
        return list(check())
    except Exception as error:  # A check that cannot be done has failed, and the others go on.
        return [f"{type(error).__name__}: {error}"]


def main() -> int:
    passed = failed = 0
    for name, check in checks(TEMPLATE.read_text()):
        problems = problems_of(check)
        print("FAILED" if problems else "ok", name, flush=True)
        for problem in problems:
            print("      ", problem)
        passed, failed = passed + (not problems), failed + bool(problems)
    print(f"{passed} passed, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())

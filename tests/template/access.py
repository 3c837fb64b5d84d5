"""Who may do what: every IAM statement of the translated template, in one table, and nothing beside it."""

import json
from collections.abc import Iterator

from translation import ACCOUNT, REGION, ROOT, Check, Settings, Template, deployed, differs, of_type, statements

PUBLISHED = ROOT / "policies" / "identity.json"
WHOLE = ["bedrock:InvokeModel"]
STREAMED = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]

Statement = dict


# The table: under the name of a resource and the property that its statements stand in, what they say, word for word.


def table(template: Template, settings: Settings) -> dict[str, list[Statement]]:
    remembers, counts = settings.idempotency == "on", settings.count_tokens == "on"
    return {
        "ApiRole.AssumeRolePolicyDocument": [FOR_LAMBDA],
        "ApiRole.Policies": [write_to("ApiLogGroup"), *([count(template)] if counts else [])],
        "ModelPolicy.PolicyDocument": ask(template, STREAMED),
        "WorkerRole.AssumeRolePolicyDocument": [FOR_LAMBDA],
        "WorkerRole.Policies": [
            *ask(template, WHOLE),
            write_to("WorkerLogGroup"),
            allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "PromptQueue.Arn"),
            allow(["sqs:ChangeMessageVisibility"], "PromptQueue.Arn"),
            allow(["sqs:SendMessage"], "ResultsQueue.Arn", "PromptDeadLetterQueue.Arn"),
        ],
        # A move task asks as whoever starts it, so a queue's own policy must not refuse more than plain HTTP.
        "PromptQueuePolicy.PolicyDocument": [refuse_plain_http("PromptQueue")],
        "PromptDeadLetterQueuePolicy.PolicyDocument": [refuse_plain_http("PromptDeadLetterQueue")],
        "ResultsQueuePolicy.PolicyDocument": [refuse_plain_http("ResultsQueue")],
        "TracePolicy.PolicyDocument": [allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")],
        **({"MemoryPolicy.PolicyDocument": [allow(REMEMBER, "IdempotencyTable.Arn")]} if remembers else {}),
    }


REMEMBER = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
FOR_LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": ["sts:AssumeRole"]}


def attached(settings: Settings) -> dict[str, list[str]]:
    """The managed policies of each role: only the API's role has the one that allows streams."""
    shared = ["TracePolicy", *(["MemoryPolicy"] if settings.idempotency == "on" else [])]
    return {"ApiRole": ["ModelPolicy", *shared], "WorkerRole": shared}


def allow(actions: list[str], *resources: str) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def ask(template: Template, actions: list[str]) -> list[Statement]:
    """The profile, and the model in both Regions if it is asked through the profile."""
    japan = template["Mappings"]["Residency"]["Japan"]
    profile = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{japan['Profile']}"
    models = [f"arn:aws:bedrock:{region}::foundation-model/{japan['Model']}" for region in (REGION, "ap-northeast-3")]
    through = {"StringEquals": {"bedrock:InferenceProfileArn": profile}}
    asked, answering = allow(actions, profile), {**allow(actions, *models), "Condition": through}
    return [{"Sid": "AskThroughTheProfile", **asked}, {"Sid": "AnswerInJapan", **answering}]


def count(template: Template) -> Statement:
    model = template["Mappings"]["Residency"]["Japan"]["Model"]
    return allow(["bedrock:CountTokens"], f"arn:aws:bedrock:{REGION}::foundation-model/{model}")


def write_to(group: str) -> Statement:
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{group}.Arn")


def refuse_plain_http(queue: str) -> Statement:
    refused = {"Sid": "RefusePlainHttp", "Effect": "Deny", "Principal": "*", "Action": ["sqs:*"]}
    return {**refused, "Resource": [f"{queue}.Arn"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


# The checks.


def every_statement_is_in_the_table(template: Template, settings: Settings) -> Iterator[str]:
    found: dict[str, list[Statement]] = {}
    for place, statement in statements(template):
        found.setdefault(place, []).append(statement)
    wanted = table(template, settings)
    for place in sorted({*found, *wanted}):
        its_own, expected = found.get(place, []), wanted.get(place, [])
        for number in range(max(len(its_own), len(expected))):
            pair = (those[number] if number < len(those) else None for those in (its_own, expected))
            yield from differs(f"statement {number + 1} of {place}", *pair)


def nothing_else_gives_access(template: Template, settings: Settings) -> Iterator[str]:
    """No other resource that could, and no policy that is attached other than by the roles."""
    wanted = {
        "AWS::IAM::Role": {"ApiRole", "WorkerRole"},
        "AWS::IAM::ManagedPolicy": {policy for policies in attached(settings).values() for policy in policies},
        "AWS::SQS::QueuePolicy": {"PromptQueuePolicy", "PromptDeadLetterQueuePolicy", "ResultsQueuePolicy"},
        "AWS::Lambda::Permission": {"ApiInvokesFunction"},
    }
    found: dict[str, set[str]] = {}
    for name, resource in deployed(template).items():
        kind = resource["Type"]
        if kind.startswith("AWS::IAM::") or any(word in kind for word in ("Policy", "Permission", "::Url")):
            found.setdefault(kind, set()).add(name)
    for kind in sorted({*found, *wanted}):
        yield from differs(f"the resources of {kind}", sorted(found.get(kind, [])), sorted(wanted.get(kind, [])))
    for name, policy in of_type(template, "AWS::IAM::ManagedPolicy").items():
        yield from differs(f"what {name} consists of", sorted(policy), ["Description", "PolicyDocument"])


def each_function_has_its_own_role(template: Template, settings: Settings) -> Iterator[str]:
    functions = of_type(template, "AWS::Lambda::Function").items()
    taken = {name: function["Role"] for name, function in functions}
    yield from differs("the roles", taken, {"ApiFunction": "ApiRole.Arn", "WorkerFunction": "WorkerRole.Arn"})
    held = {name: role.get("ManagedPolicyArns", []) for name, role in of_type(template, "AWS::IAM::Role").items()}
    yield from differs("the roles' managed policies", held, attached(settings))


def the_model_s_policy_is_the_published_one(template: Template, _: Settings) -> Iterator[str]:
    published = json.loads(PUBLISHED.read_text().replace("ACCOUNT_ID", ACCOUNT))["Statement"]
    ours = [statement for place, statement in statements(template) if place == "ModelPolicy.PolicyDocument"]
    yield from differs("the number of statements", len(ours), len(published))
    for number, (one, other) in enumerate(zip(ours, published), start=1):
        for key in sorted({*one, *other}):
            wanted = other.get(key)
            listed = [wanted] if key in ("Action", "Resource") and isinstance(wanted, str) else wanted
            yield from differs(f"{key} in statement {number}", one.get(key), listed)


# Two rules that hold whatever the table says.


def only_x_ray_s_statement_names_every_resource(template: Template, _: Settings) -> Iterator[str]:
    for place, statement in statements(template):
        actions = statement.get("Action", ["*"])
        if "*" in statement.get("Resource", []) and not all(action.startswith("xray:Put") for action in actions):
            yield f"{place} allows {actions} on everything"


def no_allowed_action_is_a_pattern(template: Template, _: Settings) -> Iterator[str]:
    for place, statement in statements(template):
        actions = statement.get("Action", ["*"])
        if statement["Effect"] == "Allow" and "*" in "".join(actions):
            yield f"{place} allows {actions}"


PROMISES: tuple[Check, ...] = (
    every_statement_is_in_the_table,
    nothing_else_gives_access,
    each_function_has_its_own_role,
    the_model_s_policy_is_the_published_one,
    only_x_ray_s_statement_names_every_resource,
    no_allowed_action_is_a_pattern,
)

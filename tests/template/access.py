"""Who may do what: every IAM statement of the translated template is in the table, and there is nothing beside it."""

import json
from collections.abc import Iterator

from access_table import INTERFACES, Statement, attached, invokers, makes_account_role, table, takes_keys
from settings import Settings
from translation import ACCOUNT, ROOT, Check, Template, deployed, differs, of_type, properties, resolve, statements

# AWS's own, because API Gateway takes no role that may do less, and it is the account's, not the stack's.
LOGS_OF_API_GATEWAY = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"

PUBLISHED = ROOT / "policies" / "identity.json"


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
        "AWS::IAM::Role": {*attached(settings), *(["ApiGatewayLogsRole"] if makes_account_role(settings) else [])},
        "AWS::IAM::ManagedPolicy": {policy for policies in attached(settings).values() for policy in policies},
        "AWS::SQS::QueuePolicy": {f"{queue}Policy" for queue in of_type(template, "AWS::SQS::Queue")},
        "AWS::SNS::TopicPolicy": {"AlarmTopicPolicy"},
        "AWS::Lambda::Permission": set(invokers(settings)),
        **({"AWS::S3::BucketPolicy": {"TrailBucketPolicy"}} if settings.trail == "on" else {}),
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


def only_its_own_callers_invoke_a_function(template: Template, settings: Settings) -> Iterator[str]:
    for name, (function, principal, source) in invokers(settings).items():
        permission = {"Action": "lambda:InvokeFunction", "FunctionName": f"{function}.Arn"}
        wanted = {**permission, "Principal": principal, "SourceArn": source}
        yield from differs(name, properties(template, name), wanted)


def each_policy_is_the_one_of_its_resource(template: Template, settings: Settings) -> Iterator[str]:
    """What the queues' policies are attached to is checked in queues.py."""
    yield from differs("the topic's policy", properties(template, "AlarmTopicPolicy")["Topics"], ["AlarmTopic"])
    if settings.trail == "on":
        yield from differs("the bucket's policy", properties(template, "TrailBucketPolicy")["Bucket"], "TrailBucket")


def each_function_has_its_own_role(template: Template, settings: Settings) -> Iterator[str]:
    functions = of_type(template, "AWS::Lambda::Function").items()
    taken = {name: function["Role"] for name, function in functions}
    own = {f"{name}Function": f"{name}Role.Arn" for name in ("Api", "Worker", "Audit")}
    own |= {"AuthoriserFunction": "AuthoriserRole.Arn"} if takes_keys(settings) else {}
    yield from differs("the roles", taken, own)
    held = {name: role.get("ManagedPolicyArns", []) for name, role in of_type(template, "AWS::IAM::Role").items()}
    logs = {"ApiGatewayLogsRole": [LOGS_OF_API_GATEWAY]} if makes_account_role(settings) else {}
    yield from differs("the roles' managed policies", held, {**attached(settings), **logs})


def the_model_s_policy_is_the_published_one(template: Template, _: Settings) -> Iterator[str]:
    published = json.loads(PUBLISHED.read_text().replace("ACCOUNT_ID", ACCOUNT))["Statement"]
    ours = [statement for place, statement in statements(template) if place == "ModelPolicy.PolicyDocument"]
    yield from differs("the number of statements", len(ours), len(published))
    for number, (one, other) in enumerate(zip(ours, published), start=1):
        for key in sorted({*one, *other}):
            wanted = other.get(key)
            listed = [wanted] if key in ("Action", "Resource") and isinstance(wanted, str) else wanted
            yield from differs(f"{key} in statement {number}", one.get(key), listed)


# Three rules that hold whatever the table says.


def only_what_has_no_resources_is_allowed_on_every_one(template: Template, _: Settings) -> Iterator[str]:
    """X-Ray's traces, and the interfaces that Lambda makes in a VPC."""
    for place, statement in statements(template):
        actions = statement.get("Action", ["*"])
        if statement["Effect"] == "Allow" and "*" in statement.get("Resource", []):
            if actions != INTERFACES and not all(action.startswith("xray:Put") for action in actions):
                yield f"{place} allows {actions} on everything"


def no_allowed_action_is_a_pattern(template: Template, _: Settings) -> Iterator[str]:
    for place, statement in statements(template):
        actions = statement.get("Action", ["*"])
        if statement["Effect"] == "Allow" and "*" in "".join(actions):
            yield f"{place} allows {actions}"


def every_policy_is_in_the_current_language(template: Template, _: Settings) -> Iterator[str]:
    """A policy without this version is read in the language of 2008, which knows no variables."""
    for name, resource in deployed(template).items():
        for document in documents_in(resolve(resource.get("Properties", {}), template)):
            yield from differs(f"the version of a policy of {name}", document.get("Version"), "2012-10-17")


def documents_in(node: object) -> Iterator[dict]:
    if isinstance(node, dict) and "Statement" in node:
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from documents_in(child)


PROMISES: tuple[Check, ...] = (
    every_statement_is_in_the_table,
    nothing_else_gives_access,
    only_its_own_callers_invoke_a_function,
    each_policy_is_the_one_of_its_resource,
    each_function_has_its_own_role,
    the_model_s_policy_is_the_published_one,
    only_what_has_no_resources_is_allowed_on_every_one,
    no_allowed_action_is_a_pattern,
    every_policy_is_in_the_current_language,
)

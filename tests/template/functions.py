"""The functions: what they are built from, what they are told, and where they write."""

import re
import tomllib
from collections.abc import Iterator

from settings import FIGURES, Settings
from translation import (
    ASKING,
    AUDIT,
    AUTHORISER,
    REGION,
    ROOT,
    Check,
    Mistakes,
    Template,
    deployed,
    differs,
    of_type,
    properties,
    resolve,
    statements,
)


def all_functions_are_one_artifact(template: Template, settings: Settings) -> Iterator[str]:
    """Only the authoriser, which asks for no answers, has less memory than the others."""
    functions = of_type(template, "AWS::Lambda::Function")
    authoriser = [AUTHORISER] if settings.auth == "API_KEY" else []
    yield from differs("the functions", sorted(functions), sorted((*ASKING, AUDIT, *authoriser)))
    [first, *_others] = functions.values()
    yield from differs("the architecture", first["Architectures"], ["arm64"])
    wanted = {"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": "kokunai"}}
    for name, function in functions.items():
        like = {**first, "MemorySize": 256} if name == AUTHORISER else first
        for key in ("Code", "Architectures", "Runtime", "Handler", "MemorySize", "TracingConfig"):
            yield from differs(f"{name}'s {key}", function[key], like[key])
        metadata = template["Resources"][name].get("Metadata", {})
        yield from differs(f"how {name} is built", {key: metadata.get(key) for key in wanted}, wanted)


def every_variable_is_a_setting_of_the_function(template: Template, _: Settings) -> Iterator[str]:
    sources = [ROOT / "src" / "settings.rs", *(ROOT / "src" / "settings").glob("*.rs")]
    known = set(re.findall(r'"([A-Z][A-Z_]+)"', "".join(source.read_text() for source in sources)))
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        for variable in set(function["Environment"]["Variables"]) - known:
            yield f"{name} has {variable}, which the function does not read"


def tokens_are_counted_by_the_api_alone_when_turned_on(template: Template, settings: Settings) -> Iterator[str]:
    api, worker = (properties(template, name)["Environment"]["Variables"] for name in ASKING)
    yield from differs("the API function's COUNT_TOKENS", api.get("COUNT_TOKENS"), settings.count_tokens)
    yield from differs("the worker's COUNT_TOKENS", worker.get("COUNT_TOKENS"), None)


def answers_are_priced_as_it_was_said(template: Template, _: Settings) -> Iterator[str]:
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        wanted = FIGURES["PricesUsdPerMillion"] if name in ASKING else None
        found = function["Environment"]["Variables"].get("PRICES_USD_PER_MILLION")
        yield from differs(f"{name}'s PRICES_USD_PER_MILLION", found, wanted)


def functions_write_to_their_own_log_group_only(template: Template, _: Settings) -> Iterator[str]:
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        role, group = function["Role"].removesuffix(".Arn"), function["LoggingConfig"].get("LogGroup")
        own = [statement for place, statement in statements(template) if place == f"{role}.Policies"]
        written = [statement["Resource"] for statement in own if "logs:PutLogEvents" in statement["Action"]]
        yield from differs(f"{name}'s log resources", written, [[f"{group}.Arn"]])
        yield from differs(f"{name}'s log format", function["LoggingConfig"]["LogFormat"], "JSON")


def log_groups_have_a_retention(template: Template, settings: Settings) -> Iterator[str]:
    groups = of_type(template, "AWS::Logs::LogGroup")
    used = {f["LoggingConfig"].get("LogGroup") for f in of_type(template, "AWS::Lambda::Function").values()}
    used |= {"AccessLogGroup"} if settings.access_logs == "on" else set()
    yield from differs("the log groups in use", sorted(map(str, used)), sorted(groups))
    for name, group in groups.items():
        if not isinstance(group.get("RetentionInDays"), int):
            yield f"{name} keeps its lines for ever"


def log_lines_outlive_the_stack(template: Template, _: Settings) -> Iterator[str]:
    """But for a stack that could not be made: its lines would be in the way of nothing and of use to nobody."""
    wanted = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    for name in of_type(template, "AWS::Logs::LogGroup"):
        resource = template["Resources"][name]
        yield from differs(f"what becomes of {name}", {key: resource.get(key) for key in wanted}, wanted)


RESERVED = ("ApiReservedConcurrency", "WorkerReservedConcurrency")
CONSOLE = f"https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}"


def the_outputs_name_what_an_operator_needs(template: Template, settings: Settings) -> Iterator[str]:
    outputs = {name: resolve(output["Value"], template) for name, output in deployed(template, "Outputs").items()}
    wanted = {
        "PromptQueueUrl": "PromptQueue",
        "PromptQueueArn": "PromptQueue.Arn",
        "ResultsQueueUrl": "ResultsQueue",
        "PromptDeadLetterQueueUrl": "PromptDeadLetterQueue",
        "PromptDeadLetterQueueArn": "PromptDeadLetterQueue.Arn",
        "IdempotencyTableName": "IdempotencyTable" if settings.idempotency == "on" else None,
        "ApiLogGroupName": "ApiLogGroup",
        "AccessLogGroupName": "AccessLogGroup" if settings.access_logs == "on" else None,
        "ApiRoleName": "ApiRole",
        "WorkerRoleName": "WorkerRole",
        "UsagePlanId": "UsagePlan" if settings.auth == "API_KEY" else None,
        "AuthoriserFunctionName": AUTHORISER if settings.auth == "API_KEY" else None,
        "AuthoriserLogGroupName": "AuthoriserLogGroup" if settings.auth == "API_KEY" else None,
        "AuditFunctionName": AUDIT,
        "AuditFunctionArn": f"{AUDIT}.Arn",
        "AuditLogGroupName": "AuditLogGroup",
        "AuditDeadLetterQueueUrl": "AuditDeadLetterQueue",
        "AuditDeadLetterQueueArn": "AuditDeadLetterQueue.Arn",
        "DashboardUrl": CONSOLE + "#dashboards/dashboard/Dashboard",
        "AlarmTopicArn": "AlarmTopic",
        "TrailBucketName": "TrailBucket" if settings.trail == "on" else None,
    }
    for name, value in wanted.items():
        yield from differs(f"the output {name}", outputs.get(name), value)


def functions_reserve_what_was_said(template: Template, _: Settings) -> Iterator[str]:
    """As many as the parameters say, and none where they say nothing; the audit never."""
    wanted = {"ApiFunction": FIGURES["ApiReservedConcurrency"], "WorkerFunction": FIGURES["WorkerReservedConcurrency"]}
    for name, reserved in of_type(template, "AWS::Lambda::Function").items():
        found = reserved.get("ReservedConcurrentExecutions")
        yield from differs(f"what is reserved for {name}", found, wanted.get(name))
    unsaid = {**template, "Parameters": {**template["Parameters"], **dict.fromkeys(RESERVED, {"Default": ""})}}
    for name, function in of_type(unsaid, "AWS::Lambda::Function").items():
        yield from differs(f"what {name} reserves of itself", function.get("ReservedConcurrentExecutions"), None)


def the_prompt_cache_is_the_api_s(template: Template, _: Settings) -> Iterator[str]:
    api, worker = (properties(template, name)["Environment"]["Variables"] for name in ASKING)
    yield from differs("the API function's CHAT_PROMPT_CACHE", api.get("CHAT_PROMPT_CACHE"), FIGURES["ChatPromptCache"])
    yield from differs("the worker's CHAT_PROMPT_CACHE", worker.get("CHAT_PROMPT_CACHE"), None)


def what_can_be_tagged_is_tagged(template: Template, _: Settings) -> Iterator[str]:
    """By the template what SAM tags, and the rest by the tags of the stack, which CloudFormation passes on."""
    for kind in ("AWS::Lambda::Function", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"):
        for name, resource in of_type(template, kind).items():
            yield from differs(
                f"whether {name} is tagged", {"Key": "Project", "Value": "kokunai"} in resource.get("Tags", []), True
            )
    tags = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["deploy"]["parameters"]["tags"]
    yield from differs("the stack's tags", tags, "Project=kokunai")


PROMISES: tuple[Check, ...] = (
    all_functions_are_one_artifact,
    every_variable_is_a_setting_of_the_function,
    tokens_are_counted_by_the_api_alone_when_turned_on,
    answers_are_priced_as_it_was_said,
    functions_write_to_their_own_log_group_only,
    log_groups_have_a_retention,
    log_lines_outlive_the_stack,
    functions_reserve_what_was_said,
    the_prompt_cache_is_the_api_s,
    what_can_be_tagged_is_tagged,
    the_outputs_name_what_an_operator_needs,
)

MISTAKES: Mistakes = (
    ("!If [ReservesApi, !Ref ApiReservedConcurrency,", "!If [ReservesApi, 100,", functions_reserve_what_was_said),
    ("!Ref WorkerReservedConcurrency, !Ref", "!Ref ApiReservedConcurrency, !Ref", functions_reserve_what_was_said),
    (
        "ReservesApi: !Not [!Equals [!Ref ApiReservedConcurrency",
        "ReservesApi: !Not [!Equals [none",
        functions_reserve_what_was_said,
    ),
    ("CHAT_PROMPT_CACHE: !Ref ChatPromptCache", "CHAT_PROMPT_CACHE: 5m", the_prompt_cache_is_the_api_s),
    ("      Project: kokunai\n", "      project: kokunai\n", what_can_be_tagged_is_tagged),
    ("    PropagateTags: true\n", "", what_can_be_tagged_is_tagged),
    (
        "COUNT_TOKENS: !Ref CountTokens",
        'COUNT_TOKENS: "on"',
        tokens_are_counted_by_the_api_alone_when_turned_on,
    ),
    (
        "        LOG_LEVEL: !Ref LogLevel\n",
        "        LOG_LEVEL: !Ref LogLevel\n        COUNT_TOKENS: !Ref CountTokens\n",
        tokens_are_counted_by_the_api_alone_when_turned_on,
    ),
    ("      Timeout: 300\n", "      Timeout: 300\n      CodeUri: other\n", all_functions_are_one_artifact),
    ("      Timeout: 30\n", "      Timeout: 30\n      MemorySize: 128\n", all_functions_are_one_artifact),
    ("      MemorySize: 256\n", "      MemorySize: 128\n", all_functions_are_one_artifact),
    (
        "  AuthoriserFunction:\n    Type: AWS::Serverless::Function\n    Condition: TakesKeys\n",
        "  AuthoriserFunction:\n    Type: AWS::Serverless::Function\n",
        all_functions_are_one_artifact,
    ),
    (
        "          PRICES_USD_PER_MILLION: !Ref PricesUsdPerMillion\n          RESPONSE_MODE",
        "          RESPONSE_MODE",
        answers_are_priced_as_it_was_said,
    ),
    (
        "        LOG_LEVEL: !Ref LogLevel\n",
        "        LOG_LEVEL: !Ref LogLevel\n        PRICES_USD_PER_MILLION: input:0\n",
        answers_are_priced_as_it_was_said,
    ),
    ("        Binary: kokunai\n", "        Binary: other\n", all_functions_are_one_artifact),
    ("DEFAULT_MAX_TOKENS:", "DEFAULT_MAX_TOKEN:", every_variable_is_a_setting_of_the_function),
    ("DEAD_LETTER_QUEUE_URL:", "DEAD_LETTERS_URL:", every_variable_is_a_setting_of_the_function),
    ("LogGroup: !Ref WorkerLogGroup", "LogGroup: !Ref ApiLogGroup", functions_write_to_their_own_log_group_only),
    ("LogGroup: !Ref AuditLogGroup", "LogGroup: !Ref ApiLogGroup", functions_write_to_their_own_log_group_only),
    ("RetentionInDays: !Ref LogRetentionDays", "LogGroupClass: STANDARD", log_groups_have_a_retention),
    ("    DeletionPolicy: RetainExceptOnCreate\n", "", log_lines_outlive_the_stack),
    ("    UpdateReplacePolicy: Retain\n", "", log_lines_outlive_the_stack),
    ("Value: !Ref UsagePlan\n", "Value: !GetAtt UsagePlan.Id\n", the_outputs_name_what_an_operator_needs),
    ("Value: !Ref ResultsQueue", "Value: !Ref PromptQueue", the_outputs_name_what_an_operator_needs),
    ("    Value: !Ref AuditFunction\n", "    Value: !Ref ApiFunction\n", the_outputs_name_what_an_operator_needs),
    ("Value: !Ref AlarmTopic", "Value: !GetAtt AlarmTopic.TopicName", the_outputs_name_what_an_operator_needs),
    ("Value: !Ref TrailBucket", "Value: !GetAtt TrailBucket.Arn", the_outputs_name_what_an_operator_needs),
    ("Value: !GetAtt PromptDeadLetterQueue.Arn", "Value: !Ref PromptQueue", the_outputs_name_what_an_operator_needs),
)

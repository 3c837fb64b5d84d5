"""Who may do what: what every IAM statement of the translated template says, in one table."""

import json

from settings import Settings
from translation import ACCOUNT, REGION, ROOT, Template, as_list

WHOLE = ["bedrock:InvokeModel"]
STREAMED = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]

Statement = dict


def table(template: Template, settings: Settings) -> dict[str, list[Statement]]:
    """Under the name of a resource and the property that its statements stand in, what they say, word for word."""
    remembers, counts, records = (it == "on" for it in (settings.idempotency, settings.count_tokens, settings.trail))
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
        "AuditRole.AssumeRolePolicyDocument": [FOR_LAMBDA],
        **(of_the_authoriser() if takes_keys(settings) else {}),
        **(
            {"ApiGatewayLogsRole.AssumeRolePolicyDocument": [for_api_gateway()]} if makes_account_role(settings) else {}
        ),
        "AuditRole.Policies": [
            *look_up(template),
            write_to("AuditLogGroup"),
            allow(["sqs:SendMessage"], "AuditDeadLetterQueue.Arn"),
        ],
        # A move task asks as whoever starts it, so a queue's own policy must not refuse more than plain HTTP.
        "PromptQueuePolicy.PolicyDocument": [refuse_plain_http("sqs:*", "PromptQueue.Arn")],
        "PromptDeadLetterQueuePolicy.PolicyDocument": [refuse_plain_http("sqs:*", "PromptDeadLetterQueue.Arn")],
        "ResultsQueuePolicy.PolicyDocument": [refuse_plain_http("sqs:*", "ResultsQueue.Arn")],
        "AuditDeadLetterQueuePolicy.PolicyDocument": [
            take_undelivered(),
            refuse_plain_http("sqs:*", "AuditDeadLetterQueue.Arn"),
        ],
        "AlarmTopicPolicy.PolicyDocument": [ring(), refuse_plain_http("sns:Publish", "AlarmTopic")],
        **({"TrailBucketPolicy.PolicyDocument": take_records()} if records else {}),
        "TracePolicy.PolicyDocument": [allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")],
        **({"MemoryPolicy.PolicyDocument": [allow(REMEMBER, "IdempotencyTable.Arn")]} if remembers else {}),
        **({"KeyPolicy.PolicyDocument": [use_key(settings.key)]} if settings.key else {}),
        **({"NetworkPolicy.PolicyDocument": connect()} if settings.subnets else {}),
        **({f"{name}.PolicyDocument": it for name, it in pass_endpoints(template, settings).items()}),
    }


REMEMBER = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
FOR_LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": ["sts:AssumeRole"]}


def takes_keys(settings: Settings) -> bool:
    return settings.auth == "API_KEY"


def of_the_authoriser() -> dict[str, list[Statement]]:
    """It reads the list of the plan's keys, and writes its lines."""
    keys = f"arn:aws:apigateway:{REGION}::/usageplans/UsagePlan/keys"
    return {
        "AuthoriserRole.AssumeRolePolicyDocument": [FOR_LAMBDA],
        "AuthoriserRole.Policies": [allow(["apigateway:GET"], keys), write_to("AuthoriserLogGroup")],
    }


def makes_account_role(settings: Settings) -> bool:
    return settings.access_logs == settings.account_role == "on"


def for_api_gateway() -> Statement:
    """For this account's APIs alone."""
    principal, own = {"Service": "apigateway.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return {"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"], "Condition": own}


def attached(settings: Settings) -> dict[str, list[str]]:
    """The managed policies of each role of a function: only the API's has the one that allows streams."""
    outside = ["TracePolicy", *(["KeyPolicy"] if settings.key else [])]
    every = [*outside, *(["NetworkPolicy"] if settings.subnets else [])]
    authoriser = {"AuthoriserRole": outside} if takes_keys(settings) else {}
    shared = [*every, *(["MemoryPolicy"] if settings.idempotency == "on" else [])]
    return {"ApiRole": ["ModelPolicy", *shared], "WorkerRole": shared, "AuditRole": every, **authoriser}


def allow(actions: list[str], *resources: str) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def ask(template: Template, actions: list[str]) -> list[Statement]:
    """The profile, and the model in both Regions if it is asked through the profile."""
    profile, models = profile_arn(template), [model_arn(template, region) for region in (REGION, "ap-northeast-3")]
    through = {"StringEquals": {"bedrock:InferenceProfileArn": profile}}
    asked, answering = allow(actions, profile), {**allow(actions, *models), "Condition": through}
    return [{"Sid": "AskThroughTheProfile", **asked}, {"Sid": "AnswerInJapan", **answering}]


def count(template: Template) -> Statement:
    return allow(["bedrock:CountTokens"], model_arn(template, REGION))


def use_key(key: str) -> Statement:
    """By way of the services that hold what it encrypts."""
    services = [f"{service}.{REGION}.amazonaws.com" for service in ("dynamodb", "lambda", "sqs")]
    return {
        **allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        "Condition": {"StringEquals": {"kms:ViaService": services}},
    }


INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


def connect() -> list[Statement]:
    """Lambda may, with the functions' roles; the functions' own code may not."""
    code = {"ArnLike": {"lambda:SourceFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:kokunai-*"}}
    refused = {"Sid": "NotByTheCode", "Effect": "Deny", "Action": INTERFACES, "Resource": ["*"], "Condition": code}
    return [{"Sid": "LetLambdaConnect", **allow(INTERFACES, "*")}, refused]


def pass_endpoints(template: Template, settings: Settings) -> dict[str, list[Statement]]:
    """What each endpoint lets pass: what the functions do, and for the model what is published for whole networks."""
    if not settings.subnets or settings.endpoints == "off":
        return {}
    counting = [{"Sid": "Count", **count(template)}] if settings.count_tokens == "on" else []
    bucket = "arn:aws:s3:::cloudformation-custom-resource-response-apnortheast1/*"
    nothing = {"Effect": "Deny", "Action": ["dynamodb:*"], "Resource": ["*"]}
    remembering = allow(REMEMBER, "IdempotencyTable.Arn")
    delivering = allow(["sqs:SendMessage"], "ResultsQueue.Arn", "PromptDeadLetterQueue.Arn")
    passing = {
        "BedrockRuntimeEndpoint": [*published_for_networks(), *counting],
        "BedrockEndpoint": look_up(template),
        "SqsEndpoint": [allow(["sqs:ChangeMessageVisibility"], "PromptQueue.Arn"), delivering],
        "TableEndpoint": [remembering if settings.idempotency == "on" else nothing],
        "StackEndpoint": [allow(["s3:PutObject"], bucket)],
    }
    return {name: [{**it, "Principal": "*"} for it in statements] for name, statements in passing.items()}


def published_for_networks() -> list[Statement]:
    published = json.loads((ROOT / "policies" / "vpc-endpoint.json").read_text())["Statement"]
    return [{**it, **{key: as_list(it[key]) for key in ("Action", "Resource")}} for it in published]


def look_up(template: Template) -> list[Statement]:
    """The audit reads what AWS says of the profile and of the model, and asks neither anything."""
    return [
        allow(["bedrock:GetInferenceProfile"], profile_arn(template)),
        allow(["bedrock:GetFoundationModel"], model_arn(template, REGION)),
    ]


def profile_arn(template: Template) -> str:
    profile = template["Mappings"]["Residency"]["Japan"]["Profile"]
    return f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{profile}"


def model_arn(template: Template, region: str) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{template['Mappings']['Residency']['Japan']['Model']}"


def write_to(group: str) -> Statement:
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{group}.Arn")


def refuse_plain_http(action: str, *resources: str) -> Statement:
    refused = {"Sid": "RefusePlainHttp", "Effect": "Deny", "Principal": "*", "Action": [action]}
    return {**refused, "Resource": list(resources), "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def ring() -> Statement:
    """The stack's own alarms, by the names that CloudFormation makes up for them."""
    alarms = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:kokunai-*"}}
    principal = {"Service": "cloudwatch.amazonaws.com"}
    return {"Sid": "AlarmsRing", **allow(["sns:Publish"], "AlarmTopic"), "Principal": principal, "Condition": alarms}


def take_undelivered() -> Statement:
    """From the rule for CloudTrail's records alone."""
    rule = {"ArnEquals": {"aws:SourceArn": "BedrockRecords.Arn"}}
    principal = {"Service": "events.amazonaws.com"}
    sending = allow(["sqs:SendMessage"], "AuditDeadLetterQueue.Arn")
    return {"Sid": "TakeUndeliveredRecords", **sending, "Principal": principal, "Condition": rule}


def take_records() -> list[Statement]:
    """From the stack's own trail alone, and for this account alone."""
    bucket, principal = "TrailBucket.Arn", {"Service": "cloudtrail.amazonaws.com"}
    trail = {"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/kokunai-trail"}
    owned = {"StringEquals": {**trail, "s3:x-amz-acl": "bucket-owner-full-control"}}
    look, write = allow(["s3:GetBucketAcl"], bucket), allow(["s3:PutObject"], f"{bucket}/AWSLogs/{ACCOUNT}/*")
    return [
        {"Sid": "CloudTrailLooksAtTheBucket", **look, "Principal": principal, "Condition": {"StringEquals": trail}},
        {"Sid": "CloudTrailWritesRecords", **write, "Principal": principal, "Condition": owned},
        refuse_plain_http("s3:*", bucket, f"{bucket}/*"),
    ]


def invokers(settings: Settings) -> dict[str, tuple[str, str, str]]:
    """Who may call the functions: the stage, its authoriser, the rule and the schedule, each under its own ARN."""
    gateway, api = "apigateway.amazonaws.com", f"arn:aws:execute-api:{REGION}:{ACCOUNT}:Api"
    asking = {"ApiInvokesAuthoriser": ("AuthoriserFunction", gateway, f"{api}/authorizers/*")}
    return {
        "ApiInvokesFunction": ("ApiFunction", gateway, f"{api}/prod/*"),
        **(asking if takes_keys(settings) else {}),
        "RecordsInvokeAudit": ("AuditFunction", "events.amazonaws.com", "BedrockRecords.Arn"),
        "ScheduleInvokesAudit": ("AuditFunction", "events.amazonaws.com", "DailyCheck.Arn"),
    }

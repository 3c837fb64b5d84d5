"""The settings under which the template is looked at."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The parameters that change what is deployed, with a value each."""

    mode: str = "stream"
    count_tokens: str = "off"
    queue: str = "standard"
    idempotency: str = "on"
    trail: str = "off"
    email: str = ""
    access_logs: str = "on"
    account_role: str = "on"
    key: str = ""
    subnets: str = ""
    endpoints: str = "off"
    auth: str = "IAM"

    def __str__(self) -> str:
        words = (self.mode, self.auth, f"counting {self.count_tokens}", self.queue, f"idempotency {self.idempotency}")
        logs = (f"access logs {self.access_logs}", f"role of API Gateway {self.account_role}")
        network = "in a VPC" if self.subnets else "in no VPC"
        rest = ("a key" if self.key else "no key", network, f"endpoints {self.endpoints}")
        return ", ".join((*words, f"trail {self.trail}", f"mail to {self.email or 'nobody'}", *logs, *rest))


# What the settings are called in the template.
PARAMETERS = (
    "ResponseMode",
    "CountTokens",
    "QueueType",
    "Idempotency",
    "CreateTrail",
    "AlarmEmail",
    "AccessLogs",
    "CreateApiGatewayAccountRole",
    "KmsKeyArn",
    "VpcSubnetIds",
    "CreateVpcEndpoints",
    "ApiAuth",
)

MAIL = "operator@example.com"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
NET = "subnet-0123456789abcdef0,subnet-0123456789abcdef1"

# Every pair of values of any two of them, the defaults first; nothing depends on three. That no pair is missing is
# checked in whole.py.
SETTINGS = (
    Settings(),
    Settings("stream", "on", "fifo", "off", "on", MAIL, "off", "on", KEY, NET, "on", "IAM"),
    Settings("buffered", "off", "standard", "off", "off", MAIL, "off", "off", "", NET, "off", "IAM"),
    Settings("buffered", "off", "fifo", "on", "off", "", "off", "off", KEY, "", "on", "IAM"),
    Settings("buffered", "on", "fifo", "off", "on", MAIL, "on", "on", "", "", "off", "API_KEY"),
    Settings("stream", "off", "standard", "on", "on", "", "on", "off", KEY, NET, "off", "API_KEY"),
    Settings("buffered", "on", "standard", "on", "off", MAIL, "off", "off", "", NET, "on", "API_KEY"),
    Settings("buffered", "on", "standard", "off", "on", "", "on", "on", "", NET, "on", "IAM"),
)

# With all that there can be, for a tool that looks at what is deployed only.
EVERYTHING = Settings(count_tokens="on", trail="on", email=MAIL, key=KEY, subnets=NET, endpoints="on")
EVERYTHING_WITH_KEYS = EVERYTHING._replace(auth="API_KEY")

# Other values than the template's own, so that one which is written in place of its parameter is noticed.
FIGURES = {
    "WorkerConcurrency": 3,
    "QueueConcurrency": 7,
    "IdempotencyHours": 36,
    "LogLevel": "WARN",
    "TrailRetentionDays": 400,
    "ErrorAlarmPercent": 7,
    "LatencyAlarmMilliseconds": 90000,
    "QueueAgeAlarmSeconds": 1200,
    "ApiReservedConcurrency": "40",
    "WorkerReservedConcurrency": "4",
    "ChatPromptCache": "1h",
    "PricesUsdPerMillion": "input:3.00,output:15.00",
    "KeyRateLimit": 12,
    "KeyBurstLimit": 34,
    "KeyDailyQuota": 5678,
    "VpcSecurityGroupIds": "sg-0123456789abcdef0,sg-0123456789abcdef1",
    "VpcId": "vpc-0123456789abcdef0",
    "VpcRouteTableIds": "rtb-0123456789abcdef0,rtb-0123456789abcdef1",
}

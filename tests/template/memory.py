"""The table that remembers which prompts were answered."""

import re
from collections.abc import Iterator

from settings import FIGURES, Settings
from translation import ASKING, ROOT, Check, Mistakes, Template, differs, of_type, properties, statements


def both_functions_remember_if_that_is_wanted(template: Template, settings: Settings) -> Iterator[str]:
    remembers = settings.idempotency == "on"
    for name in ASKING:
        variables = properties(template, name)["Environment"]["Variables"]
        table = "IdempotencyTable" if remembers else None
        yield from differs(f"{name}'s table", variables.get("IDEMPOTENCY_TABLE"), table)
        yield from differs(f"{name}'s hours", variables.get("IDEMPOTENCY_TTL_HOURS"), FIGURES["IdempotencyHours"])
    tables = of_type(template, "AWS::DynamoDB::Table")
    yield from differs("the tables", list(tables), ["IdempotencyTable"] if remembers else [])


def the_table_is_what_the_function_writes_to(template: Template, settings: Settings) -> Iterator[str]:
    if settings.idempotency == "off":
        return
    record = (ROOT / "src" / "once" / "record.rs").read_text()
    constants = dict(re.findall(r'const (\w+): &str = "([^"]+)";', record))
    key, expiry = constants["ID"], constants["EXPIRES_AT"]
    with_key = {"KMSMasterKeyId": settings.key} if settings.key else {}
    wanted = {
        "DeletionProtectionEnabled": True,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "TimeToLiveSpecification": {"AttributeName": expiry, "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 1},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", **with_key},
    }
    yield from differs("the table", properties(template, "IdempotencyTable"), wanted)
    resource = template["Resources"]["IdempotencyTable"]
    for key in ("DeletionPolicy", "UpdateReplacePolicy"):
        # With deletion protection, CloudFormation could not delete it anyway.
        yield from differs(f"the table's {key}", resource.get(key), "Retain")


def the_role_allows_what_the_memory_does(template: Template, settings: Settings) -> Iterator[str]:
    source = (ROOT / "src" / "once.rs").read_text()
    called = set(re.findall(r"^\s+\.((?:put|get|update|delete)_item)\(\)$", source, re.MULTILINE))
    wanted = {"dynamodb:" + "".join(word.title() for word in name.split("_")) for name in called}
    allowing = [statement for _, statement in statements(template) if statement["Effect"] == "Allow"]
    allowed = [action for statement in allowing for action in statement.get("Action", [])]
    found = {action for action in allowed if action.startswith("dynamodb:")}
    yield from differs("the table's actions", sorted(found), sorted(wanted) if settings.idempotency == "on" else [])


PROMISES: tuple[Check, ...] = (
    both_functions_remember_if_that_is_wanted,
    the_table_is_what_the_function_writes_to,
    the_role_allows_what_the_memory_does,
)

MISTAKES: Mistakes = (
    (
        'Remembers: !Equals [!Ref Idempotency, "on"]',
        'Remembers: !Equals ["on", "on"]',
        both_functions_remember_if_that_is_wanted,
    ),
    (
        "IDEMPOTENCY_TABLE: !If [Remembers, !Ref IdempotencyTable, ",
        "IDEMPOTENCY_TABLE: !If [Remembers, answers, ",
        both_functions_remember_if_that_is_wanted,
    ),
    (
        "IDEMPOTENCY_TTL_HOURS: !Ref IdempotencyHours",
        "IDEMPOTENCY_TTL_HOURS: 24",
        both_functions_remember_if_that_is_wanted,
    ),
    ("AttributeName: expires_at", "AttributeName: expires", the_table_is_what_the_function_writes_to),
    ("AttributeName: id\n", "AttributeName: key\n", the_table_is_what_the_function_writes_to),
    (
        "PointInTimeRecoveryEnabled: true",
        "PointInTimeRecoveryEnabled: false",
        the_table_is_what_the_function_writes_to,
    ),
    ("RecoveryPeriodInDays: 1\n", "RecoveryPeriodInDays: 35\n", the_table_is_what_the_function_writes_to),
    ("SSEEnabled: true", "SSEEnabled: false", the_table_is_what_the_function_writes_to),
    ("DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false", the_table_is_what_the_function_writes_to),
    ("    DeletionPolicy: Retain\n", "    DeletionPolicy: Delete\n", the_table_is_what_the_function_writes_to),
    ("BillingMode: PAY_PER_REQUEST", "BillingMode: PROVISIONED", the_table_is_what_the_function_writes_to),
    ("dynamodb:DeleteItem]", "dynamodb:DeleteItem, dynamodb:GetItem]", the_role_allows_what_the_memory_does),
    ("dynamodb:UpdateItem, ", "", the_role_allows_what_the_memory_does),
)

"""The key of one's own: that everything that can be encrypted with it is, and that without it nothing names a key."""

from collections.abc import Iterator

from settings import Settings
from translation import Check, Mistakes, Template, differs, of_type

# Where each type of resource names its key. What table, queues, topic and trail do besides is in their own checks.
NAMES = {
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::Lambda::Function": "KmsKeyArn",
}


def the_key_encrypts_whatever_it_can(template: Template, settings: Settings) -> Iterator[str]:
    for kind, field in NAMES.items():
        for name, resource in of_type(template, kind).items():
            yield from differs(f"the key of {name}", resource.get(field), settings.key or None)


PROMISES: tuple[Check, ...] = (the_key_encrypts_whatever_it_can,)

MISTAKES: Mistakes = (
    (
        "KmsKeyId: !If [HasKey, !Ref KmsKeyArn,",
        "KmsKeyId: !If [HasKey, alias/aws/logs,",
        the_key_encrypts_whatever_it_can,
    ),
    ("    KmsKeyArn: !If [HasKey,", "    KmsKeyArn: !If [InVpc,", the_key_encrypts_whatever_it_can),
    (
        'HasKey: !Not [!Equals [!Ref KmsKeyArn, ""]]',
        'HasKey: !Not [!Equals ["", ""]]',
        the_key_encrypts_whatever_it_can,
    ),
)

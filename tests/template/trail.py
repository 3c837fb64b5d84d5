"""The trail, and the bucket that keeps its records."""

from collections.abc import Iterator

from settings import FIGURES, Settings
from translation import Check, Mistakes, Template, deployed, differs, properties

PARTS = {
    "Trail": "AWS::CloudTrail::Trail",
    "TrailBucket": "AWS::S3::Bucket",
    "TrailBucketPolicy": "AWS::S3::BucketPolicy",
}


def there_is_a_trail_only_if_it_is_wanted(template: Template, settings: Settings) -> Iterator[str]:
    resources = {name: resource["Type"] for name, resource in deployed(template).items()}
    found = {name: kind for name, kind in resources.items() if kind.startswith(("AWS::CloudTrail::", "AWS::S3::"))}
    yield from differs("what belongs to the trail", found, PARTS if settings.trail == "on" else {})


def the_trail_records_what_the_audit_needs_and_no_more(template: Template, settings: Settings) -> Iterator[str]:
    """The management events of one Region, read ones too, and no data events."""
    if settings.trail == "off":
        return
    wanted = {
        "TrailName": "kokunai-trail",
        "S3BucketName": "TrailBucket",
        "IsLogging": True,
        "IsMultiRegionTrail": False,
        "IncludeGlobalServiceEvents": False,
        "EnableLogFileValidation": True,
        **({"KMSKeyId": settings.key} if settings.key else {}),
        "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}],
    }
    yield from differs("the trail", properties(template, "Trail"), wanted)
    yield from differs("what it waits for", template["Resources"]["Trail"].get("DependsOn"), "TrailBucketPolicy")


def the_bucket_is_private_and_encrypted(template: Template, settings: Settings) -> Iterator[str]:
    """What its policy says is in the table of access_table.py."""
    if settings.trail == "off":
        return
    bucket = properties(template, "TrailBucket")
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": settings.key}
    with_key = {"ServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
    encryption = [with_key if settings.key else {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    wanted = {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": encryption},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    }
    yield from differs("the bucket", {key: bucket.get(key) for key in wanted}, wanted)


def the_bucket_keeps_its_records(template: Template, settings: Settings) -> Iterator[str]:
    """As long as it was said, also past the stack and past a deletion by mistake."""
    if settings.trail == "off":
        return
    bucket = properties(template, "TrailBucket")
    expires = {"ExpirationInDays": FIGURES["TrailRetentionDays"], "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
    rules = [{"Id": "Expire", "Status": "Enabled", **expires}]
    yield from differs("the lifecycle", bucket.get("LifecycleConfiguration"), {"Rules": rules})
    yield from differs("the versions", bucket.get("VersioningConfiguration"), {"Status": "Enabled"})
    for name in ("TrailBucket", "TrailBucketPolicy"):
        for end in ("DeletionPolicy", "UpdateReplacePolicy"):
            yield from differs(f"{name}'s {end}", template["Resources"][name].get(end), "Retain")


PROMISES: tuple[Check, ...] = (
    there_is_a_trail_only_if_it_is_wanted,
    the_trail_records_what_the_audit_needs_and_no_more,
    the_bucket_is_private_and_encrypted,
    the_bucket_keeps_its_records,
)

ENCRYPTED = """\
              SSEAlgorithm: !If [HasKey, aws:kms, AES256]
              KMSMasterKeyID: !If [HasKey, !Ref KmsKeyArn, !Ref "AWS::NoValue"]
"""

MISTAKES: Mistakes = (
    (
        'CreatesTrail: !Equals [!Ref CreateTrail, "on"]',
        'CreatesTrail: !Equals ["on", "on"]',
        there_is_a_trail_only_if_it_is_wanted,
    ),
    (
        "    Condition: CreatesTrail\n    # The records are evidence",
        "    # The records are evidence",
        there_is_a_trail_only_if_it_is_wanted,
    ),
    *(
        (old, new, the_trail_records_what_the_audit_needs_and_no_more)
        for old, new in (
            ("IsMultiRegionTrail: false", "IsMultiRegionTrail: true"),
            ("IncludeGlobalServiceEvents: false", "IncludeGlobalServiceEvents: true"),
            ("EnableLogFileValidation: true", "EnableLogFileValidation: false"),
            ("IsLogging: true", "IsLogging: false"),
            ("ReadWriteType: All", "ReadWriteType: WriteOnly"),
            ("IncludeManagementEvents: true", "IncludeManagementEvents: false"),
            ("    DependsOn: TrailBucketPolicy\n", ""),
        )
    ),
    (ENCRYPTED, "              SSEAlgorithm: AES256\n", the_bucket_is_private_and_encrypted),
    ("ObjectOwnership: BucketOwnerEnforced", "ObjectOwnership: ObjectWriter", the_bucket_is_private_and_encrypted),
    ("BlockPublicPolicy: true", "BlockPublicPolicy: false", the_bucket_is_private_and_encrypted),
    ("RestrictPublicBuckets: true", "RestrictPublicBuckets: false", the_bucket_is_private_and_encrypted),
    ("ExpirationInDays: !Ref TrailRetentionDays", "ExpirationInDays: 365", the_bucket_keeps_its_records),
    ("      VersioningConfiguration:\n        Status: Enabled\n", "", the_bucket_keeps_its_records),
    ("    DeletionPolicy: Retain\n", "    DeletionPolicy: RetainExceptOnCreate\n", the_bucket_keeps_its_records),
    ("    UpdateReplacePolicy: Retain\n", "", the_bucket_keeps_its_records),
)

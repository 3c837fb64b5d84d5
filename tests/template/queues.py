"""The queues, and the worker behind them."""

from collections.abc import Iterator

from settings import FIGURES, Settings
from translation import ACCOUNT, ASKING, REGION, Check, Mistakes, Template, differs, of_type, properties


def queues_are_encrypted_and_have_one_policy_each(template: Template, settings: Settings) -> Iterator[str]:
    """What the policies say is in the table of access.py."""
    attached = [queue for policy in of_type(template, "AWS::SQS::QueuePolicy").values() for queue in policy["Queues"]]
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        # SQS takes either its own keys or another, and not both.
        found = (queue.get("SqsManagedSseEnabled"), queue.get("KmsMasterKeyId"))
        yield from differs(f"{name}'s encryption", found, (False, settings.key) if settings.key else (True, None))
        yield from differs(f"the number of {name}'s policies", attached.count(name), 1)


def prompts_stay_hidden_while_they_are_answered(template: Template, _: Settings) -> Iterator[str]:
    hidden = properties(template, "PromptQueue")["VisibilityTimeout"]
    timeout = properties(template, "WorkerFunction")["Timeout"]
    if hidden < 6 * timeout:
        yield f"a prompt is hidden for {hidden} s, less than six times the worker's {timeout} s"


def no_prompt_is_lost(template: Template, _: Settings) -> Iterator[str]:
    queue, dead = properties(template, "PromptQueue"), properties(template, "PromptDeadLetterQueue")
    redrive = queue["RedrivePolicy"]
    yield from differs("the dead-letter queue", redrive["deadLetterTargetArn"], "PromptDeadLetterQueue.Arn")
    if redrive["maxReceiveCount"] < 5:
        yield f"a prompt is tried {redrive['maxReceiveCount']} times only"
    two_weeks = 14 * 24 * 60 * 60
    yield from differs("the dead-letter queue's retention", dead["MessageRetentionPeriod"], two_weeks)
    sources = [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue['QueueName']}"]
    wanted = {"redrivePermission": "byQueue", "sourceQueueArns": sources}
    yield from differs("who may use the dead-letter queue", dead.get("RedriveAllowPolicy"), wanted)
    results = properties(template, "ResultsQueue")
    yield from differs("the results queue's retention", results.get("MessageRetentionPeriod"), two_weeks)
    yield from differs("the results queue's own redrive", results.get("RedrivePolicy"), None)


def dead_letters_can_be_moved_back(template: Template, _: Settings) -> Iterator[str]:
    types = {name: queue.get("FifoQueue") for name, queue in of_type(template, "AWS::SQS::Queue").items()}
    yield from differs("the type of PromptDeadLetterQueue", types["PromptDeadLetterQueue"], types["PromptQueue"])


def all_queues_are_of_the_type_that_was_chosen(template: Template, settings: Settings) -> Iterator[str]:
    is_fifo = settings.queue == "fifo"
    suffix = ".fifo" if is_fifo else ""
    # What waits for the audit has no order.
    queues = {name: it for name, it in of_type(template, "AWS::SQS::Queue").items() if name != "AuditDeadLetterQueue"}
    names = {"PromptQueue": "prompts", "PromptDeadLetterQueue": "dead-letters", "ResultsQueue": "results"}
    yield from differs("the queues", sorted(queues), sorted(names))
    for name, called in names.items():
        queue = queues.get(name, {})
        yield from differs(f"{name}'s name", queue.get("QueueName"), f"kokunai-{called}{suffix}")
        yield from differs(f"{name}'s FifoQueue", queue.get("FifoQueue"), True if is_fifo else None)
        yield from differs(f"the most bytes in {name}", queue.get("MaximumMessageSize"), 1_048_576)
    wanted = {
        "ContentBasedDeduplication": True,
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
    }
    for key, value in wanted.items():
        yield from differs(f"PromptQueue's {key}", queues["PromptQueue"].get(key), value if is_fifo else None)
        # The worker says by what the others deduplicate; without it, sending has to fail.
        for name in ("PromptDeadLetterQueue", "ResultsQueue"):
            yield from differs(f"{name}'s {key}", queues.get(name, {}).get(key), None)


def what_is_in_a_queue_outlives_its_replacement(template: Template, _: Settings) -> Iterator[str]:
    for name in of_type(template, "AWS::SQS::Queue"):
        yield from differs(f"{name}'s end", template["Resources"][name].get("UpdateReplacePolicy"), "Retain")


def the_worker_answers_for_each_message(template: Template, settings: Settings) -> Iterator[str]:
    [mapping] = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    wanted = {
        "BatchSize": 1 if settings.queue == "fifo" else FIGURES["QueueConcurrency"],
        "EventSourceArn": "PromptQueue.Arn",
        "FunctionName": "WorkerFunction",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": FIGURES["WorkerConcurrency"]},
    }
    # Nothing else either: FIFO queues know no batching window, and provisioned pollers no maximum concurrency.
    yield from differs("the event source", mapping, wanted)


def no_batch_is_larger_than_lambda_takes(template: Template, _: Settings) -> Iterator[str]:
    parameter = template["Parameters"]["QueueConcurrency"]
    yield from differs("the least and the most at once", (parameter["MinValue"], parameter["MaxValue"]), (1, 10))


def the_worker_delivers(template: Template, _: Settings) -> Iterator[str]:
    api, worker = (properties(template, name)["Environment"]["Variables"] for name in ASKING)
    for variable, wanted in {
        "RESULTS_QUEUE_URL": "ResultsQueue",
        "DEAD_LETTER_QUEUE_URL": "PromptDeadLetterQueue",
        "QUEUE_CONCURRENCY": FIGURES["QueueConcurrency"],
    }.items():
        yield from differs(f"the worker's {variable}", worker.get(variable), wanted)
        yield from differs(f"the API function's {variable}", api.get(variable), None)


PROMISES: tuple[Check, ...] = (
    queues_are_encrypted_and_have_one_policy_each,
    prompts_stay_hidden_while_they_are_answered,
    no_prompt_is_lost,
    dead_letters_can_be_moved_back,
    all_queues_are_of_the_type_that_was_chosen,
    what_is_in_a_queue_outlives_its_replacement,
    the_worker_answers_for_each_message,
    no_batch_is_larger_than_lambda_takes,
    the_worker_delivers,
)

MISTAKES: Mistakes = (
    (
        "SqsManagedSseEnabled: !If [HasKey, false, true]",
        "SqsManagedSseEnabled: false",
        queues_are_encrypted_and_have_one_policy_each,
    ),
    (
        "KmsMasterKeyId: !If [HasKey, !Ref KmsKeyArn,",
        "KmsMasterKeyId: !If [HasKey, alias/aws/sqs,",
        queues_are_encrypted_and_have_one_policy_each,
    ),
    ("        - !Ref ResultsQueue\n", "        - !Ref PromptQueue\n", queues_are_encrypted_and_have_one_policy_each),
    ("VisibilityTimeout: 1800", "VisibilityTimeout: 1799", prompts_stay_hidden_while_they_are_answered),
    ("maxReceiveCount: 5", "maxReceiveCount: 4", no_prompt_is_lost),
    ("MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600", no_prompt_is_lost),
    ("redrivePermission: byQueue", "redrivePermission: allowAll", no_prompt_is_lost),
    (
        '- Name: !If [KeepsOrder, !Sub "${AWS::StackName}-prompts.fifo", !Sub "${AWS::StackName}-prompts"]',
        '- Name: !Sub "${AWS::StackName}-prompts"',
        no_prompt_is_lost,
    ),
    (
        'so nothing has to be made of its content.\n      FifoQueue: !If [KeepsOrder, true, !Ref "AWS::NoValue"]\n',
        "so nothing has to be made of its content.\n",
        dead_letters_can_be_moved_back,
    ),
    ("-results.fifo", "-results", all_queues_are_of_the_type_that_was_chosen),
    (
        "FifoQueue: !If [KeepsOrder, true,",
        "FifoQueue: !If [KeepsOrder, false,",
        all_queues_are_of_the_type_that_was_chosen,
    ),
    (
        "DeduplicationScope: !If [KeepsOrder, messageGroup,",
        "DeduplicationScope: !If [KeepsOrder, queue,",
        all_queues_are_of_the_type_that_was_chosen,
    ),
    (
        "      # The worker deduplicates by the ID of the message that is answered.\n",
        '      ContentBasedDeduplication: !If [KeepsOrder, true, !Ref "AWS::NoValue"]\n',
        all_queues_are_of_the_type_that_was_chosen,
    ),
    ("MaximumMessageSize: 1048576", "MaximumMessageSize: 262144", all_queues_are_of_the_type_that_was_chosen),
    ("    UpdateReplacePolicy: Retain\n", "", what_is_in_a_queue_outlives_its_replacement),
    ("            FunctionResponseTypes: [ReportBatchItemFailures]\n", "", the_worker_answers_for_each_message),
    (
        "BatchSize: !If [KeepsOrder, 1, !Ref QueueConcurrency]",
        "BatchSize: !Ref QueueConcurrency",
        the_worker_answers_for_each_message,
    ),
    (
        "BatchSize: !If [KeepsOrder, 1, !Ref QueueConcurrency]",
        "BatchSize: 10\n            MaximumBatchingWindowInSeconds: 5",
        the_worker_answers_for_each_message,
    ),
    ("MaximumConcurrency: !Ref WorkerConcurrency", "MaximumConcurrency: 2", the_worker_answers_for_each_message),
    ("    MaxValue: 10\n", "    MaxValue: 100\n", no_batch_is_larger_than_lambda_takes),
    ("QUEUE_CONCURRENCY: !Ref QueueConcurrency", "QUEUE_CONCURRENCY: 10", the_worker_delivers),
    ("RESULTS_QUEUE_URL: !Ref ResultsQueue", "RESULTS_QUEUE_URL: !Ref PromptQueue", the_worker_delivers),
    ("          DEAD_LETTER_QUEUE_URL: !Ref PromptDeadLetterQueue\n", "", the_worker_delivers),
)

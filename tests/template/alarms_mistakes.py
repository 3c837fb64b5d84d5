"""Mistakes in the alarms, each with the check of alarms.py that has to notice it."""

from alarms import (
    a_new_stack_does_not_ring_for_want_of_a_check,
    an_end_of_life_names_the_field_with_the_date,
    an_hour_counts_that_has_prompts_and_no_proof,
    each_alarm_is_the_one_of_the_table,
    each_metric_is_one_that_somebody_writes,
    each_saved_query_that_a_text_names_is_there,
    each_text_names_a_section_that_is_there,
    each_text_says_what_to_look_at_first,
    missing_proofs_name_the_trail_first,
    the_alarms_write_to_whom_it_was_said,
    the_end_rings_when_its_line_becomes_a_warning,
)
from translation import Mistakes

OF_THE_AUDIT = "      Dimensions:\n        - Name: function\n          Value: !Ref AuditFunction\n"

IN_THE_TABLE: tuple[tuple[str, str], ...] = (
    ("MetricName: Violations\n" + OF_THE_AUDIT, "MetricName: Violations\n" + OF_THE_AUDIT.replace("Audit", "Api")),
    ("                  Value: !Ref WorkerFunction\n", "                  Value: !Ref ApiFunction\n"),
    ("      TreatMissingData: notBreaching\n", "      TreatMissingData: missing\n"),
    ("      TreatMissingData: ignore\n", "      TreatMissingData: notBreaching\n"),
    ("      TreatMissingData: breaching\n", "      TreatMissingData: missing\n"),
    ("MetricName: Retiring", "MetricName: DaysToEndOfLife"),
    ("      Statistic: Sum\n", "      Statistic: Minimum\n"),
    ("      EvaluationPeriods: 3\n", "      EvaluationPeriods: 1\n"),
    ("      EvaluationPeriods: 2\n", "      EvaluationPeriods: 7\n"),
    ("      DatapointsToAlarm: 1\n", "      DatapointsToAlarm: 5\n"),
    ("            Period: 86400\n", "            Period: 3600\n"),
    ("      AlarmActions: [!Ref AlarmTopic]\n", ""),
    ("Expression: FILL(checks, 0)", "Expression: FILL(checks, 1)"),
    ("  ModelRetiringAlarm:\n", "  ModelRetiringAlarms:\n"),
    ("Expression: 100 * errors / prompts", "Expression: errors / prompts"),
    ("Threshold: !Ref ErrorAlarmPercent", "Threshold: 5"),
    ("Threshold: !Ref LatencyAlarmMilliseconds", "Threshold: 120000"),
    ("ExtendedStatistic: p99", "ExtendedStatistic: p50"),
    ("Threshold: !Ref QueueAgeAlarmSeconds", "Threshold: 3600"),
    ("!GetAtt AuditDeadLetterQueue.QueueName", "!GetAtt PromptDeadLetterQueue.QueueName"),
    (" + FILL(audit, 0)", ""),
    (" + FILL(authoriser, 0)", ""),
    ("                    Value: !Ref AuthoriserFunction\n", "                    Value: !Ref AuditFunction\n"),
    ("          Value: !Ref AuthoriserFunction\n", "          Value: !Ref ApiFunction\n"),
    ("            Stat: Average\n", "            Stat: Sum\n"),
)

MISTAKES: Mistakes = (
    *((old, new, each_alarm_is_the_one_of_the_table) for old, new in IN_THE_TABLE),
    ("MetricName: Violations", "MetricName: Violation", each_metric_is_one_that_somebody_writes),
    ("Namespace: kokunai", "Namespace: Kokunai", each_metric_is_one_that_somebody_writes),
    ("- Name: function\n", "- Name: FunctionName\n", each_metric_is_one_that_somebody_writes),
    (" > FILL(proved, 0)", " > FILL(proved, 1)", an_hour_counts_that_has_prompts_and_no_proof),
    (" + FILL(worker, 0)", "", an_hour_counts_that_has_prompts_and_no_proof),
    ("IF(FILL(api, 0) + FILL(worker, 0) > 0, 1, 0)", "FILL(api, 0)", an_hour_counts_that_has_prompts_and_no_proof),
    (" > 0, 1, 0) > FILL(proved, 0)", " > 0, 1, 0)", an_hour_counts_that_has_prompts_and_no_proof),
    ("Look first whether the rule", "Look whether the rule", each_text_says_what_to_look_at_first),
    (
        "${PromptDeadLetterQueue.QueueName}: they could not be answered. Look first",
        "${PromptDeadLetterQueue.QueueName}: they could not be answered. Look",
        each_text_says_what_to_look_at_first,
    ),
    ('"When an alarm rings"', '"When it rings"', each_text_names_a_section_that_is_there),
    ("MetricName: 5XXError", "MetricName: 5xxError", each_metric_is_one_that_somebody_writes),
    ("- Name: FunctionName\n", "- Name: function\n", each_metric_is_one_that_somebody_writes),
    (
        '${AWS::StackName}/slowest": whether',
        '${AWS::StackName}/slow": whether',
        each_saved_query_that_a_text_names_is_there,
    ),
    ("and CreateTrail=on makes one. ", "", missing_proofs_name_the_trail_first),
    ("then the alarms on missing proofs are blind", "", missing_proofs_name_the_trail_first),
    ("less than 90 days", "less than 30 days", the_end_rings_when_its_line_becomes_a_warning),
    ("model.end_of_life", "model.end", an_end_of_life_names_the_field_with_the_date),
    (
        "    DependsOn: ProfileCheck\n    Properties:\n",
        "    Properties:\n",
        a_new_stack_does_not_ring_for_want_of_a_check,
    ),
    ("    Condition: SendsMail\n", "", the_alarms_write_to_whom_it_was_said),
    ("Endpoint: !Ref AlarmEmail", "Endpoint: somebody@example.com", the_alarms_write_to_whom_it_was_said),
    (
        "    Type: AWS::SNS::Topic\n    Properties:\n      KmsMasterKeyId: !If [HasKey, !Ref KmsKeyArn,",
        "    Type: AWS::SNS::Topic\n    Properties:\n      KmsMasterKeyId: !If [HasKey, alias/aws/sns,",
        the_alarms_write_to_whom_it_was_said,
    ),
)

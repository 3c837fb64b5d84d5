"""Mistakes in who may do what, each with the check of access.py that has to notice it."""

from access import (
    each_function_has_its_own_role,
    each_policy_is_the_one_of_its_resource,
    every_policy_is_in_the_current_language,
    every_statement_is_in_the_table,
    no_allowed_action_is_a_pattern,
    nothing_else_gives_access,
    only_its_own_callers_invoke_a_function,
    only_what_has_no_resources_is_allowed_on_every_one,
    the_model_s_policy_is_the_published_one,
)
from translation import Mistakes

A_POLICY_OF_ITS_OWN = """\
  Extra:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: extra
      Roles: [!Ref ApiRole]
      PolicyDocument: {Version: "2012-10-17", Statement: []}

"""

A_PERMISSION_FOR_ANYBODY = """\
  Extra:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref ApiFunction, Principal: "*"}

"""

AN_API_FOR_ANYBODY = """\
      Auth:
        ResourcePolicy:
          CustomStatements: [{Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "*"}]
      AlwaysDeploy: true
"""

THE_PAUSE = """\
              - Effect: Allow
                Action: sqs:ChangeMessageVisibility
                Resource: !GetAtt PromptQueue.Arn
"""

A_BUCKET = """\
              - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::prompts/*"}
"""

IN_THE_TABLE: tuple[tuple[str, str], ...] = (
    ("Osaka: ap-northeast-3", "Osaka: us-west-2"),
    ("StringEquals:", "StringLike:"),
    ("Action: [bedrock:InvokeModel,", 'Action: ["bedrock:Invoke*",'),
    ("Action: bedrock:CountTokens", 'Action: "bedrock:*"'),
    ("${Tokyo}::foundation-model/${Model}", "${Tokyo}::foundation-model/*"),
    ("sqs:GetQueueAttributes]", 'sqs:GetQueueAttributes, "bedrock-mantle:*"]'),
    # The worker with streams.
    (
        "                Action: bedrock:InvokeModel\n",
        "                Action: [bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream]\n",
    ),
    ('CountsTokens: !Equals [!Ref CountTokens, "on"]', 'CountsTokens: !Equals ["on", "on"]'),
    (
        '\n          - !Ref "AWS::NoValue"\n',
        '\n          - PolicyName: count\n            PolicyDocument:\n              Version: "2012-10-17"\n'
        "              Statement:\n                - {Effect: Allow, Action: bedrock:CountTokens, Resource: none}\n",
    ),
    ("                  - !GetAtt PromptDeadLetterQueue.Arn\n", ""),
    (
        "                  - !GetAtt PromptDeadLetterQueue.Arn\n",
        "                  - !GetAtt PromptDeadLetterQueue.Arn\n                  - !GetAtt PromptQueue.Arn\n",
    ),
    (THE_PAUSE, ""),
    (THE_PAUSE, THE_PAUSE + A_BUCKET),
    ("Action: sqs:ChangeMessageVisibility", "Action: sqs:PurgeQueue"),
    ("Action: sqs:ChangeMessageVisibility", "NotAction: sqs:ChangeMessageVisibility"),
    (
        "dynamodb:DeleteItem]\n            Resource: !GetAtt IdempotencyTable.Arn",
        "dynamodb:DeleteItem]\n            Resource: !Sub arn:aws:dynamodb:${AWS::Region}:*:table/other",
    ),
    ("dynamodb:UpdateItem, ", ""),
    ("xray:PutTelemetryRecords]", "xray:PutTelemetryRecords, xray:GetTraceSummaries]"),
    ("Service: lambda.amazonaws.com", "AWS: 210987654321"),
    ('aws:SecureTransport: "false"', 'aws:SecureTransport: "true"'),
    # A move of dead letters would be refused.
    (
        "            Resource: !GetAtt PromptDeadLetterQueue.Arn\n            Condition:\n              Bool:\n"
        '                aws:SecureTransport: "false"\n',
        "            Resource: !GetAtt PromptDeadLetterQueue.Arn\n",
    ),
    ("      AlwaysDeploy: true\n", AN_API_FOR_ANYBODY),
    # The authoriser makes keys, or reads those of other plans, or asks the model.
    ("Action: apigateway:GET\n", "Action: [apigateway:GET, apigateway:POST]\n"),
    ("/usageplans/${UsagePlan}/keys", "/usageplans/*/keys"),
    ("/usageplans/${UsagePlan}/keys", "/*"),
    (
        "                Action: apigateway:GET\n",
        "                Action: bedrock:InvokeModel\n                Resource: none\n"
        "              - Effect: Allow\n                Action: apigateway:GET\n",
    ),
    # The audit asks the model itself, or looks at other profiles.
    ("Action: bedrock:GetFoundationModel", "Action: [bedrock:GetFoundationModel, bedrock:InvokeModel]"),
    (
        "Action: bedrock:GetInferenceProfile\n                Resource: !Sub\n"
        '                  - "arn:aws:bedrock:${Tokyo}:${AWS::AccountId}:inference-profile/${Profile}"\n',
        "Action: bedrock:GetInferenceProfile\n                Resource: !Sub\n"
        '                  - "arn:aws:bedrock:${Tokyo}:${AWS::AccountId}:inference-profile/*"\n',
    ),
    (
        '                aws:SourceAccount: !Ref "AWS::AccountId"\n',
        "                aws:SourceAccount: '*'\n",
    ),
    (
        "            Resource: !Ref KmsKeyArn\n            Condition:\n",
        "            Resource: other\n            Condition:\n",
    ),
    ('                  - !Sub "lambda.${AWS::Region}.amazonaws.com"\n', ""),
    (":function:${AWS::StackName}-*", ":function:other-*"),
    ("arn:aws:bedrock:${Tokyo}:*:inference-profile/${Profile}", "arn:aws:bedrock:*:*:inference-profile/*"),
    ("response-apnortheast1/*", "*"),
    ("              Action: dynamodb:*\n", "              Action: dynamodb:Scan\n"),
    ("alarm:${AWS::StackName}-*", "alarm:*"),
    (
        "                aws:SourceArn: !GetAtt BedrockRecords.Arn\n",
        "                aws:SourceArn: arn:aws:events:*\n",
    ),
    (
        "Action: sqs:SendMessage\n                Resource: !GetAtt AuditDeadLetterQueue.Arn",
        "Action: sqs:SendMessage\n                Resource: !GetAtt ResultsQueue.Arn",
    ),
    ("Action: s3:GetBucketAcl", "Action: [s3:GetBucketAcl, s3:ListBucket]"),
    ("/AWSLogs/${AWS::AccountId}/*", "/AWSLogs/*"),
    (":trail/${AWS::StackName}-trail", ":trail/*"),
    ("                s3:x-amz-acl: bucket-owner-full-control\n", ""),
    ('              - !Sub "${TrailBucket.Arn}/*"\n', ""),
)

MISTAKES: Mistakes = (
    *((old, new, every_statement_is_in_the_table) for old, new in IN_THE_TABLE),
    ("  ApiFunction:\n", f"{A_POLICY_OF_ITS_OWN}  ApiFunction:\n", nothing_else_gives_access),
    ("  ApiFunction:\n", f"{A_PERMISSION_FOR_ANYBODY}  ApiFunction:\n", nothing_else_gives_access),
    ("  MemoryPolicy:\n", "  MemoryPolicies:\n", nothing_else_gives_access),
    (
        "      Description: Sends traces to X-Ray\n",
        "      Description: Sends traces to X-Ray\n      Users: [somebody]\n",
        nothing_else_gives_access,
    ),
    (
        "policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        "policy/CloudWatchLogsFullAccess",
        each_function_has_its_own_role,
    ),
    ("- !Ref TracePolicy", "- arn:aws:iam::aws:policy/AmazonBedrockFullAccess", each_function_has_its_own_role),
    ("- !If [Remembers, !Ref MemoryPolicy,", "- !If [Remembers, !Ref TracePolicy,", each_function_has_its_own_role),
    # The worker with streams, in another way.
    (
        "      ManagedPolicyArns:\n        - !Ref TracePolicy\n        - !If",
        "      ManagedPolicyArns:\n        - !Ref ModelPolicy\n        - !Ref TracePolicy\n        - !If",
        each_function_has_its_own_role,
    ),
    # The audit with the model.
    (
        '        - !If [InVpc, !Ref NetworkPolicy, !Ref "AWS::NoValue"]\n      Policies:\n',
        "        - !Ref ModelPolicy\n      Policies:\n",
        each_function_has_its_own_role,
    ),
    ("Role: !GetAtt AuthoriserRole.Arn", "Role: !GetAtt ApiRole.Arn", each_function_has_its_own_role),
    (":${Api}/authorizers/*", ":${Api}/*", only_its_own_callers_invoke_a_function),
    ("Role: !GetAtt AuditRole.Arn", "Role: !GetAtt ApiRole.Arn", each_function_has_its_own_role),
    (":${Api}/${StageName}/*", ":*", only_its_own_callers_invoke_a_function),
    ("      SourceArn: !GetAtt BedrockRecords.Arn\n", "", only_its_own_callers_invoke_a_function),
    ("      SourceArn: !GetAtt DailyCheck.Arn\n", "", only_its_own_callers_invoke_a_function),
    (
        "SourceArn: !GetAtt DailyCheck.Arn",
        "SourceArn: !GetAtt BedrockRecords.Arn",
        only_its_own_callers_invoke_a_function,
    ),
    ("Principal: events.amazonaws.com", 'Principal: "*"', only_its_own_callers_invoke_a_function),
    ("      Bucket: !Ref TrailBucket\n", "      Bucket: records\n", each_policy_is_the_one_of_its_resource),
    (
        "      Topics:\n        - !Ref AlarmTopic\n",
        "      Topics: [other]\n",
        each_policy_is_the_one_of_its_resource,
    ),
    ("Role: !GetAtt WorkerRole.Arn", "Role: !GetAtt ApiRole.Arn", each_function_has_its_own_role),
    (
        "Sid: AnswerInJapan\n            Effect: Allow\n            Action: [bedrock:InvokeModel, "
        "bedrock:InvokeModelWithResponseStream]",
        "Sid: AnswerInJapan\n            Effect: Allow\n            Action: bedrock:InvokeModel",
        the_model_s_policy_is_the_published_one,
    ),
    ("Profile: jp.anthropic", "Profile: global.anthropic", the_model_s_policy_is_the_published_one),
    ("          - Sid: AnswerInJapan\n", "          - Sid: Answer\n", the_model_s_policy_is_the_published_one),
    ("Resource: !GetAtt WorkerLogGroup.Arn", 'Resource: "*"', only_what_has_no_resources_is_allowed_on_every_one),
    ("Action: bedrock:CountTokens", 'Action: "bedrock:Count*"', no_allowed_action_is_a_pattern),
    ("sqs:ReceiveMessage", '"sqs:*"', no_allowed_action_is_a_pattern),
    ("dynamodb:PutItem, ", '"dynamodb:*", ', no_allowed_action_is_a_pattern),
    ('Version: "2012-10-17"', 'Version: "2008-10-17"', every_policy_is_in_the_current_language),
)

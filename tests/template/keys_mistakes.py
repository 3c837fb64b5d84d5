"""Mistakes in who may call the API, each with the check of keys.py that has to notice it."""

from keys import (
    a_part_that_api_gateway_ignores_stops_the_deployment,
    api_gateway_caches_no_word_of_the_authoriser,
    every_route_needs_a_signature_or_a_known_key,
    nothing_else_says_who_may_call,
    nothing_waits_for_itself,
    the_authoriser_is_told_the_plan_and_nothing_of_prompts,
    the_authoriser_s_name_is_the_one_that_the_api_asks,
    the_key_is_what_the_authoriser_hands_on,
    the_outputs_of_keys_are_there_with_them,
    the_schemes_are_those_of_the_choice,
    the_usage_plan_limits_each_key_as_it_was_said,
    without_keys_nothing_of_theirs_is_there,
)
from translation import Mistakes

ROUTE = "              security: !If [TakesKeys, [{authoriser: []}, {api_key: []}], [{AWS_IAM: []}]]\n"
OF_ALL = "          /{proxy+}:\n            x-amazon-apigateway-any-method:\n"
OF_ROOT = "          /:\n            x-amazon-apigateway-any-method:\n"
TTL = "                  authorizerResultTtlInSeconds: 0\n"

MISTAKES: Mistakes = (
    (OF_ALL + ROUTE, OF_ALL, every_route_needs_a_signature_or_a_known_key),
    (OF_ROOT + ROUTE, OF_ROOT, every_route_needs_a_signature_or_a_known_key),
    ("{authoriser: []}, {api_key: []}", "{authoriser: []}", every_route_needs_a_signature_or_a_known_key),
    ("{authoriser: []}, {api_key: []}", "{api_key: []}", every_route_needs_a_signature_or_a_known_key),
    (
        "[{authoriser: []}, {api_key: []}]",
        "[{authoriser: [], api_key: []}]",
        every_route_needs_a_signature_or_a_known_key,
    ),
    (
        "{authoriser: []}, {api_key: []}",
        "{authoriser: []}, {api_key: []}, {}",
        every_route_needs_a_signature_or_a_known_key,
    ),
    ("[{AWS_IAM: []}]", "[]", every_route_needs_a_signature_or_a_known_key),
    ("[{AWS_IAM: []}]", "[{}]", every_route_needs_a_signature_or_a_known_key),
    (
        "      FailOnWarnings: true\n",
        "      FailOnWarnings: true\n      ApiKeySourceType: HEADER\n",
        nothing_else_says_who_may_call,
    ),
    (
        '        openapi: "3.0.1"\n',
        '        openapi: "3.0.1"\n        security: [{}]\n',
        nothing_else_says_who_may_call,
    ),
    ("FailOnWarnings: true", "FailOnWarnings: false", a_part_that_api_gateway_ignores_stops_the_deployment),
    ("      FailOnWarnings: true\n", "", a_part_that_api_gateway_ignores_stops_the_deployment),
    (
        "TakesKeys: !Equals [!Ref ApiAuth, API_KEY]",
        "TakesKeys: !Equals [!Ref ApiAuth, API]",
        the_schemes_are_those_of_the_choice,
    ),
    ("authtype: awsSigv4", "authtype: none", the_schemes_are_those_of_the_choice),
    ("                  type: request\n", "                  type: token\n", the_schemes_are_those_of_the_choice),
    ("[TakesKeys, AUTHORIZER, HEADER]", "[TakesKeys, HEADER, HEADER]", the_key_is_what_the_authoriser_hands_on),
    (TTL, TTL.replace("0", "300"), api_gateway_caches_no_word_of_the_authoriser),
    (TTL, "", api_gateway_caches_no_word_of_the_authoriser),
    (
        TTL,
        f"{TTL}                  identitySource: method.request.header.x-api-key\n",
        api_gateway_caches_no_word_of_the_authoriser,
    ),
    (
        'FunctionName: !Sub "${AWS::StackName}-authoriser"',
        'FunctionName: !Sub "${AWS::StackName}-authorizer"',
        the_authoriser_s_name_is_the_one_that_the_api_asks,
    ),
    ("may have 53 characters", "may have 64 characters", the_authoriser_s_name_is_the_one_that_the_api_asks),
    (
        "    Type: AWS::ApiGateway::UsagePlan\n    Condition: TakesKeys\n",
        "    Type: AWS::ApiGateway::UsagePlan\n",
        without_keys_nothing_of_theirs_is_there,
    ),
    ("RateLimit: !Ref KeyRateLimit", "RateLimit: 10", the_usage_plan_limits_each_key_as_it_was_said),
    ("BurstLimit: !Ref KeyBurstLimit", "BurstLimit: !Ref KeyRateLimit", the_usage_plan_limits_each_key_as_it_was_said),
    ("          Period: DAY\n", "          Period: MONTH\n", the_usage_plan_limits_each_key_as_it_was_said),
    ("        - LimitsDays\n", "        - TakesKeys\n", the_usage_plan_limits_each_key_as_it_was_said),
    (
        "          Stage: !Ref Api.Stage\n",
        "          Stage: !Ref StageName\n",
        the_usage_plan_limits_each_key_as_it_was_said,
    ),
    (
        "USAGE_PLAN_ID: !Ref UsagePlan",
        "USAGE_PLAN_ID: !Ref Api",
        the_authoriser_is_told_the_plan_and_nothing_of_prompts,
    ),
    (
        '          IDEMPOTENCY_TABLE: !Ref "AWS::NoValue"\n          IDEMPOTENCY_TTL_HOURS: !Ref "AWS::NoValue"\n'
        "          USAGE_PLAN_ID",
        "          USAGE_PLAN_ID",
        the_authoriser_is_told_the_plan_and_nothing_of_prompts,
    ),
    ("      Timeout: 5\n", "      Timeout: 30\n", the_authoriser_is_told_the_plan_and_nothing_of_prompts),
    (
        "function:${AWS::StackName}-authoriser/invocations",
        "function:${AuthoriserFunction}/invocations",
        nothing_waits_for_itself,
    ),
    (
        "  UsagePlanId:\n    Condition: TakesKeys\n",
        "  UsagePlanId:\n    Condition: HasKey\n",
        the_outputs_of_keys_are_there_with_them,
    ),
)

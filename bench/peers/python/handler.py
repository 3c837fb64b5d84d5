"""A function that asks Claude on Bedrock with boto3, as most are written."""

import json

import boto3

MODEL = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0"

bedrock = boto3.client("bedrock-runtime")


def handler(event, context):
    request = json.loads(event["body"])
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": request["max_tokens"],
        "messages": request["messages"],
    }
    answer = bedrock.invoke_model(modelId=MODEL, contentType="application/json", body=json.dumps(body))
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": answer["body"].read().decode(),
    }

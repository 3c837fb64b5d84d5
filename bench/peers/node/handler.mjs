// A function that asks Claude on Bedrock with AWS's SDK for JavaScript, whole or as a stream, as most are written.

import {
  BedrockRuntimeClient,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const modelId = 'jp.anthropic.claude-sonnet-4-5-20250929-v1:0';
const contentType = 'application/json';
// HTTP/1.1, as with all contenders: by itself this client speaks HTTP/2 to Bedrock, which takes longer to set up.
const bedrock = new BedrockRuntimeClient({ requestHandler: new NodeHttpHandler() });

function bodyOf(event) {
  const { max_tokens, messages } = JSON.parse(event.body);
  return JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens, messages });
}

async function whole(event) {
  const answer = await bedrock.send(new InvokeModelCommand({ modelId, contentType, body: bodyOf(event) }));
  return { statusCode: 200, headers: { 'content-type': contentType }, body: answer.body.transformToString() };
}

async function stream(event, responseStream) {
  const command = new InvokeModelWithResponseStreamCommand({ modelId, contentType, body: bodyOf(event) });
  const answer = await bedrock.send(command);
  const response = awslambda.HttpResponseStream.from(responseStream, { statusCode: 200 });
  for await (const { chunk } of answer.body) {
    response.write(chunk.bytes);
  }
  response.end();
}

export const handler = process.env.RESPONSE_MODE === 'stream' ? awslambda.streamifyResponse(stream) : whole;

// A loop over Lambda's Runtime API with Node's own HTTP client, in the place of aws-lambda-ric: that package compiles curl when it is
// installed. What a handler sees of `awslambda` has the same shape.

import http from 'node:http';
import { pathToFileURL } from 'node:url';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });
const base = '/2018-06-01/runtime/invocation';

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { streams: true }),
  HttpResponseStream: {
    from(stream, metadata) {
      stream.setHeader('content-type', 'application/vnd.awslambda.http-integration-response');
      stream.write(JSON.stringify(metadata));
      stream.write(Buffer.alloc(8));
      return stream;
    },
  },
};

function open(method, path, headers = {}) {
  const request = http.request({ host, port, agent, method, path: `${base}/${path}`, headers });
  const answer = new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ headers: response.headers, body: Buffer.concat(chunks) });
    });
  });
  return { request, answer };
}

function send(method, path, body) {
  const { request, answer } = open(method, path);
  request.end(body);
  return answer;
}

async function answerOne(handler) {
  const { headers, body } = await send('GET', 'next');
  const id = headers['lambda-runtime-aws-request-id'];
  try {
    const event = JSON.parse(body);
    if (!handler.streams) {
      await send('POST', `${id}/response`, JSON.stringify(await handler(event, { awsRequestId: id })));
      return;
    }
    const { request, answer } = open('POST', `${id}/response`, {
      'lambda-runtime-function-response-mode': 'streaming',
      'transfer-encoding': 'chunked',
    });
    await handler(event, request, { awsRequestId: id });
    await answer;
  } catch (error) {
    console.error(error);
    await send('POST', `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
  }
}

const { handler } = await import(pathToFileURL(process.argv[2]));
const concurrency = Number(process.env.AWS_LAMBDA_MAX_CONCURRENCY ?? 1);
for (let worker = 0; worker < concurrency; worker += 1) {
  (async () => {
    for (;;) await answerOne(handler);
  })();
}

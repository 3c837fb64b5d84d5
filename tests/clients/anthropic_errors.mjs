// Anthropic's own package for TypeScript: each error arrives as the class that its users wait for.

import Anthropic from "@anthropic-ai/sdk";
import assert from "node:assert/strict";
import { ERRORS, client, raised, request, run } from "./checks.mjs";

const CLASSES = {
  400: Anthropic.BadRequestError,
  403: Anthropic.PermissionDeniedError,
  404: Anthropic.NotFoundError,
  429: Anthropic.RateLimitError,
  500: Anthropic.InternalServerError,
  502: Anthropic.InternalServerError,
  504: Anthropic.GatewayTimeoutError,
  529: Anthropic.OverloadedError,
};

// Less than this would leave the function less time than an answer takes.
const PATIENCE_MILLISECONDS = 4000;

// Class, status and body of an error, and the request ID in its header and its body.
function check(error, constructor, status, type) {
  assert.equal(error.constructor, constructor, error);
  assert.equal(error.status, status);
  assert.equal(error.error?.type, "error", error);
  assert.ok(error.error.error.message, "message");
  assert.deepEqual([error.error.error.type, error.type], [type, type]);
  assert.equal(error.requestID, error.error.request_id);
}

async function beforeTheFirstByte({ prompt, status, type, only }) {
  const modes = { whole: false, stream: true };
  for (const stream of only ? [modes[only]] : Object.values(modes)) {
    const promise = client.messages.create(request(prompt, { stream }), { timeout: PATIENCE_MILLISECONDS });
    const error = await raised(promise);
    check(error, CLASSES[status], status, type);
    if (status === 429) assert.ok(Number(error.headers.get("retry-after")) > 0, "retry-after");
  }
}

// The status has gone out as 200 by then, so the type is what tells the errors apart. It also goes out, with pings, if
// the model is silent for so long that the client would give up.
async function inMidStream({ prompt, type, silent }) {
  const texts = [];
  const stream = client.messages.stream(request(prompt), { timeout: PATIENCE_MILLISECONDS });
  stream.on("text", (text) => texts.push(text));
  check(await raised(stream.finalMessage()), Anthropic.APIError, undefined, type);
  assert.equal(texts.length === 0, silent === true, `${texts.length} pieces of the answer came before the error`);
}

const table = (name, check) => ERRORS[name].map((row) => [`${row.prompt} ${name}`, () => check(row)]);

await run(
  Object.fromEntries([
    ...table("before the first byte", beforeTheFirstByte),
    ...table("in mid-stream", inMidStream),
  ]),
);

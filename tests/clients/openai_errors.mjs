// OpenAI's own package for TypeScript: each error arrives as the class that its users wait for.

import assert from "node:assert/strict";
import OpenAI from "openai";
import { CHAT_ERRORS, MODEL, raised, run } from "./checks.mjs";

const CLASSES = {
  400: OpenAI.BadRequestError,
  403: OpenAI.PermissionDeniedError,
  404: OpenAI.NotFoundError,
  429: OpenAI.RateLimitError,
  500: OpenAI.InternalServerError,
  502: OpenAI.InternalServerError,
  503: OpenAI.InternalServerError,
  504: OpenAI.InternalServerError,
};

// Less than this would leave the function less time than an answer takes.
const PATIENCE_MILLISECONDS = 4000;

// The package would try again by itself, and hide what came first.
const client = new OpenAI({ baseURL: `${process.env.KOKUNAI_URL}/v1`, apiKey: "local", maxRetries: 0 });

const ask = (content, fields) =>
  client.chat.completions.create(
    { model: MODEL, messages: [{ role: "user", content }], ...fields },
    { timeout: PATIENCE_MILLISECONDS },
  );

function check(error, constructor, status, { type, code, param = null }) {
  assert.equal(error.constructor, constructor, error);
  assert.equal(error.status, status);
  assert.ok(error.error.message && error.requestID, "message and request ID");
  assert.deepEqual([error.type, error.code, error.param], [type, code, param]);
}

async function beforeTheFirstByte({ prompt, only, ...row }) {
  const modes = { whole: false, stream: true };
  for (const stream of only ? [modes[only]] : Object.values(modes)) {
    const error = await raised(ask(prompt, { stream }));
    check(error, CLASSES[row.status], row.status, row);
    if (row.status === 429) assert.ok(Number(error.headers.get("retry-after")) > 0, "retry-after");
  }
}

// The status has gone out as 200 by then, so type and code are what tells the errors apart.
async function inMidStream({ prompt, ...row }) {
  const texts = [];
  const read = async () => {
    for await (const chunk of await ask(prompt, { stream: true })) texts.push(chunk.choices[0].delta.content);
  };
  check(await raised(read()), OpenAI.APIError, undefined, row);
  assert.ok(texts.some(Boolean), "no piece of the answer came before the error");
}

// What has no counterpart is refused, with the name that the caller gave it.
async function refusedByName({ content = "hello", fields, param, code = "invalid_request" }) {
  for (const stream of [false, true]) {
    const error = await raised(ask(content, { ...fields, stream }));
    check(error, CLASSES[400], 400, { type: "invalid_request_error", code, param });
  }
}

// Numbered where rows may have the same name.
const table = (name, check) =>
  CHAT_ERRORS[name].map((row, index) => [`${row.prompt ?? `${index + 1}. ${row.param}`} ${name}`, () => check(row)]);

await run(
  Object.fromEntries([
    ...table("refused by name", refusedByName),
    ...table("before the first byte", beforeTheFirstByte),
    ...table("in mid-stream", inMidStream),
  ]),
);

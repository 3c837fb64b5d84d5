// Vercel's AI SDK, with its provider for whatever speaks OpenAI's dialect.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, generateText, isStepCount, streamText, tool } from "ai";
import assert from "node:assert/strict";
import { z } from "zod";
import { CHAT_ERRORS, IMAGE, MODEL, PDF, isReadBack, raised, run } from "./checks.mjs";

const PROMPT = "日本の首都はどこですか。";
const USE_WEATHER = 'stand-in: use weather {"city": "東京"}';

const kokunai = createOpenAICompatible({
  name: "kokunai",
  baseURL: `${process.env.KOKUNAI_URL}/v1`,
  apiKey: "local",
  includeUsage: true,
  // Without it, schemas are sent as bare JSON mode.
  supportsStructuredOutputs: true,
});

// The package would try again by itself, and hide what came first.
const request = (fields) => ({ model: kokunai(MODEL), maxRetries: 0, ...fields });

const city = z.object({ city: z.string() });
const weather = tool({
  description: "The weather in a city",
  inputSchema: city,
  execute: ({ city }) => `${city}: 晴れ、12 °C`,
});
const time = tool({ description: "The time in a city", inputSchema: city, execute: () => "午前九時" });

const whole = (fields) => generateText(request(fields));

// The package does not throw in mid-stream: it hands the error over, and ends the stream.
async function streamed(fields) {
  const texts = [];
  let failure;
  const result = streamText(request({ ...fields, onError: ({ error }) => (failure = error) }));
  for await (const text of result.textStream) texts.push(text);
  if (failure) throw Object.assign(failure, { texts });
  const [text, steps, usage, finishReason] = await Promise.all([
    result.text,
    result.steps,
    result.usage,
    result.finishReason,
  ]);
  return { texts, text, steps, usage, finishReason };
}

// Calls, runs and answers in one go: the package sends the results back by itself.
async function usesTools(ask, prompt, tools, calls, result) {
  const { steps } = await ask({ prompt, tools, stopWhen: isStepCount(2) });
  assert.deepEqual(steps[0].toolCalls.map(({ toolName }) => toolName), calls);
  assert.equal(steps[0].finishReason, "tool-calls");
  isReadBack(steps.at(-1).text, result);
}
const usesATool = (ask) => usesTools(ask, USE_WEATHER, { weather }, ["weather"], "東京: 晴れ、12 °C");
const usesToolsInParallel = (ask) =>
  usesTools(ask, "stand-in: tool 2", { weather, time }, ["weather", "time"], "午前九時");

async function sees(mediaType, data) {
  const content = [
    { type: "file", mediaType, data },
    { type: "text", text: PROMPT },
  ];
  const alone = await whole({ prompt: PROMPT });
  const { text, usage } = await whole({ messages: [{ role: "user", content }] });
  isReadBack(text, PROMPT);
  assert.ok(usage.inputTokens >= alone.usage.inputTokens + Math.floor(data.length / 4), `${usage.inputTokens} tokens`);
}

// The package reads no type or code, but keeps the body, and knows which errors are worth another try.
async function fails({ prompt, status, type, code, only }) {
  for (const ask of only ? [{ whole, stream: streamed }[only]] : [whole, streamed]) {
    const error = await raised(ask({ prompt }));
    assert.ok(APICallError.isInstance(error), error);
    assert.equal(error.statusCode, status);
    const body = JSON.parse(error.responseBody).error;
    assert.deepEqual([body.type, body.code], [type, code]);
    assert.equal(error.isRetryable, status === 429 || status >= 500);
  }
}

async function failsInMidStream({ prompt }) {
  const error = await raised(streamed({ prompt }));
  assert.ok(error.texts.length > 0, "no piece of the answer came before the error");
}

const table = (name, check) => CHAT_ERRORS[name].map((row) => [`${row.prompt} ${name}`, () => check(row)]);

await run({
  answers_whole: async () => {
    const { text, finishReason, usage } = await whole({ instructions: "You answer in one sentence.", prompt: PROMPT });
    isReadBack(text, PROMPT);
    assert.equal(finishReason, "stop");
    assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0, "usage");
  },
  answers_in_a_stream: async () => {
    const { texts, text, usage, finishReason } = await streamed({ prompt: PROMPT });
    assert.ok(texts.length > 1, `${texts.length} pieces`);
    isReadBack(text, PROMPT);
    assert.equal(finishReason, "stop");
    assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0, "usage");
  },
  uses_a_tool_whole: () => usesATool(whole),
  uses_a_tool_in_a_stream: () => usesATool(streamed),
  uses_tools_in_parallel_whole: () => usesToolsInParallel(whole),
  uses_tools_in_parallel_in_a_stream: () => usesToolsInParallel(streamed),
  fills_in_a_form: async () => {
    const schema = z.object({ name: z.string(), population: z.number() });
    const { output } = await whole({ prompt: "東京", output: Output.object({ schema }) });
    assert.deepEqual(output, { name: "東京", population: 1 });
  },
  sees_an_image: () => sees("image/png", IMAGE),
  sees_a_pdf: () => sees("application/pdf", PDF),
  reasons: async () => {
    const reasoning = (reasoningEffort) => ({ prompt: PROMPT, providerOptions: { kokunai: { reasoningEffort } } });
    isReadBack((await whole(reasoning("low"))).text, PROMPT);
    const error = await raised(whole(reasoning("extreme")));
    assert.equal(JSON.parse(error.responseBody).error.param, "reasoning_effort");
  },
  a_seed_is_refused_by_name: async () => {
    const error = await raised(whole({ prompt: PROMPT, seed: 7 }));
    assert.equal(error.statusCode, 400);
    assert.equal(JSON.parse(error.responseBody).error.param, "seed");
  },
  ...Object.fromEntries([
    ...table("before the first byte", fails),
    ...table("in mid-stream", failsInMidStream),
  ]),
});

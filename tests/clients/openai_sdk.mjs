// OpenAI's own package for TypeScript: what it can ask for in Chat Completions, and kokunai takes, it gets.

import assert from "node:assert/strict";
import OpenAI from "openai";
import { ContentFilterFinishReasonError, LengthFinishReasonError } from "openai/error";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { IMAGE, MODEL, PDF, isReadBack, raised, run } from "./checks.mjs";

const PROMPT = "日本の首都はどこですか。";

const tool = (name, description) => ({
  type: "function",
  function: {
    name,
    description,
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
});
const WEATHER = tool("weather", "The weather in a city");
const TIME = tool("time", "The time in a city");
const USE_WEATHER = 'stand-in: use weather {"city": "東京"}';
const RESULTS = { weather: "晴れ、12 °C", time: "午前九時" };

const Place = z.object({ name: z.string(), population: z.number().int() });

// Of every kind of field that needs more than a type; Bedrock takes no constraint.
const Mayor = z.object({ name: z.string().min(1).max(40), since: z.iso.date() });
const City = z.object({
  form: z.literal("city"),
  name: z.string().regex(/^.+$/),
  kind: z.enum(["capital", "port"]),
  mayor: Mayor.describe("Who governs it."),
  deputy: Mayor.nullable(),
  population: z.number().int().min(1).max(40_000_000),
  area: z.number().positive(),
  wards: z.array(Mayor).max(23),
  twins: z.array(z.string()).min(1),
  site: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("coast"), sea: z.string() }),
    z.object({ kind: z.literal("plain"), height: z.number().nullable() }),
  ]),
});
const MAYOR = { name: "東京", since: "2026-11-23" };
const CITY = {
  form: "city",
  name: "東京",
  kind: "capital",
  mayor: MAYOR,
  deputy: MAYOR,
  population: 1,
  area: 1,
  wards: [],
  twins: ["東京"],
  site: { kind: "coast", sea: "東京" },
};

// The package would try again by itself, and hide what came first.
const client = new OpenAI({ baseURL: `${process.env.KOKUNAI_URL}/v1`, apiKey: "local", maxRetries: 0 });
const completions = client.chat.completions;

// A prompt, as the package's users write it.
const request = (content, fields = {}) => ({ model: MODEL, messages: [{ role: "user", content }], ...fields });

const whole = (fields) => completions.create(fields);
// A completion that the package assembles from its chunks.
const streamed = (fields) =>
  completions.stream({ ...fields, stream_options: { include_usage: true } }).finalChatCompletion();

async function chunksOf(fields) {
  const chunks = [];
  for await (const chunk of await completions.create({ ...fields, stream: true })) chunks.push(chunk);
  return chunks;
}

// The request that follows a message which calls tools: the message as it came, and a result for each call.
function withResults(first, message) {
  const result = (call) => ({ role: "tool", tool_call_id: call.id, content: RESULTS[call.function.name] });
  return { ...first, messages: [...first.messages, message, ...message.tool_calls.map(result)] };
}

const names = (message) => (message.tool_calls ?? []).map((call) => call.function.name);

// One round trip: the model calls the tool, hears its result, and answers.
async function usesATool(ask) {
  const first = request(USE_WEATHER, { tools: [WEATHER] });
  const { message, finish_reason } = (await ask(first)).choices[0];
  assert.equal(finish_reason, "tool_calls");
  assert.deepEqual(names(message), ["weather"]);
  assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { city: "東京" });
  isReadBack((await ask(withResults(first, message))).choices[0].message.content, RESULTS.weather);
}

// Bedrock, and so the stand-in, refuses a turn that lacks the result of one of the calls.
async function usesToolsInParallel(ask) {
  const first = request("stand-in: tool 2", { tools: [WEATHER, TIME] });
  const { message } = (await ask(first)).choices[0];
  assert.deepEqual(names(message), ["weather", "time"]);
  assert.equal(new Set(message.tool_calls.map((call) => call.id)).size, 2);
  isReadBack((await ask(withResults(first, message))).choices[0].message.content, RESULTS.time);
  const alone = (await ask({ ...first, parallel_tool_calls: false })).choices[0].message;
  assert.deepEqual(names(alone), ["weather"]);
}

// The stand-in refuses what is not base64, and counts what it reads.
async function sees(part, data) {
  const text = { type: "text", text: PROMPT };
  const alone = await whole(request([text]));
  for (const ask of [whole, streamed]) {
    const completion = await ask(request([part, text]));
    isReadBack(completion.choices[0].message.content, PROMPT);
    const more = completion.usage.prompt_tokens - alone.usage.prompt_tokens;
    assert.ok(more >= Math.floor(data.length / 4), `${more} tokens`);
  }
}

await run({
  answers_whole: async () => {
    const { id, model, choices, usage } = await whole(request(PROMPT));
    isReadBack(choices[0].message.content, PROMPT);
    assert.match(id, /^chatcmpl-/);
    assert.equal(model, "claude-sonnet-4-5-20250929");
    assert.equal(choices[0].finish_reason, "stop");
    assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0, "usage");
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  },
  answers_in_a_stream: async () => {
    const chunks = await chunksOf(request(PROMPT));
    const texts = chunks.map((chunk) => chunk.choices[0].delta.content).filter(Boolean);
    assert.ok(texts.length > 1, `${texts.length} pieces`);
    isReadBack(texts.join(""), PROMPT);
    assert.equal(chunks.at(-1).choices[0].finish_reason, "stop");
    assert.ok(chunks.every((chunk) => chunk.usage === undefined), "usage that nobody asked for");
  },
  a_stream_tells_its_usage_if_asked: async () => {
    const chunks = await chunksOf(request(PROMPT, { stream_options: { include_usage: true } }));
    const last = chunks.pop();
    assert.ok(chunks.every((chunk) => chunk.usage === null), "usage before the end");
    assert.deepEqual([last.choices, last.usage], [[], (await whole(request(PROMPT))).usage]);
  },
  uses_a_tool_whole: () => usesATool(whole),
  uses_a_tool_in_a_stream: () => usesATool(streamed),
  uses_tools_in_parallel_whole: () => usesToolsInParallel(whole),
  uses_tools_in_parallel_in_a_stream: () => usesToolsInParallel(streamed),
  runs_tools_by_itself: async () => {
    const weather = { ...WEATHER.function, parse: JSON.parse, function: ({ city }) => `${city}: ${RESULTS.weather}` };
    const tools = [{ type: "function", function: weather }];
    isReadBack(await completions.runTools(request(USE_WEATHER, { tools })).finalContent(), `東京: ${RESULTS.weather}`);
  },
  fills_in_a_form: async () => {
    const fields = request("東京", { response_format: zodResponseFormat(Place, "place") });
    for (const completion of [await completions.parse(fields), await streamed(fields)]) {
      assert.deepEqual(completion.choices[0].message.parsed, { name: "東京", population: 1 });
    }
  },
  fills_in_a_form_with_constraints: async () => {
    const fields = request("東京", { response_format: zodResponseFormat(City, "city") });
    for (const completion of [await completions.parse(fields), await streamed(fields)]) {
      assert.deepEqual(completion.choices[0].message.parsed, CITY);
    }
    const { response } = await completions.create(fields).withResponse();
    assert.equal(response.headers.get("kokunai-dropped-fields"), "response_format.json_schema.schema: constraints");
  },
  uses_a_tool_with_constraints: async () => {
    const tools = [zodFunction({ name: "city", parameters: City })];
    const fields = request("東京", { tools, tool_choice: "required" });
    for (const completion of [await completions.parse(fields), await streamed(fields)]) {
      assert.deepEqual(completion.choices[0].message.tool_calls[0].function.parsed_arguments, CITY);
    }
    const { response } = await completions.create(fields).withResponse();
    assert.equal(response.headers.get("kokunai-dropped-fields"), "tools.*.function.parameters: constraints");
  },
  a_recursive_form_is_refused_by_name: async () => {
    const Part = z.object({
      get parts() {
        return z.array(Part);
      },
    });
    const response_format = zodResponseFormat(Part, "part");
    const error = await raised(completions.parse(request(PROMPT, { response_format })));
    assert.equal(error.constructor, OpenAI.BadRequestError, error);
    assert.match(error.param, /^response_format\.json_schema\.schema\b/);
  },
  a_form_that_is_not_filled_in_says_why: async () => {
    const response_format = zodResponseFormat(Place, "place");
    for (const [prompt, constructor] of [
      ["stand-in: refusal", ContentFilterFinishReasonError],
      ["stand-in: long 500", LengthFinishReasonError],
    ]) {
      const error = await raised(completions.parse(request(prompt, { response_format, max_completion_tokens: 2 })));
      assert.equal(error.constructor, constructor, error);
    }
  },
  sees_an_image: () => sees({ type: "image_url", image_url: { url: `data:image/png;base64,${IMAGE}` } }, IMAGE),
  sees_a_pdf: () =>
    sees({ type: "file", file: { filename: "report.pdf", file_data: `data:application/pdf;base64,${PDF}` } }, PDF),
  reasons: async () => {
    const fields = request(USE_WEATHER, { tools: [WEATHER], reasoning_effort: "low" });
    const { data, response } = await completions.create(fields).withResponse();
    assert.equal(response.headers.get("kokunai-dropped-fields"), null);
    assert.equal(data.usage.completion_tokens_details, undefined);
    const next = await completions.create(withResults(fields, data.choices[0].message)).withResponse();
    isReadBack(next.data.choices[0].message.content, RESULTS.weather);
    assert.equal(next.response.headers.get("kokunai-dropped-fields"), "reasoning_effort");
  },
  lists_the_one_model: async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    assert.deepEqual(models, ["claude-sonnet-4-5-20250929"]);
    assert.equal((await client.models.retrieve(MODEL)).owned_by, "anthropic");
    assert.equal((await raised(client.models.retrieve("gpt-5"))).constructor, OpenAI.NotFoundError);
  },
});

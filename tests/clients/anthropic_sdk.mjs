// Anthropic's own package for TypeScript: what it can ask for, it gets.

import Anthropic from "@anthropic-ai/sdk";
import assert from "node:assert/strict";
import { IMAGE, MODEL, PDF, client, counting, isReadBack, raised, request, run } from "./checks.mjs";

const PROMPT = "日本の首都はどこですか。";

const WEATHER = {
  name: "weather",
  description: "The weather in a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const USE_WEATHER = 'stand-in: use weather {"city": "東京"}';
const SUNNY = "晴れ、12 °C";
const THINKING = { max_tokens: 2000, thinking: { type: "enabled", budget_tokens: 1024 } };

const whole = (fields) => client.messages.create(fields);
const streamed = (fields) => client.messages.stream(fields).finalMessage();

// One round trip: the model uses the tool, hears its result, and answers.
async function usesATool(ask, fields) {
  const first = request(USE_WEATHER, { tools: [WEATHER], ...fields });
  const message = await ask(first);
  const use = message.content.at(-1);
  assert.equal(message.stop_reason, "tool_use");
  assert.deepEqual([use.type, use.name, use.input], ["tool_use", "weather", { city: "東京" }]);
  const answer = await ask(withResult(first, message.content));
  isReadBack(answer.content.at(-1).text, SUNNY);
  return { first, message };
}

// The request that follows a message which uses a tool.
function withResult(first, content) {
  const result = { type: "tool_result", tool_use_id: content.at(-1).id, content: SUNNY };
  const turns = [
    { role: "assistant", content },
    { role: "user", content: [result] },
  ];
  return { ...first, messages: [...first.messages, ...turns] };
}

// The stand-in refuses a thought that does not come back as it was signed.
async function thinks(ask) {
  const { first, message } = await usesATool(ask, THINKING);
  const [thought, ...rest] = message.content;
  assert.equal(thought.type, "thinking");
  const altered = { ...thought, signature: [...thought.signature].reverse().join("") };
  const error = await raised(ask(withResult(first, [altered, ...rest])));
  assert.equal(error.constructor, Anthropic.BadRequestError, error);
  assert.match(error.message, /Invalid `signature` in `thinking` block/);
}

// The stand-in refuses what is not base64, and counts what it reads.
async function sees(type, media_type, data) {
  const text = { type: "text", text: PROMPT };
  const alone = await whole(request([text]));
  for (const ask of [whole, streamed]) {
    const message = await ask(request([{ type, source: { type: "base64", media_type, data } }, text]));
    isReadBack(message.content[0].text, PROMPT);
    const more = message.usage.input_tokens - alone.usage.input_tokens;
    assert.ok(more >= Math.floor(data.length / 4), `${more} tokens`);
  }
}

const count = (client, content) => client.messages.countTokens({ model: MODEL, messages: [{ role: "user", content }] });

await run({
  answers_whole: async () => {
    const message = await whole(request(PROMPT, { system: "You answer in one sentence." }));
    isReadBack(message.content[0].text, PROMPT);
    assert.deepEqual([message.stop_reason, message.role], ["end_turn", "assistant"]);
    assert.ok(message.usage.input_tokens > 0 && message.usage.output_tokens > 0, "usage");
  },
  answers_in_a_stream: async () => {
    const texts = [];
    const message = await client.messages.stream(request(PROMPT)).on("text", (text) => texts.push(text)).finalMessage();
    assert.ok(texts.length > 1, `${texts.length} pieces`);
    assert.equal(texts.join(""), message.content[0].text);
    isReadBack(message.content[0].text, PROMPT);
  },
  streams_raw_events: async () => {
    const events = [];
    for await (const event of await client.messages.create(request(PROMPT, { stream: true }))) events.push(event.type);
    assert.deepEqual([events.at(0), ...events.slice(-2)], ["message_start", "message_delta", "message_stop"]);
  },
  uses_a_tool_whole: () => usesATool(whole),
  uses_a_tool_in_a_stream: () => usesATool(streamed),
  thinks_whole: () => thinks(whole),
  thinks_in_a_stream: () => thinks(streamed),
  sees_an_image: () => sees("image", "image/png", IMAGE),
  sees_a_pdf: () => sees("document", "application/pdf", PDF),
  counts_tokens_if_that_is_on: async () => {
    const counts = [await count(counting, "hello"), await count(counting, "hello ".repeat(100))];
    assert.ok(counts[0].input_tokens > 0 && counts[0].input_tokens < counts[1].input_tokens, "more for more");
  },
  has_no_token_counts_if_that_is_off: async () => {
    const error = await raised(count(client, "hello"));
    assert.equal(error.constructor, Anthropic.NotFoundError, error);
    assert.equal(error.type, "not_found_error");
  },
  lists_the_one_model: async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    assert.deepEqual(models, ["claude-sonnet-4-5-20250929"]);
    assert.equal((await client.models.retrieve(MODEL)).display_name, "Claude Sonnet 4.5");
  },
  is_told_which_betas_were_dropped: async () => {
    const betas = ["context-management-2025-06-27", "advanced-tool-use-2025-11-20"];
    const { data, response } = await client.beta.messages.create(request(PROMPT, { betas })).withResponse();
    isReadBack(data.content[0].text, PROMPT);
    assert.equal(response.headers.get("kokunai-dropped-betas"), betas[1]);
  },
});

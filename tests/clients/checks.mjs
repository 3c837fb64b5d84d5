// What the TypeScript checks share: where the servers are, and one line for each check.

import Anthropic from "@anthropic-ai/sdk";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export const MODEL = "claude-sonnet-4-5";

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url)));
export const ERRORS = read("errors.json");
export const CHAT_ERRORS = read("openai_errors.json");

// The smallest PNG that has a pixel, and a PDF as far as its first line; nobody draws them here.
export const IMAGE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNg+M9QDwADgQGAWjR9awAAAABJRU5ErkJggg==";
export const PDF = "JVBERi0xLjcK";

// How much of a failure is printed, in characters; some quote a whole conversation.
const MAX_REASON = 500;

// The package warns of the model's end on Anthropic's own platform; Bedrock sets its own dates.
console.warn = () => {};

// The package would try again by itself, and hide what came first.
const connect = (baseURL) => new Anthropic({ baseURL, apiKey: "local", maxRetries: 0 });

// `run` starts two servers and says where they listen; only the second one counts tokens.
export const client = connect(process.env.KOKUNAI_URL);
export const counting = connect(process.env.KOKUNAI_COUNTING_URL);

// A prompt, as the package's users write it.
export const request = (content, fields = {}) => ({
  model: MODEL,
  max_tokens: 500,
  messages: [{ role: "user", content }],
  ...fields,
});

// Whether an answer is the stand-in's to just this prompt, or to just this result of a tool.
export function isReadBack(text, prompt) {
  const end = `not Claude. It read ${[...prompt].length} characters: ${prompt}`;
  assert.ok(text?.endsWith(end), text);
}

// What a promise is rejected with; to be kept is a failure.
export async function raised(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("an answer instead of an error");
}

// Runs every check, by its name; exits with 1 if one failed.
export async function run(checks) {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAILED ${name}: ${error.name}: ${error.message.replace(/\s+/g, " ").slice(0, MAX_REASON)}`);
    }
  }
}

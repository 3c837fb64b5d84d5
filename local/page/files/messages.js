// @ts-check
// A prompt on its way: POST /v1/messages with a stream, read as an application reads it.

/** @typedef {{ type: string, [field: string]: any }} StreamEvent */

const MODEL = "claude-sonnet-4-5";

/**
 * The body of a request. An empty option is left out, and a limit that is no number goes out as it was typed: to refuse
 * it is the function's part.
 * @param {string} prompt
 * @param {string} system
 * @param {string} maxTokens
 */
export function request(prompt, system, maxTokens) {
  const limit = maxTokens.trim();
  return {
    model: MODEL,
    stream: true,
    prompt,
    ...(system && { system }),
    ...(limit && { max_tokens: Number.isNaN(Number(limit)) ? limit : Number(limit) }),
  };
}

/**
 * @param {ReturnType<typeof request>} body
 * @param {AbortSignal} signal
 */
export function post(body, signal) {
  const headers = { "content-type": "application/json", "anthropic-version": "2023-06-01" };
  return fetch("/v1/messages", { method: "POST", headers, body: JSON.stringify(body), signal });
}

/**
 * The data of each server-sent event of an answer, as it comes.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {AsyncGenerator<StreamEvent>}
 */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: "));
      if (data) yield JSON.parse(data.slice("data: ".length));
    }
  }
}

// @ts-check
// The playground: a prompt, its answer as it comes, and what is known of it afterwards.

import { lineOf } from "./arrivals.js";
import { byId, element } from "./elements.js";
import { inEachLanguage, word } from "./language.js";
import { events, post, request } from "./messages.js";
import { recordOf, show } from "./record.js";

/** @typedef {{ status: number, body: string }} Refusal */
/** @typedef {() => string} Sentence */

/**
 * One prompt and what has become of it so far.
 * @typedef {object} Exchange
 * @property {AbortController} departure
 * @property {Sentence} status
 * @property {boolean} isWhole
 * @property {string} [requestId]
 * @property {Refusal} [refusal]
 * @property {import("./record.js").PromptRecord | null} [record]
 */

/** @type {Exchange | undefined} */
let latest;
let isAnswering = false;

/** Lets the reader ask. */
export function play() {
  byId("question").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isAnswering) send();
  });
  byId("stop").addEventListener("click", stop);
  document.addEventListener("keydown", (event) => {
    // While a word is being composed, both keys belong to the input method.
    if (event.isComposing) return;
    if (event.key === "Escape") stop();
    const isInForm = event.target instanceof Node && byId("question").contains(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && isInForm && !isAnswering) {
      event.preventDefault();
      send();
    }
  });
  inEachLanguage(render);
}

function stop() {
  if (isAnswering) latest?.departure.abort();
}

async function send() {
  const [prompt, system, limit] = ["prompt", "system", "max-tokens"].map(
    (id) => /** @type {HTMLInputElement} */ (byId(id)).value,
  );
  /** @type {Exchange} */
  const exchange = { departure: new AbortController(), status: () => word("waiting"), isWhole: false };
  latest = exchange;
  isAnswering = true;
  byId("coming").textContent = byId("ended").textContent = "";
  render();
  try {
    await receive(exchange, request(prompt, system, limit));
  } catch (error) {
    exchange.status = exchange.departure.signal.aborted ? stopped(exchange) : () => word("unreachable", String(error));
  }
  isAnswering = false;
  // Moved as a whole into the live region, the answer is read aloud once.
  byId("ended").textContent = byId("coming").textContent;
  byId("coming").textContent = "";
  render();
  await conclude(exchange);
}

/** @param {Exchange} exchange */
function stopped(exchange) {
  return exchange.requestId ? () => word("stopped") : () => word("stoppedEarly");
}

/**
 * @param {Exchange} exchange
 * @param {ReturnType<typeof request>} body
 */
async function receive(exchange, body) {
  const response = await post(body, exchange.departure.signal);
  exchange.requestId = response.headers.get("request-id") ?? undefined;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!response.ok || !response.body || !isStream) {
    exchange.refusal = { status: response.status, body: await response.text() };
    exchange.status = () => word("failed", response.status);
    return;
  }
  for await (const event of events(response.body)) take(exchange, event);
  if (!exchange.isWhole) exchange.status = () => word("brokenOff");
}

/**
 * @param {Exchange} exchange
 * @param {import("./messages.js").StreamEvent} event
 */
function take(exchange, event) {
  if (event.type === "message_start") {
    exchange.status = () => word("coming");
    render();
  } else if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
    byId("coming").append(event.delta.text);
  } else if (event.type === "message_delta") {
    const reason = event.delta.stop_reason;
    exchange.status = () => (reason === "end_turn" ? word("complete") : word("endedEarly", reason));
  } else if (event.type === "message_stop") {
    exchange.isWhole = true;
  } else if (event.type === "error") {
    exchange.refusal = { status: 200, body: JSON.stringify(event) };
  }
}

/**
 * Waits for the log line, which the function writes when it has done everything else.
 * @param {Exchange} exchange
 */
async function conclude(exchange) {
  if (!exchange.requestId) return;
  await lineOf(exchange.requestId);
  exchange.record = await recordOf(exchange.requestId);
  if (exchange === latest) render();
}

/** Shows the latest prompt in the reader's language; the answer itself is written as it comes. */
function render() {
  byId("send").setAttribute("aria-disabled", String(isAnswering));
  byId("stop").setAttribute("aria-disabled", String(!isAnswering));
  byId("answer").classList.toggle("is-coming", isAnswering);
  byId("outcome").hidden = !latest;
  if (!latest) return;
  // Written again, the same sentence would be read aloud again.
  if (byId("status").textContent !== latest.status()) byId("status").textContent = latest.status();
  byId("answer").hidden = !isAnswering && !byId("ended").textContent;
  byId("refusal").replaceChildren(...(latest.refusal ? refused(latest.refusal, latest.record?.line) : []));
  if (latest.record) show(byId("record"), latest.record);
  else byId("record").replaceChildren();
}

/**
 * @param {Refusal} refusal
 * @param {Record<string, any>} [line]
 */
function refused({ status, body }, line) {
  const label = line?.["error.label"];
  const told = label
    ? [
        element("p", {}, word("label"), ": ", element("code", { class: "label" }, label)),
        element("p", {}, word(line["error.retry"] ? "retry" : "noRetry")),
      ]
    : [];
  const heading = element("h3", {}, `${word("whatTheCallerSaw")} (HTTP ${status})`);
  return [element("div", { class: "problem" }, heading, element("pre", {}, pretty(body)), ...told)];
}

/** @param {string} body */
function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

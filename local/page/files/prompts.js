// @ts-check
// The list of the last prompts, and each of them in full.

import { lastLines, onArrival } from "./arrivals.js";
import { byId, cell, column, element, row } from "./elements.js";
import { inEachLanguage, language, number, word } from "./language.js";
import { recordOf, show } from "./record.js";

/** @type {import("./language.js").Word[]} */
const COLUMNS = ["time", "route", "status", "tokens", "cost", "firstToken", "duration", "error"];

const NOTHING = "—";

/** Keeps the list up with what arrives. */
export function listPrompts() {
  inEachLanguage(() => {
    byId("columns").replaceChildren(...COLUMNS.map((name) => column(word(name))));
    byId("rows").replaceChildren();
    update();
  });
  onArrival(update);
}

/** Puts the rows in that are missing. Those that are there stay, and with them the focus that one of them may have. */
function update() {
  const rows = byId("rows");
  const lines = lastLines();
  const known = new Map([...rows.children].map((row) => [row.getAttribute("data-prompt"), row]));
  const wanted = lines.map((line) => known.get(line.request_id) ?? listed(line));
  for (const row of known.values()) if (!wanted.includes(row)) row.remove();
  wanted.forEach((row, index) => {
    if (rows.children[index] !== row) rows.insertBefore(row, rows.children[index] ?? null);
  });
  byId("list").hidden = lines.length === 0;
  byId("none").hidden = lines.length > 0;
}

/** @param {import("./arrivals.js").Line} line */
function listed(line) {
  const time = new Intl.DateTimeFormat(language(), { timeStyle: "medium" }).format(new Date(line.timestamp));
  const tokens = [line["tokens.input"], line["tokens.output"]];
  const contents = [
    element("a", { href: `#prompts/${line.request_id}` }, time),
    line.route ?? line.source,
    String(line.status ?? NOTHING),
    tokens.some((count) => count === undefined) ? NOTHING : tokens.map((count) => number(count)).join(" / "),
    money(line.cost_usd),
    milliseconds(line.first_token_ms),
    milliseconds(line.duration_ms),
    line["error.label"] ? element("code", { class: "label" }, line["error.label"]) : NOTHING,
  ];
  const cells = contents.map((content, index) => cell(word(COLUMNS[index]), content));
  for (const [index, content] of contents.entries()) cells[index].classList.toggle("nothing", content === NOTHING);
  const made = row(...cells);
  made.setAttribute("data-prompt", line.request_id);
  return made;
}

/** @param {number | undefined} dollars */
function money(dollars) {
  const format = /** @type {const} */ ({ style: "currency", currency: "USD", maximumSignificantDigits: 3 });
  return dollars === undefined ? NOTHING : number(dollars, format);
}

/** @param {number | undefined} value */
function milliseconds(value) {
  return value === undefined ? NOTHING : `${number(value, { maximumFractionDigits: 1 })} ms`;
}

/** @type {import("./record.js").PromptRecord | null | undefined} */
let shown;

/**
 * Shows one of them.
 * @param {string} requestId
 */
export async function showPrompt(requestId) {
  byId("detail").replaceChildren();
  shown = await recordOf(requestId);
  showDetail();
}

/** Writes the prompt that is shown anew in the reader's language. */
export function showDetail() {
  if (shown) show(byId("detail"), shown);
  else if (shown === null) byId("detail").replaceChildren(element("p", {}, word("unknownPrompt")));
}

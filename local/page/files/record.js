// @ts-check
// One prompt, as its log line tells it and as the stand-in recorded it.

import { cell, column, element, row } from "./elements.js";
import { word } from "./language.js";

/** @typedef {{ request_id: string, host: string, profile: string | null, region: string | null, status: number | null }} Call */
/** @typedef {{ line: Record<string, any>, recorded: Call[] | null }} PromptRecord */
/** @typedef {{ name: import("./language.js").Word, said?: string, recorded: string[] }} Fact */

/**
 * What is known of a prompt; nothing if the server has forgotten it.
 * @param {string} requestId
 * @returns {Promise<PromptRecord | null>}
 */
export async function recordOf(requestId) {
  const response = await fetch(`/local/prompts/${encodeURIComponent(requestId)}`);
  return response.ok ? response.json() : null;
}

/**
 * Shows it.
 * @param {HTMLElement} place
 * @param {PromptRecord} record
 */
export function show(place, { line, recorded }) {
  place.replaceChildren(
    element("h2", {}, word("facts")),
    ...facts(line, recorded),
    element("h2", {}, word("line")),
    fields(line),
    element("details", {}, element("summary", {}, word("asPrinted")), element("pre", {}, JSON.stringify(line))),
  );
}

/**
 * @param {Record<string, any>} line
 * @param {Call[] | null} calls
 */
function facts(line, calls) {
  if (!line["bedrock.attempts"]) return [element("p", {}, word("noCall"))];
  const columns = [word("fact"), word("said"), ...(calls ? [word("recorded"), word("verdict")] : [])];
  const head = element("thead", { role: "rowgroup" }, row(...columns.map(column)));
  const rows = compared(line, calls ?? []).map((fact) => {
    const cells = [cell(columns[0], word(fact.name)), cell(columns[1], text(fact.said ? [fact.said] : [], "notSaid"))];
    if (calls) cells.push(cell(columns[2], text(fact.recorded, "notRecorded")), cell(columns[3], verdict(fact)));
    return row(...cells);
  });
  const table = element("table", { role: "table", class: "facts" }, head, element("tbody", { role: "rowgroup" }, ...rows));
  return calls ? [table] : [table, element("p", {}, word("noStandIn"))];
}

/**
 * What the line says beside what the calls were.
 * @param {Record<string, any>} line
 * @param {Call[]} calls
 * @returns {Fact[]}
 */
function compared(line, calls) {
  /** @param {(call: Call) => string | number | null} of */
  const each = (of) => [...new Set(calls.map(of).filter((value) => value !== null).map(String))];
  const answered = calls.filter((call) => call.status !== null).slice(-1);
  return [
    { name: "host", recorded: each((call) => call.host) },
    { name: "profile", said: line["residency.profile"] ?? line["residency.model"], recorded: each((call) => call.profile) },
    { name: "region", said: line["residency.region"], recorded: each((call) => call.region) },
    { name: "requestId", said: line["bedrock.request_id"], recorded: answered.map((call) => call.request_id) },
    { name: "attempts", said: line["bedrock.attempts"]?.toString(), recorded: calls.length ? [String(calls.length)] : [] },
    { name: "recordedStatus", recorded: each((call) => call.status) },
  ];
}

/** @param {Fact} fact */
function verdict({ said, recorded }) {
  // What the line does not say, such as the host, is shown and not judged; what it says and nobody saw is wrong.
  if (!said) return "";
  const agrees = recorded.length === 1 && recorded[0] === said;
  return element("strong", { class: agrees ? "agree" : "differ" }, word(agrees ? "agree" : "differ"));
}

/**
 * @param {string[]} values
 * @param {import("./language.js").Word} otherwise
 */
function text(values, otherwise) {
  return values.length ? element("code", {}, values.join(", ")) : element("span", { class: "hint" }, word(otherwise));
}

/** @param {Record<string, any>} line */
function fields(line) {
  const columns = [word("field"), word("value")];
  const rows = Object.entries(line)
    // The metrics are the fields once more, for CloudWatch.
    .filter(([name]) => name !== "_aws")
    .map(([name, value]) => row(cell(columns[0], element("code", {}, name)), cell(columns[1], String(value))));
  const head = element("thead", { role: "rowgroup" }, row(...columns.map(column)));
  return element("table", { role: "table", class: "line" }, head, element("tbody", { role: "rowgroup" }, ...rows));
}

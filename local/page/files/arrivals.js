// @ts-check
// The log lines of the last prompts, kept up to date by the local server.

/** @typedef {{ request_id: string, timestamp: string, [field: string]: any }} Line */

const KEPT = 100;

/** @type {Map<string, Line>} */
let lines = new Map();

/** @type {Set<() => void>} */
const listeners = new Set();

/** The lines, the newest first. */
export function lastLines() {
  return [...lines.values()].sort((a, b) => b.timestamp.localeCompare(a.timestamp)).slice(0, KEPT);
}

/**
 * Runs whenever a line has come.
 * @param {() => void} listener
 */
export function onArrival(listener) {
  listeners.add(listener);
}

/**
 * The line of this prompt, past or to come.
 * @param {string} requestId
 * @returns {Promise<Line>}
 */
export function lineOf(requestId) {
  return new Promise((resolve) => {
    const look = () => {
      const line = lines.get(requestId);
      if (!line) return;
      listeners.delete(look);
      resolve(line);
    };
    listeners.add(look);
    look();
  });
}

/**
 * Follows the server, also when it is started anew.
 * @param {(isThere: boolean) => void} onServer
 * @param {(standIn: boolean) => void} onSource
 */
export function follow(onServer, onSource) {
  const source = new EventSource("/local/arrivals");
  source.addEventListener("open", async () => {
    // Lines that come while the list is on its way are kept beside it.
    lines = new Map();
    try {
      const list = await (await fetch("/local/prompts")).json();
      onServer(true);
      onSource(list.stand_in);
      keep(list.lines);
    } catch {
      onServer(false);
    }
  });
  source.addEventListener("message", (event) => keep([JSON.parse(event.data)]));
  source.addEventListener("error", () => onServer(false));
}

/** @param {Line[]} arrived */
function keep(arrived) {
  for (const line of arrived) lines.set(line.request_id, line);
  lines = new Map(lastLines().map((line) => [line.request_id, line]));
  for (const listener of listeners) listener();
}

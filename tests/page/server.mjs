// `cargo local` as a child process: where it listens, and how it is asked beside the page.

import { spawn } from "node:child_process";
import { request as httpRequest } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const SETTINGS = {
  RESPONSE_MODE: "stream",
  // The checks are about how errors are shown, not about how long the function tries to avoid them.
  RETRY_BUDGET_SECONDS: "0",
};

/** Starts a server on a port, by default a free one. */
export async function start(port = 0) {
  const environment = { ...process.env, ...SETTINGS };
  const server = spawn("cargo", ["local", "--port", String(port)], {
    cwd: ROOT,
    env: environment,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // Also where this process ends by a fault of its own.
  process.once("exit", () => server.kill());
  const exit = new Promise((resolve) => server.once("exit", resolve));
  const greeting = new Promise((resolve) => createInterface({ input: server.stdout }).once("line", resolve));
  const line = await Promise.race([greeting, exit]);
  if (typeof line !== "string") throw new Error(`cargo local did not start: it ended with ${line}`);
  const url = line.split(" ").at(-1);
  const stop = () => {
    server.kill();
    return exit;
  };
  return { url, port: Number(new URL(url).port), stop };
}

/** One request with just these headers, as no browser would send it. */
export function ask(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const asking = httpRequest(url, { method, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

/** A prompt from a program; gives the request ID of its line. */
export async function prompt(url, path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await ask(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.headers["request-id"];
}

// Headless Chromium, and a page that is watched: whatever it asks of another origin and whatever it complains of fails the check.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.KOKUNAI_PAGE_BUILT}/`);
const { chromium } = require("playwright-core");

/** Names that lead to this machine, as an attacker's would after its DNS has been changed. */
export const REBOUND = "rebound.test";

export const launch = () =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`],
  });

const WIDE = { width: 1100, height: 900 };

/**
 * Opens the server's page in a browser without a past, and gives it to `check`. `options` are Playwright's for a context;
 * `complaints` are those that the check provokes.
 */
export async function visit(browser, url, check, { hash = "", complaints = /^$/, ...options } = {}) {
  const context = await browser.newContext({ locale: "en-US", viewport: WIDE, ...options });
  const faults = [];
  context.on("request", (request) => {
    if (new URL(request.url()).origin !== url) faults.push(`it asked ${request.url()}`);
  });
  context.on("console", (message) => {
    const complains = ["error", "warning"].includes(message.type());
    if (complains && !complaints.test(message.text())) faults.push(`it complained: ${message.text()}`);
  });
  context.on("weberror", (error) => faults.push(`it threw: ${error.error()}`));
  try {
    const page = await context.newPage();
    await page.goto(`${url}/${hash}`);
    // The page knows where answers come from once the server's list has arrived.
    await page.waitForFunction(() => document.getElementById("source").textContent !== "");
    await check(page, context);
  } finally {
    await context.close();
  }
  assert.deepEqual(faults, []);
}

/** Types a prompt and sends it. */
export async function send(page, text) {
  await page.locator("#prompt").fill(text);
  await page.locator("#send").click();
}

/** Waits until the log line of the last prompt is shown, and gives its fields. */
export async function shownLine(page, place = "#record") {
  await page.locator(`${place} .line`).waitFor();
  return JSON.parse(await page.locator(`${place} details pre`).textContent());
}

/** Whether the content of an element matches, now or soon. */
export async function reads(page, selector, pattern) {
  await page.waitForFunction(
    ([selector, source, flags]) => new RegExp(source, flags).test(document.querySelector(selector)?.textContent ?? ""),
    [selector, pattern.source, pattern.flags],
  );
}

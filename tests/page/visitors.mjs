// Who may ask: the page, programs, and no other site; and what the browser is told to refuse.

import assert from "node:assert/strict";
import { REBOUND, reads } from "./browser.mjs";
import { ask } from "./server.mjs";

const HTML = { accept: "text/html" };

async function everyAnswerIsFenced(_, url) {
  const paths = ["/", "/local/page.js", "/local/page.css", "/local/prompts", "/local/nothing"];
  for (const path of paths) {
    const { headers } = await ask(url + path, { headers: HTML });
    const policy = headers["content-security-policy"];
    for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
      assert.ok(policy.includes(part), `${path}: ${policy}`);
    }
    assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(headers["access-control-allow-origin"], undefined);
  }
}

/** Tries what an answer could try if it became part of the page, and has the browser say what it refused. */
async function thePolicyHolds(browser, url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${url}/`);
    await page.evaluate(() => {
      window.refused = [];
      document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.effectiveDirective));
      const script = document.createElement("script");
      script.append("window.ran = true");
      const image = new Image();
      image.src = "http://elsewhere.test/pixel";
      document.body.append(script, image);
      const become = async () => (document.body.innerHTML += "<p>from a string</p>");
      return Promise.allSettled([fetch("http://elsewhere.test/"), become()]);
    });
    for (const directive of ["connect-src", "img-src", "require-trusted-types-for"]) {
      await page.waitForFunction((directive) => window.refused.includes(directive), directive, { timeout: 5000 });
    }
    assert.equal(await page.evaluate(() => window.ran), undefined);
  } finally {
    await context.close();
  }
}

/** A site whose name leads to this machine now is told nothing, in the browser as in the raw. */
async function aReboundNameIsRefused(browser, url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const port = new URL(url).port;
    const response = await page.goto(`http://${REBOUND}:${port}/`);
    assert.equal(response.status(), 403);
    await reads(page, "body", /answers to localhost/);
    const statuses = await page.evaluate(async () => {
      const post = { method: "POST", body: JSON.stringify({ prompt: "rebound" }) };
      const asked = [fetch("/local/prompts"), fetch("/prompt", post), fetch("/v1/messages", post)];
      return (await Promise.all(asked)).map((response) => response.status);
    });
    assert.deepEqual(statuses, [403, 403, 403]);
  } finally {
    await context.close();
  }
}

async function programsAreServed(_, url) {
  assert.equal((await ask(`${url}/`)).status, 405, "GET / without text/html is the function's");
  assert.equal((await ask(`${url}/`, { method: "HEAD", headers: HTML })).status, 200);
  const { status, text } = await ask(`${url}/local/prompts`);
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).stand_in, true);
  assert.equal((await ask(`${url}/local/prompts/none`)).status, 404);
  const post = await ask(`${url}/local/prompts`, { method: "POST" });
  assert.deepEqual([post.status, post.headers.allow], [405, "GET"]);
}

export const checks = {
  "every answer carries the fences": everyAnswerIsFenced,
  "the browser refuses foreign scripts, images and requests": thePolicyHolds,
  "a name that was pointed at this machine is refused": aReboundNameIsRefused,
  "programs and Claude Code are served as before": programsAreServed,
};

// The list of the last prompts, which follows what any application does, and the server's coming and going.

import assert from "node:assert/strict";
import { reads, shownLine, visit } from "./browser.mjs";
import { ask, prompt, start } from "./server.mjs";

const AS_A_LIST = { hash: "#prompts" };

const rowOf = (page, requestId) => page.locator(`tr[data-prompt="${requestId}"]`);

const theListFollows = (browser, url) =>
  visit(
    browser,
    url,
    async (page) => {
      const first = await prompt(url, "/prompt", { prompt: "one" });
      await rowOf(page, first).waitFor();
      const messages = [{ role: "user", content: "two" }];
      const second = await prompt(url, "/v1/chat/completions", { model: "claude-sonnet-4-5", messages });
      await rowOf(page, second).waitFor();
      const failed = await prompt(url, "/v1/messages", { prompt: "stand-in: throttle", stream: true });
      await rowOf(page, failed).waitFor();
      const newest = await page.locator("#rows tr").evaluateAll((rows) => rows.slice(0, 3).map((row) => row.dataset.prompt));
      assert.deepEqual(newest, [failed, second, first]);
      const cells = (id) => rowOf(page, id).locator("td").allTextContents();
      const { line } = JSON.parse((await ask(`${url}/local/prompts/${second}`)).text);
      const [, route, status, tokens, cost, , duration, error] = await cells(second);
      assert.deepEqual([route, status, error], ["/v1/chat/completions", "200", "—"]);
      assert.equal(tokens, `${line["tokens.input"]} / ${line["tokens.output"]}`);
      assert.ok(Math.abs(Number(cost.slice(1)) / line.cost_usd - 1) < 0.01, `${cost}: ${line.cost_usd}`);
      assert.ok(Math.abs(parseFloat(duration.replace(",", "")) - line.duration_ms) <= 0.051, duration);
      assert.deepEqual((await cells(failed)).slice(1, 4), ["/v1/messages", "429", "—"]);
      assert.equal((await cells(failed)).at(-1), "throttled");
    },
    AS_A_LIST,
  );

const aPromptIsShownInFull = (browser, url) =>
  visit(
    browser,
    url,
    async (page) => {
      const id = await prompt(url, "/prompt", { prompt: "in full" });
      await rowOf(page, id).locator("a").click();
      assert.equal((await shownLine(page, "#detail")).request_id, id);
      assert.deepEqual(await page.locator("#detail .differ").count(), 0);
      assert.equal(await page.locator("#detail .agree").count(), 4);
      await page.goBack();
      await rowOf(page, id).waitFor({ state: "visible" });
    },
    AS_A_LIST,
  );

const aFocusedRowStays = (browser, url) =>
  visit(
    browser,
    url,
    async (page) => {
      const id = await prompt(url, "/prompt", { prompt: "focus" });
      await rowOf(page, id).locator("a").focus();
      await rowOf(page, await prompt(url, "/prompt", { prompt: "arrives" })).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.closest("tr").dataset.prompt), id);
    },
    AS_A_LIST,
  );

/** On a server of its own, so that it also sees an empty list, and one that is no more. */
async function aServerComesAndGoes(browser) {
  let server = await start();
  const { url, port } = server;
  try {
    await visit(
      browser,
      url,
      async (page) => {
        assert.ok(await page.locator("#none").isVisible());
        let last;
        for (let sent = 0; sent < 103; sent += 1) last = await prompt(url, "/prompt", {});
        await rowOf(page, last).waitFor();
        assert.equal(await page.locator("#rows tr").count(), 100);
        assert.equal(JSON.parse((await ask(`${url}/local/prompts`)).text).lines.length, 100);
        await server.stop();
        await page.locator("#lost").waitFor({ state: "visible" });
        server = await start(port);
        await page.locator("#lost").waitFor({ state: "hidden" });
        await page.locator("#none").waitFor({ state: "visible" });
        await rowOf(page, await prompt(url, "/prompt", { prompt: "again" })).waitFor();
        await reads(page, "#rows", /\/prompt/);
      },
      { ...AS_A_LIST, complaints: /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/ },
    );
  } finally {
    await server.stop();
  }
}

export const checks = {
  "the list follows every door, the newest first": theListFollows,
  "a prompt of the list is shown in full": aPromptIsShownInFull,
  "a row that has the focus keeps it when others arrive": aFocusedRowStays,
  "a hundred prompts are kept, and a server that is back is found": aServerComesAndGoes,
};

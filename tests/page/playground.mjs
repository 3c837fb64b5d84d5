// The playground: type, stream, stop, fail, and hold what is shown against what the server says.

import assert from "node:assert/strict";
import { ask } from "./server.mjs";
import { reads, send, shownLine, visit } from "./browser.mjs";

/** Notes every text that the coming answer has, so that nothing depends on when somebody looks. */
const watchAnswer = (page) =>
  page.evaluate(() => {
    window.seen = [];
    const coming = document.getElementById("coming");
    new MutationObserver(() => window.seen.push(coming.textContent)).observe(coming, { childList: true });
  });

const wordsComeBeforeTheEnd = (browser, url) =>
  visit(browser, url, async (page) => {
    await watchAnswer(page);
    await send(page, "stand-in: pace 30\n日本の首都は?");
    await page.waitForFunction(() => window.seen.some((text) => text.length > 0));
    assert.equal(await page.locator("#ended").textContent(), "", "the end is still to come");
    await reads(page, "#status", /^The answer is complete\.$/);
    const answer = await page.locator("#ended").textContent();
    const grown = (await page.evaluate(() => window.seen)).filter((text) => text.length > 0);
    assert.ok(new Set(grown.map((text) => text.length)).size > 5, `it grew: ${grown.length}`);
    assert.ok(grown.every((text) => answer.startsWith(text)));
    assert.ok(answer.endsWith("日本の首都は?"), answer);
  });

const optionsAreSent = (browser, url) =>
  visit(browser, url, async (page) => {
    const asked = page.waitForRequest((request) => request.method() === "POST");
    await page.locator("#system").fill("Answer in one sentence.");
    await page.locator("#max-tokens").fill("7");
    await send(page, "こんにちは");
    const body = (await asked).postDataJSON();
    assert.deepEqual(body, {
      model: "claude-sonnet-4-5",
      stream: true,
      prompt: "こんにちは",
      system: "Answer in one sentence.",
      max_tokens: 7,
    });
    await reads(page, "#status", /^The answer ended early: max_tokens\.$/);
    assert.equal((await shownLine(page))["tokens.output"], 7);
  });

const factsAgree = (browser, url) =>
  visit(browser, url, async (page) => {
    await send(page, "Where does this go?");
    const line = await shownLine(page);
    const { recorded } = JSON.parse((await ask(`${url}/local/prompts/${line.request_id}`)).text);
    const [call] = recorded;
    assert.equal(recorded.length, 1);
    const rows = await page.locator(".facts tbody tr").allInnerTexts();
    const cells = rows.map((row) => row.split("\t").map((cell) => cell.trim()));
    assert.deepEqual(cells, [
      ["Host", "not said", call.host, ""],
      ["Inference profile", line["residency.profile"], call.profile, "agree"],
      ["Region", line["residency.region"], call.region, "agree"],
      ["Bedrock’s request ID", line["bedrock.request_id"], call.request_id, "agree"],
      ["Attempts", "1", "1", "agree"],
      ["Bedrock’s status", "not said", "200", ""],
    ]);
    const fields = await page.locator(".line td:first-child").allTextContents();
    assert.deepEqual(fields, Object.keys(line).filter((name) => name !== "_aws"));
  });

const anAnswerIsStopped = (browser, url) =>
  visit(browser, url, async (page) => {
    await send(page, "stand-in: pace 100");
    await page.waitForFunction(() => document.getElementById("coming").textContent.length > 0);
    await page.locator("#stop").click();
    await reads(page, "#status", /^Stopped\. The model goes on/);
    const kept = await page.locator("#ended").textContent();
    assert.ok(kept.length > 0 && !kept.includes("pace 100"), `a part is kept: ${kept}`);
    const line = await shownLine(page);
    assert.deepEqual([line.client_gone, line.status], [true, 200]);
    assert.equal(await page.locator("#ended").textContent(), kept);
    await send(page, "and on");
    await reads(page, "#ended", /and on$/);
  });

const aThrottleIsShown = (browser, url) =>
  visit(
    browser,
    url,
    async (page) => {
      await send(page, "stand-in: throttle");
      await reads(page, "#status", /^The prompt failed: HTTP 429\.$/);
      const line = await shownLine(page);
      const shown = JSON.parse(await page.locator("#refusal pre").textContent());
      assert.deepEqual([shown.type, shown.error.type], ["error", "rate_limit_error"]);
      assert.equal(shown.request_id, line.request_id);
      assert.equal(await page.locator("#refusal .label").textContent(), "throttled");
      await reads(page, "#refusal", /The same prompt can succeed later/);
      assert.ok(await page.locator("#answer").isHidden());
    },
    { complaints: /status of 429/ },
  );

const anErrorInMidStreamIsShown = (browser, url) =>
  visit(browser, url, async (page) => {
    await send(page, "stand-in: stream-throttle");
    await reads(page, "#status", /^The answer broke off/);
    await shownLine(page);
    assert.ok((await page.locator("#ended").textContent()).length > 0, "what had come is kept");
    assert.equal(JSON.parse(await page.locator("#refusal pre").textContent()).error.type, "rate_limit_error");
    assert.equal(await page.locator("#refusal .label").textContent(), "throttled");
  });

const aMistakeNeverReachesBedrock = (browser, url) =>
  visit(
    browser,
    url,
    async (page) => {
      await page.locator("#max-tokens").fill("many");
      await send(page, "こんにちは");
      await reads(page, "#refusal pre", /max_tokens/);
      await shownLine(page);
      assert.equal(await page.locator("#refusal .label").textContent(), "invalid_request");
      await reads(page, "#record", /This prompt did not reach Bedrock\./);
    },
    { complaints: /status of 400/ },
  );

const claudeHasNoRecordHere = (browser, url) =>
  visit(
    browser,
    url,
    async (page) => {
      // What the server says with --bedrock, which nothing on this machine can be: see tests/integration/page.rs.
      await page.route(/\/local\/prompts(\/.*)?$/, async (route) => {
        const json = await (await route.fetch()).json();
        await route.fulfill({ json: json.line ? { ...json, recorded: null } : { ...json, stand_in: false } });
      });
      await page.reload();
      await reads(page, "#source", /^Answers come from Claude itself/);
      await send(page, "こんにちは");
      await shownLine(page);
      await reads(page, "#record", /No stand-in took part/);
      assert.equal(await page.locator(".facts thead th").count(), 2);
      assert.equal(await page.locator(".agree, .differ").count(), 0);
    },
  );

export const checks = {
  "words of an answer appear before its end": wordsComeBeforeTheEnd,
  "the system prompt and the limit are sent": optionsAreSent,
  "the log line, the stand-in's record and the page agree": factsAgree,
  "an answer is stopped in mid-stream": anAnswerIsStopped,
  "a throttle is shown as the caller sees it, with its label": aThrottleIsShown,
  "an error in mid-stream is shown beside what had come": anErrorInMidStreamIsShown,
  "where Claude itself answers, no record is shown, and why": claudeHasNoRecordHere,
  "a mistake is answered in the function's own words": aMistakeNeverReachesBedrock,
};

// Both languages: the reader's own at first, another one by choice, and the choice remembered.

import assert from "node:assert/strict";
import { reads, send, shownLine, visit } from "./browser.mjs";

const spoken = async (page) => [
  await page.evaluate(() => document.documentElement.lang),
  await page.locator("#send").textContent(),
  await page.title(),
];

const ENGLISH = ["en", "Send", "kokunai on this machine"];
const JAPANESE = ["ja", "送信", "手元の kokunai"];

const choose = (page, name) => page.locator(".languages").getByText(name).click();

const theReadersOwnIsFirst = async (browser, url) => {
  const expectations = { "en-GB": ENGLISH, "ja-JP": JAPANESE, ja: JAPANESE, "fr-FR": ENGLISH };
  for (const [locale, expected] of Object.entries(expectations)) {
    await visit(browser, url, async (page) => assert.deepEqual(await spoken(page), expected, locale), { locale });
  }
};

const itIsSwitchedAndRemembered = (browser, url) =>
  visit(browser, url, async (page) => {
    await choose(page, "日本語");
    assert.deepEqual(await spoken(page), JAPANESE);
    await page.reload();
    assert.deepEqual(await spoken(page), JAPANESE);
    assert.equal(await page.locator(".languages [aria-pressed=true]").textContent(), "日本語");
    await choose(page, "English");
    assert.deepEqual(await spoken(page), ENGLISH);
    await page.reload();
    assert.deepEqual(await spoken(page), ENGLISH);
  });

const whatIsShownIsTranslatedToo = (browser, url) =>
  visit(browser, url, async (page) => {
    await send(page, "stand-in: stream-throttle");
    await shownLine(page);
    const answer = await page.locator("#ended").textContent();
    await choose(page, "日本語");
    await reads(page, "#status", /^回答は途中で途切れました/);
    await reads(page, "#refusal", /呼び出し元が受け取った内容.*同じプロンプトでも、後で成功する/s);
    await reads(page, "#record", /送信先.*推論プロファイル.*一致/s);
    await reads(page, "#columns", /時刻.*料金.*最初のトークン/s);
    assert.equal(await page.locator("#ended").textContent(), answer);
    const left = (await page.locator("body").innerText()).match(/The log line|Inference profile|Last prompts|Attempts/);
    assert.equal(left, null);
  });

export const checks = {
  "the first language is the reader's own": theReadersOwnIsFirst,
  "the language is switched both ways, and remembered": itIsSwitchedAndRemembered,
  "a switch translates what is already shown": whatIsShownIsTranslatedToo,
};

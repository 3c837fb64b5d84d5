// Pictures of the page below target/page/, for somebody to look at.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { reads, send, shownLine, visit } from "./browser.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

async function take(page, name, fullPage = true) {
  const path = `${process.env.KOKUNAI_PAGE_BUILT}/${name}.png`;
  await page.screenshot({ path, fullPage });
  assert.ok(statSync(path).size > 5000, name);
}

async function answered(page, name) {
  await send(page, "日本の首都はどこですか。");
  await shownLine(page);
  await take(page, name);
  await page.locator(".facts").evaluate((table) => table.scrollIntoView());
  await take(page, `${name}-facts`, false);
}

async function takeAll(browser, url) {
  const dark = { colorScheme: "dark" };
  const japanese = { locale: "ja-JP" };
  await visit(browser, url, (page) => answered(page, "answer"));
  await visit(browser, url, (page) => answered(page, "answer-phone"), { ...PHONE, ...japanese });
  await visit(
    browser,
    url,
    async (page) => {
      await send(page, "stand-in: pace 100\n日本の首都はどこですか。");
      await reads(page, "#coming", /not Claude/);
      await take(page, "coming");
      await shownLine(page);
    },
    dark,
  );
  await visit(
    browser,
    url,
    async (page) => {
      await send(page, "stand-in: throttle");
      await shownLine(page);
      await take(page, "error-dark");
    },
    { ...dark, ...japanese, complaints: /status of 429/ },
  );
  const list = { hash: "#prompts" };
  await visit(browser, url, (page) => take(page, "list"), list);
  await visit(browser, url, (page) => take(page, "list-phone", false), { ...PHONE, ...japanese, ...dark, ...list });
}

export const checks = { "pictures are taken": takeAll };

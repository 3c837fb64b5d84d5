// For everyone: the keyboard alone, a phone, a screen reader, both palettes, and without motion.

import assert from "node:assert/strict";
import { contrasts, overflows } from "./looks.mjs";
import { reads, send, shownLine, visit } from "./browser.mjs";
import { prompt } from "./server.mjs";

/** Where the focus is, and whether one can see it. */
const focus = (page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
    return {
      name: activeElement.id || activeElement.getAttribute("href") || activeElement.getAttribute("value"),
      isVisible: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    };
  });

/** No method of Playwright's mouse is called here, nor one that clicks. */
const theKeyboardIsEnough = (browser, url) =>
  visit(browser, url, async (page) => {
    for (const expected of ["#playground", "#prompts", "en", "ja", "prompt"]) {
      await page.keyboard.press("Tab");
      assert.deepEqual(await focus(page), { name: expected, isVisible: true });
    }
    await page.keyboard.type("stand-in: pace 100");
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => document.getElementById("coming").textContent.length > 0);
    await page.keyboard.press("Escape");
    await reads(page, "#status", /^Stopped\. /);
    assert.equal((await focus(page)).name, "prompt");
    for (const expected of ["system", "max-tokens", "send", "stop"]) {
      await page.keyboard.press("Tab");
      assert.deepEqual(await focus(page), { name: expected, isVisible: true });
    }
    await shownLine(page);
    for (const key of ["Shift+Tab", "Space"]) await page.keyboard.press(key);
    assert.equal((await focus(page)).name, "send", "a button that is busy keeps the focus");
    await reads(page, "#status", /^The answer is complete/);
    for (let steps = 0; steps < 7; steps += 1) await page.keyboard.press("Shift+Tab");
    assert.equal((await focus(page)).name, "#playground");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("#prompts-view").waitFor({ state: "visible" });
    assert.equal((await focus(page)).name, "prompts-title");
    await page.keyboard.press("Tab");
    assert.match((await focus(page)).name, /^#prompts\/[-0-9a-f]{36}$/);
    await page.keyboard.press("Enter");
    await shownLine(page, "#detail");
    for (const key of ["Tab", "Enter"]) await page.keyboard.press(key);
    await page.locator("#prompts-view").waitFor({ state: "visible" });
  });

const keysOfAnInputMethodAreItsOwn = (browser, url) =>
  visit(browser, url, async (page) => {
    const press = (key, isComposing) =>
      page.evaluate(
        ([key, isComposing]) => {
          const event = new KeyboardEvent("keydown", { key, ctrlKey: key === "Enter", isComposing, bubbles: true });
          document.getElementById("prompt").dispatchEvent(event);
        },
        [key, isComposing],
      );
    await page.locator("#prompt").fill("変換中");
    await press("Enter", true);
    assert.ok(await page.locator("#outcome").isHidden(), "nothing was sent");
    await press("Enter", false);
    await reads(page, "#ended", /変換中$/);
  });

const aPhoneIsWideEnough = async (browser, url) => {
  const id = await prompt(url, "/prompt", { prompt: "phone" });
  for (const width of [320, 360, 390]) {
    for (const locale of ["en-US", "ja-JP"]) {
      const viewport = { width, height: 700 };
      await visit(
        browser,
        url,
        async (page) => {
          await send(page, "stand-in: stream-throttle");
          await shownLine(page);
          await page.locator("#record summary").click();
          assert.deepEqual(await overflows(page), [], `${width} ${locale} playground`);
          await page.locator("nav a").last().click();
          await page.locator(`tr[data-prompt="${id}"] a`).waitFor();
          assert.deepEqual(await overflows(page), [], `${width} ${locale} list`);
          await page.locator(`tr[data-prompt="${id}"] a`).click();
          await shownLine(page, "#detail");
          assert.deepEqual(await overflows(page), [], `${width} ${locale} detail`);
        },
        { viewport, locale, hasTouch: true, isMobile: true },
      );
    }
  }
};

const eachPaletteIsLegible = async (browser, url) => {
  for (const colorScheme of ["light", "dark"]) {
    await visit(
      browser,
      url,
      async (page) => {
        await send(page, "stand-in: stream-throttle");
        await shownLine(page);
        const found = await contrasts(page);
        assert.ok(found.length > 40, `${found.length} texts`);
        const faint = found.filter(({ ratio }) => ratio < 4.5);
        assert.deepEqual(faint, [], colorScheme);
      },
      { colorScheme },
    );
  }
};

const motionIsOptional = async (browser, url) => {
  const expectations = { "no-preference": "blink", reduce: "none" };
  for (const [reducedMotion, expected] of Object.entries(expectations)) {
    await visit(
      browser,
      url,
      async (page) => {
        await send(page, "stand-in: pace 100");
        await page.waitForFunction(() => document.getElementById("coming").textContent.length > 0);
        const animation = await page.evaluate(
          () => getComputedStyle(document.getElementById("coming"), "::after").animationName,
        );
        assert.equal(animation, expected);
        await page.locator("#stop").click();
        await shownLine(page);
      },
      { reducedMotion },
    );
  }
};

const anAnswerIsReadAloudOnce = (browser, url) =>
  visit(browser, url, async (page) => {
    await page.evaluate(() => {
      window.spoken = [];
      for (const region of document.querySelectorAll("[aria-live], [role=status]")) {
        const note = () => region.textContent && window.spoken.push(region.textContent);
        new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
      }
    });
    await send(page, "stand-in: pace 20\naloud");
    await shownLine(page);
    const spoken = await page.evaluate(() => window.spoken);
    const answer = await page.locator("#ended").textContent();
    assert.equal(spoken.filter((text) => text === answer).length, 1);
    const others = [...new Set(spoken)].filter((text) => text !== answer);
    assert.deepEqual(others, ["Waiting for the first words …", "The answer is coming …", "The answer is complete."]);
    assert.equal(spoken.length, 4, spoken.join("\n"));
    assert.equal(await page.locator("#coming").evaluate((it) => it.closest("[aria-live], [role=status]")), null);
  });

export const checks = {
  "the keyboard alone is enough": theKeyboardIsEnough,
  "an input method keeps its keys while it composes": keysOfAnInputMethodAreItsOwn,
  "nothing is cut off on a phone": aPhoneIsWideEnough,
  "both palettes have enough contrast": eachPaletteIsLegible,
  "nothing moves where motion is unwanted": motionIsOptional,
  "an answer is read aloud once, whole": anAnswerIsReadAloudOnce,
};

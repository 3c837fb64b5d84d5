// Runs every check of the page, or those whose names contain one of the arguments; prints a line for each and the sum, and
// exits with 1 if one failed or none was run.

import { launch } from "./browser.mjs";
import * as access from "./access.mjs";
import * as language from "./language.mjs";
import * as pictures from "./pictures.mjs";
import * as playground from "./playground.mjs";
import * as prompts from "./prompts.mjs";
import * as sources from "./sources.mjs";
import * as visitors from "./visitors.mjs";
import { start } from "./server.mjs";

// How much of a failure is printed, in characters; some quote a whole page.
const MAX_REASON = 900;

const parts = process.argv.slice(2);
const isWanted = ([name]) => parts.length === 0 || parts.some((part) => name.includes(part));

const server = await start();
const browser = await launch();
const counts = { passed: 0, failed: 0 };
for (const { checks } of [sources, playground, prompts, language, access, visitors, pictures]) {
  for (const [name, check] of Object.entries(checks).filter(isWanted)) {
    try {
      await check(browser, server.url);
      counts.passed += 1;
      console.log(`ok ${name}`);
    } catch (error) {
      counts.failed += 1;
      console.log(`FAILED ${name}: ${String(error.message).replace(/\s+/g, " ").slice(0, MAX_REASON)}`);
    }
  }
}
await browser.close();
await server.stop();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;

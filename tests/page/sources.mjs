// What can be read in the page's files without a browser: the words of both languages, and the types.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILES = fileURLToPath(new URL("../../local/page/files/", import.meta.url));

const read = (name) => readFileSync(FILES + name, "utf8");

// Under this file's address, Node would take it for a CommonJS module and warn.
const { WORDS } = await import(`data:text/javascript,${encodeURIComponent(read("words.js"))}`);

const places = (text) => (text.match(/\{\d\}/g) ?? []).sort();

function bothLanguagesHaveTheSameWords() {
  const [english, japanese] = [WORDS.en, WORDS.ja];
  assert.deepEqual(Object.keys(japanese), Object.keys(english));
  for (const name of Object.keys(english)) {
    assert.ok(english[name].trim() && japanese[name].trim(), name);
    assert.deepEqual(places(japanese[name]), places(english[name]), name);
    assert.match(japanese[name], /[぀-ヿ一-鿿]/, name);
  }
}

function everyWordIsUsed() {
  const modules = readdirSync(FILES).filter((name) => name.endsWith(".js") && name !== "words.js");
  const code = [...modules, "page.html"].map(read).join("\n");
  for (const name of Object.keys(WORDS.en)) assert.match(code, new RegExp(`"${name}"`), name);
  for (const [, name] of read("page.html").matchAll(/data-word(?:-label)?="(\w+)"/g)) assert.ok(WORDS.en[name], name);
}

function typesHold() {
  const compiler = `${process.env.KOKUNAI_PAGE_BUILT}/node_modules/typescript/bin/tsc`;
  const target = ["--target", "es2024", "--module", "esnext", "--lib", "es2024,dom,dom.iterable,dom.asynciterable"];
  const options = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--types", "", ...target];
  try {
    execFileSync(process.execPath, [compiler, ...options, `${FILES}page.js`], { encoding: "utf8" });
  } catch (error) {
    throw new Error(error.stdout || error.message);
  }
}

export const checks = {
  "both languages have the same words": bothLanguagesHaveTheSameWords,
  "every word is used, and every used word is there": everyWordIsUsed,
  "the types in the modules hold": typesHold,
};

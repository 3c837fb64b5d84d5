// @ts-check
// The language of the page: the reader's, until the reader chooses another one.

import { WORDS } from "./words.js";

/** @typedef {keyof typeof WORDS} Language */
/** @typedef {keyof typeof WORDS.en} Word */

const CHOICE = "kokunai.language";

/** @type {Set<() => void>} */
const listeners = new Set();

/** @type {Language} */
let current = chosen() ?? (navigator.language.startsWith("ja") ? "ja" : "en");

/** @returns {Language | undefined} */
function chosen() {
  const choice = localStorage.getItem(CHOICE);
  return choice === "en" || choice === "ja" ? choice : undefined;
}

/** @returns {Language} */
export function language() {
  return current;
}

/**
 * A word or a sentence in the reader's language, with what belongs in its places {0}, {1}, …
 * @param {Word} name
 * @param {...(string | number)} parts
 */
export function word(name, ...parts) {
  return WORDS[current][name].replace(/\{(\d)\}/g, (_, index) => String(parts[Number(index)]));
}

/**
 * Runs now, and whenever another language is chosen.
 * @param {() => void} listener
 */
export function inEachLanguage(listener) {
  listeners.add(listener);
  listener();
}

/** Writes the words of the page itself, and lets the reader choose. */
export function speak() {
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll(".languages button");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      current = button.value === "ja" ? "ja" : "en";
      localStorage.setItem(CHOICE, current);
      for (const listener of listeners) listener();
    });
  }
  inEachLanguage(() => {
    document.documentElement.lang = current;
    document.title = word("title");
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === current));
    for (const element of marked("data-word")) element.textContent = word(named(element, "data-word"));
    for (const element of marked("data-word-label")) {
      element.setAttribute("aria-label", word(named(element, "data-word-label")));
    }
  });
}

/** @param {string} mark */
function marked(mark) {
  return document.querySelectorAll(`[${mark}]`);
}

/**
 * @param {Element} element
 * @param {string} mark
 */
function named(element, mark) {
  return /** @type {Word} */ (element.getAttribute(mark));
}

/**
 * A number as the reader writes it.
 * @param {number} value
 * @param {Intl.NumberFormatOptions} [options]
 */
export function number(value, options) {
  return new Intl.NumberFormat(current, options).format(value);
}

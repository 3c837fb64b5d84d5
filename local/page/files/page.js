// @ts-check
// The page of the local server: its views, and what they stand on.

import { follow } from "./arrivals.js";
import { byId } from "./elements.js";
import { inEachLanguage, speak, word } from "./language.js";
import { play } from "./playground.js";
import { listPrompts, showDetail, showPrompt } from "./prompts.js";

const VIEWS = ["playground", "prompts", "detail"];

/** Shows the view that the address names, and says where one is. */
function showView() {
  const [name, requestId] = location.hash.slice(1).split("/");
  const view = requestId ? "detail" : name === "prompts" ? "prompts" : "playground";
  for (const other of VIEWS) byId(`${other}-view`).hidden = other !== view;
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = link.getAttribute("href") === (view === "playground" ? "#playground" : "#prompts");
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (requestId) showPrompt(decodeURIComponent(requestId));
  return view;
}

speak();
play();
listPrompts();
inEachLanguage(showDetail);
showView();
addEventListener("hashchange", () => byId(`${showView()}-title`).focus());

/** @type {boolean | undefined} */
let standIn;
const showSource = () => {
  byId("source").textContent = standIn === undefined ? "" : word(standIn ? "standIn" : "claude");
};
inEachLanguage(showSource);
follow(
  (isThere) => {
    byId("lost").hidden = isThere;
  },
  (isStandIn) => {
    standIn = isStandIn;
    showSource();
  },
);

// The table in Markdown, and its one place in each language: the page on residency.

import { readFileSync, writeFileSync } from "node:fs";
import { ROWS } from "./rows.mjs";

const BEGIN = "<!-- The table below is written by tests/policies/run --write. -->";
const END = "<!-- The table ends here. -->";

const LANGUAGES = {
  en: {
    page: "docs/residency.md",
    call: "call",
    columns: {
      identity: "`identity.json`",
      scp: "beneath `scp.json`",
      "permissions-boundary": "within `permissions-boundary.json`",
      "vpc-endpoint": "through `vpc-endpoint.json`",
    },
  },
  ja: {
    page: "docs/residency.ja.md",
    call: "呼び出し",
    columns: {
      identity: "`identity.json`",
      scp: "`scp.json` の下",
      "permissions-boundary": "`permissions-boundary.json` の内側",
      "vpc-endpoint": "`vpc-endpoint.json` 経由",
    },
  },
};

/** The columns, by the names of the files without their ending. */
export const COLUMNS = Object.keys(LANGUAGES.en.columns);
export const TABLES = Object.keys(LANGUAGES);

const line = (cells) => `| ${cells.join(" | ")} |`;

/** The table in one language; `columns` has a list of cells for each column. */
export function render(language, columns) {
  const { call, columns: titles } = LANGUAGES[language];
  const head = [line([call, ...COLUMNS.map((name) => titles[name])]), line(["---", ...COLUMNS.map(() => "---")])];
  return [...head, ...ROWS.map((row, index) => line([row[language], ...COLUMNS.map((name) => columns[name][index])]))];
}

/** The page that a table stands in, from the root of the repository. */
export const page = (language) => LANGUAGES[language].page;

const place = (language) => new URL(`../../${page(language)}`, import.meta.url);

/** The text before the table, the lines of the table, and the text after it. */
function split(language) {
  const text = readFileSync(place(language), "utf8");
  const [before, rest, ...more] = text.split(`${BEGIN}\n`);
  const [table, after, ...others] = rest?.split(`${END}\n`) ?? [];
  if (after === undefined || more.length + others.length > 0) throw new Error(`not one table in ${place(language)}`);
  return { before, table: table.split("\n").filter(Boolean), after };
}

/** The lines in which a page differs from the table. */
export function differences(language, lines) {
  const { table } = split(language);
  const count = Math.max(table.length, lines.length);
  const numbers = [...Array(count).keys()].filter((number) => table[number] !== lines[number]);
  return numbers.map((number) => `says ${table[number] ?? "nothing"}, not ${lines[number] ?? "nothing"}`);
}

export function write(language, lines) {
  const { before, after } = split(language);
  writeFileSync(place(language), `${before}${BEGIN}\n\n${lines.join("\n")}\n\n${END}\n${after}`);
}

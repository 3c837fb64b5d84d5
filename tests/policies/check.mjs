// Simulates every policy and checks what comes out; `run` is what starts it. Every check is one line.

import { readFileSync } from "node:fs";
import { mutations } from "./mutations.mjs";
import { ROWS } from "./rows.mjs";
import { outcome, services, SETTINGS } from "./simulator.mjs";
import { COLUMNS, differences, page, render, TABLES, write } from "./table.mjs";
import { ACCOUNT } from "./bedrock.mjs";

const ELSEWHERE = "–";

const text = (name) => readFileSync(new URL(`../../policies/${name}.json`, import.meta.url), "utf8");
const texts = Object.fromEntries(COLUMNS.map((name) => [name, text(name)]));
const policies = Object.fromEntries(
  COLUMNS.map((name) => [name, JSON.parse(texts[name].replaceAll("ACCOUNT_ID", ACCOUNT))]),
);

// The most characters that AWS takes: an SCP, two managed policies (without blanks, so this is on the safe side), and
// the policy of an endpoint. ("Quotas for AWS Organizations"; "IAM and AWS STS quotas"; "AWS PrivateLink quotas".)
const LIMITS = { scp: 5120, identity: 6144, "permissions-boundary": 6144, "vpc-endpoint": 20480 };

let passed = 0;
let failed = 0;

/** One line for a check, and one for each of its problems. */
function report(name, problems) {
  console.log(problems.length === 0 ? "ok" : "FAILED", name);
  for (const problem of problems) console.log("      ", problem);
  if (problems.length === 0) passed += 1;
  else failed += 1;
}

/** One cell: what becomes of the calls of a row under a policy, named once for all that agree. */
async function cell(row, column, policy) {
  if (column === "vpc-endpoint" && !row.endpoint) return ELSEWHERE;
  const setting = SETTINGS[column](row.edit ? row.edit(policy) : policy);
  const outcomes = [];
  for (const call of row.calls) outcomes.push(await outcome(call, setting));
  return [...new Set(outcomes)].join(" / ");
}

async function cells(column, policy) {
  const found = [];
  for (const row of ROWS) found.push(await cell(row, column, policy));
  return found;
}

/** Without a policy around it, the role that may do everything is denied nothing: a "deny" is a policy's own doing. */
async function checkTheRole() {
  const denied = [];
  for (const row of ROWS) {
    const found = await cell({ ...row, edit: undefined }, "none");
    if (found !== "allow") denied.push(`${row.en}: ${found}`);
  }
  report("a role that may do everything may do all of this", denied);
}

/** What must hold whatever the table says, so that `--write` cannot turn it round. */
function checkTheRows(columns) {
  for (const [index, row] of ROWS.entries()) {
    if (!row.must) continue;
    const found = COLUMNS.map((column) => [column, columns[column][index]]);
    const wrong = found.filter(([, outcome]) => outcome !== ELSEWHERE && !row.must.includes(outcome));
    const problems = wrong.map(([column, outcome]) => `${column}: ${outcome}, not ${row.must.join(" or ")}`);
    report(`every policy: ${row.en}: ${row.must.join(" or ")}`, problems);
  }
}

/** A part that changes no row when it is left out is decoration, or the rows have a hole. */
async function checkTheParts(columns) {
  for (const column of COLUMNS) {
    for (const { what, policy } of mutations(policies[column])) {
      const found = await cells(column, policy);
      const changed = found.some((outcome, index) => outcome !== columns[column][index]);
      report(`${column} needs ${what}`, changed ? [] : ["no row changes without it"]);
    }
  }
}

async function checkTheTexts() {
  for (const [column, limit] of Object.entries(LIMITS)) {
    const { length } = texts[column];
    report(`${column} is not too long`, length > limit ? [`${length} characters, over ${limit}`] : []);
    const named = texts[column].includes("ACCOUNT_ID");
    report(`${column} names an account only if it has to`, named === (column === "identity") ? [] : [`${named}`]);
    // The simulator is told another Region for a model without one: see `global` in bedrock.mjs.
    report(`${column} names no model without a Region`, texts[column].includes("bedrock:::") ? ["it does"] : []);
  }
  const boundary = policies["permissions-boundary"].Statement.flatMap((statement) => statement.NotAction ?? []);
  const bedrock = (await services()).filter((service) => service.startsWith("bedrock"));
  const open = bedrock.filter((service) => !boundary.includes(`${service}:*`));
  report("permissions-boundary keeps every service back that is called bedrock", open);
}

/** The pages say what was simulated. With `--write` they are made to. */
function checkTheTables(columns) {
  for (const language of TABLES) {
    const lines = render(language, columns);
    if (process.argv.includes("--write")) write(language, lines);
    report(`the table in ${page(language)} is what was simulated`, differences(language, lines));
  }
}

const columns = {};
for (const column of COLUMNS) columns[column] = await cells(column, policies[column]);
console.log(`${render("en", columns).join("\n")}\n`);
await checkTheRole();
checkTheRows(columns);
checkTheTables(columns);
await checkTheTexts();
await checkTheParts(columns);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

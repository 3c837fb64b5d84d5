// The rows of the table: calls, what they are called in either language, and what must become of them.

import * as bedrock from "./bedrock.mjs";
import { arn, BOTH, MODEL, OSAKA, PROFILE, simple, STREAMED, TOKYO, WHOLE } from "./bedrock.mjs";

const VIRGINIA = "us-east-1";
const JAPAN = [TOKYO, OSAKA];
// The same on-demand model that AWS offers bare in Tokyo and in Virginia, and whose answers never leave the Region
// called.
const EMBEDDING = "amazon.titan-embed-text-v2:0";

const jp = (action) => bedrock.geographic(action, PROFILE, TOKYO, JAPAN);

/** A call through the profile of another geography: whole and streamed have to come out the same. */
const elsewhere = (profile, source, destinations) =>
  BOTH.map((action) => bedrock.geographic(action, profile, source, destinations));

/** A policy in which no list names Osaka any more. */
export const withoutOsaka = (policy) =>
  JSON.parse(JSON.stringify(policy), (_, value) =>
    Array.isArray(value) ? value.filter((item) => !String(item).includes(OSAKA)) : value,
  );

// `must` is what has to become of a call under every policy, whatever the table says. `endpoint` is whether the call
// goes through the endpoint of bedrock-runtime in Tokyo. Where a row has several calls, they have to come out the same.
export const ROWS = [
  {
    en: "JP profile, whole answer",
    ja: "JP プロファイル、一括応答",
    calls: [jp(WHOLE)],
    endpoint: true,
    must: ["allow"],
  },
  {
    en: "JP profile, streamed answer",
    ja: "JP プロファイル、ストリーミング応答",
    calls: [jp(STREAMED)],
    endpoint: true,
    must: ["allow"],
  },
  {
    en: "JP profile, with Osaka taken out of the policy",
    ja: "JP プロファイル、ポリシーから大阪を除いた場合",
    calls: BOTH.map(jp),
    endpoint: true,
    edit: withoutOsaka,
    must: ["deny*"],
  },
  {
    en: "`global.` profile, from Tokyo",
    ja: "`global.` プロファイル、東京から",
    calls: BOTH.map((action) => bedrock.global(action, MODEL, TOKYO)),
    endpoint: true,
    must: ["deny"],
  },
  {
    // Sonnet 4.5 has no APAC profile; the one before it has, and it can be called from Tokyo.
    en: "`apac.` profile (Claude Sonnet 4), from Tokyo",
    ja: "`apac.` プロファイル（Claude Sonnet 4）、東京から",
    calls: elsewhere("apac.anthropic.claude-sonnet-4-20250514-v1:0", TOKYO, [...JAPAN, "ap-southeast-1", "ap-south-1"]),
    endpoint: true,
    must: ["deny"],
  },
  {
    en: "`us.` profile, from Virginia",
    ja: "`us.` プロファイル、バージニアから",
    calls: elsewhere(`us.${MODEL}`, VIRGINIA, [VIRGINIA, "us-east-2", "us-west-2"]),
    must: ["deny"],
  },
  {
    en: "`eu.` profile, from Frankfurt",
    ja: "`eu.` プロファイル、フランクフルトから",
    calls: elsewhere(`eu.${MODEL}`, "eu-central-1", ["eu-central-1", "eu-west-1", "eu-west-3"]),
    must: ["deny"],
  },
  {
    en: "`au.` profile, from Sydney",
    ja: "`au.` プロファイル、シドニーから",
    calls: elsewhere(`au.${MODEL}`, "ap-southeast-2", ["ap-southeast-2", "ap-southeast-4"]),
    must: ["deny"],
  },
  {
    en: "JP profile, from Virginia",
    ja: "JP プロファイル、バージニアから",
    calls: elsewhere(PROFILE, VIRGINIA, JAPAN),
    must: ["deny"],
  },
  {
    en: "JP profile, from Osaka",
    ja: "JP プロファイル、大阪から",
    calls: elsewhere(PROFILE, OSAKA, JAPAN),
  },
  {
    en: "JP profile of another model (Claude Sonnet 4.6)",
    ja: "別モデル（Claude Sonnet 4.6）の JP プロファイル",
    calls: elsewhere("jp.anthropic.claude-sonnet-4-6", TOKYO, JAPAN),
    endpoint: true,
  },
  {
    en: "application inference profile made from the JP profile",
    ja: "JP プロファイルから作成したアプリケーション推論プロファイル",
    calls: BOTH.flatMap(bedrock.application),
    endpoint: true,
    must: ["deny"],
  },
  {
    en: "bare Claude Sonnet 4.5 in Tokyo",
    ja: "東京の Claude Sonnet 4.5、プロファイルなし",
    calls: BOTH.map((action) => bedrock.bare(action, MODEL, TOKYO)),
    endpoint: true,
    must: ["deny"],
  },
  {
    en: "bare model of another vendor (Titan Embeddings) in Tokyo",
    ja: "東京の他社モデル（Titan Embeddings）、プロファイルなし",
    calls: [bedrock.bare(WHOLE, EMBEDDING, TOKYO)],
    endpoint: true,
  },
  {
    en: "the same in Virginia",
    ja: "同上、バージニア",
    calls: [bedrock.bare(WHOLE, EMBEDDING, VIRGINIA)],
    must: ["deny"],
  },
  {
    en: "JP profile, with an API key of Bedrock, short-term or long-term",
    ja: "JP プロファイル、Bedrock の API キー（短期・長期）を使用",
    calls: ["SHORT_TERM", "LONG_TERM"].flatMap((kind) => BOTH.map((action) => bedrock.withApiKey(jp(action), kind))),
    endpoint: true,
    must: ["deny"],
  },
  {
    en: "`bedrock-mantle` in Tokyo",
    ja: "東京の `bedrock-mantle`",
    calls: [simple("bedrock-mantle:CreateInference", arn(TOKYO, "project/default", "bedrock-mantle"), TOKYO)],
    must: ["deny"],
  },
  {
    en: "CountTokens, which takes the bare model only, in Tokyo",
    ja: "CountTokens（プロファイル指定不可）、東京",
    calls: [bedrock.bare("bedrock:CountTokens", MODEL, TOKYO)],
    endpoint: true,
  },
  {
    en: "CountTokens in Virginia",
    ja: "CountTokens、バージニア",
    calls: [bedrock.bare("bedrock:CountTokens", MODEL, VIRGINIA)],
    must: ["deny"],
  },
  {
    en: "batch job (CreateModelInvocationJob) in Virginia",
    ja: "バッチ推論（CreateModelInvocationJob）、バージニア",
    calls: [bedrock.bare("bedrock:CreateModelInvocationJob", MODEL, VIRGINIA)],
    must: ["deny"],
  },
  {
    en: "guardrail in Tokyo, judged in Tokyo",
    ja: "東京のガードレール（東京で判定）",
    calls: [bedrock.guardrail(TOKYO)],
    endpoint: true,
  },
  {
    en: "guardrail in Tokyo with the APAC guardrail profile",
    ja: "APAC ガードレールプロファイルを使う東京のガードレール",
    calls: [bedrock.guardrail(TOKYO, "apac.guardrail.v1:0")],
    endpoint: true,
    must: ["deny"],
  },
  {
    en: "guardrail in Virginia",
    ja: "バージニアのガードレール",
    calls: [bedrock.guardrail(VIRGINIA)],
    must: ["deny"],
  },
  {
    en: "AgentCore, and Bedrock's web search, in Tokyo",
    ja: "東京の AgentCore、Bedrock の Web 検索",
    calls: [
      simple("bedrock-agentcore:InvokeAgentRuntime", arn(TOKYO, "runtime/abcdefghij", "bedrock-agentcore"), TOKYO),
      simple("bedrock-websearch:ExternalWebAccess", "*", TOKYO),
    ],
  },
  {
    en: "reading where a profile leads (GetInferenceProfile)",
    ja: "プロファイルの行き先の参照（GetInferenceProfile）",
    calls: [simple("bedrock:GetInferenceProfile", arn(TOKYO, `inference-profile/${PROFILE}`), TOKYO)],
  },
  {
    en: "listing profiles (ListInferenceProfiles), in Tokyo or Virginia",
    ja: "プロファイルの一覧（ListInferenceProfiles）、東京またはバージニア",
    calls: [TOKYO, VIRGINIA].map((region) => simple("bedrock:ListInferenceProfiles", "*", region)),
  },
  {
    en: "listing models (ListFoundationModels), in Tokyo or Virginia",
    ja: "モデルの一覧（ListFoundationModels）、東京またはバージニア",
    calls: [TOKYO, VIRGINIA].map((region) => simple("bedrock:ListFoundationModels", "*", region)),
  },
  {
    en: "what a function needs besides: logs, traces, a queue, a table",
    ja: "関数に必要なその他の操作：ログ、トレース、キュー、テーブル",
    calls: [
      simple("logs:PutLogEvents", arn(TOKYO, "log-group:kokunai:log-stream:one", "logs"), TOKYO),
      simple("xray:PutTraceSegments", "*", TOKYO),
      simple("sqs:SendMessage", arn(TOKYO, "kokunai-results", "sqs"), TOKYO),
      simple("dynamodb:PutItem", arn(TOKYO, "table/kokunai", "dynamodb"), TOKYO),
    ],
  },
  {
    en: "creating a role, and passing one on",
    ja: "ロールの作成と受け渡し",
    calls: ["iam:CreateRole", "iam:PassRole"].map((action) => simple(action, arn("", "role/other", "iam"), VIRGINIA)),
  },
];

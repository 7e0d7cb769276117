/** What submissions of every kind show: findings of the checks, the decision, what was promised, the materials, how it came here. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { ApiError, api } from "./api.js";
import { loads } from "./lazy-pages.js";
import { t } from "./parts.js";
import { date, dateTime, word } from "./words.js";

const LEVELS = {
  error: { name: t("问题："), tone: "bad", icon: "#i-close" },
  warning: { name: t("提醒："), tone: "warn", icon: "#i-warn" },
  info: { name: t("说明："), tone: "info", icon: "#i-info" },
};

/** @param {{code: string, level: string, message: string}[]} findings */
export const presentChecks = (findings) =>
  (findings ?? []).map((finding) => {
    const level = LEVELS[finding.level] ?? LEVELS.info;
    return { ...finding, levelName: level.name, toneClass: `tone-${level.tone}`, icon: level.icon };
  });

const PAUSE_MS = 20000;

/**
 * Follow a case while its page is open and looked at. It is asked politely: unchanged, the answer has no body.
 * @param {string} path  @param {(record: object) => void} take is given the case as it is now, whenever it changed
 * @returns {{read: () => Promise<object>, end: () => void}} `read` gives it as it is
 */
function follow(path, take) {
  let tag = "";
  const read = async () => {
    const answer = await api.ifChanged(path, "");
    tag = answer.tag;
    return answer.body;
  };
  const ask = async () => {
    if (document.hidden || !tag) return;
    const answer = await api.ifChanged(path, tag).catch(() => ({ tag, body: null }));
    tag = answer.tag;
    if (answer.body) take(answer.body);
  };
  const timer = setInterval(ask, PAUSE_MS);
  document.addEventListener("visibilitychange", ask);
  const end = () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", ask);
  };
  return { read, end };
}

/**
 * A page of one case, which follows it: `record` is as the server has it.
 * @param {string} kind as the API names it: `filings`  @param {() => Promise<void>} [load] reads it and what stands beside it
 */
export function followsCase(kind, load = readCase) {
  return {
    ...loads(load),
    record: null,
    following: null,
    init() {
      const path = `${kind}/${Alpine.store("route").params.id}/`;
      this.following = follow(path, (record) => this.busy || this.take(record));
      return this.reload();
    },
    destroy() {
      this.following.end();
    },
    take(record) {
      this.record = record;
    },
  };
}

async function readCase() {
  this.take(await this.following.read());
}

/** What the checks call errors cannot be submitted: they stand beside their fields like any refusal. Throws ApiError. */
export function refuseErrors(findings) {
  const errors = findings.filter((finding) => finding.level === "error").flatMap(asErrors);
  if (errors.length) throw new ApiError(400, errors);
}

const asErrors = ({ code, message, fields }) =>
  (fields.length ? fields : [null]).map((attr) => ({ code, detail: message, attr: attr && attr.split(".").pop() }));

/** @param {{at: string, actor: string, verb: string, detail: string}[]} events  @returns {object[]} newest first */
const presentEvents = (events) =>
  (events ?? []).map((event, index) => ({ key: index, said: event.detail, at: `${dateTime(event.at)} · ${event.actor}` })).reverse();

/** @type {Object<string, string>} what can be marked for correction; a kind has words of its own for some */
const FIELDS = {
  destination: t("就医地"),
  type: t("备案类型"),
  starts_on: t("开始日期"),
  ends_on: t("结束日期"),
  contact_name: t("联系人"),
  contact_phone: t("联系电话"),
  address: t("就医地住址"),
  materials: t("证明材料"),
  commitment: t("个人承诺"),
  institutions: t("医疗机构"),
  disease: t("病种"),
  diagnosed_on: t("确诊日期"),
  diagnosing_institution: t("确诊医疗机构"),
};

/** @returns {{name: string, text: string}[]} the facts that say something */
export const filledFacts = (facts) => facts.filter(({ text }) => text);

/** 补办: the stay that a filing makes up for. @returns {string} 北京示范医院，2026年11月20日入院 */
export const stayText = (hospital, day) => [hospital, day && t("{day}入院", { day: date(day) })].filter(Boolean).join("，");

const DECIDED = new Set(["returned", "approved", "rejected"]);

const COMMITMENT_TONES = { open: "warn", met: "good", broken: "bad" };

/**
 * What the details of every kind have.
 * @param {object} record  @param {Object<string, string>} [names] of the fields of its kind
 */
export function presentDetails(record, names = {}) {
  const decided = DECIDED.has(record.status);
  const { reason = "", fields = [] } = (decided && record.decision) || {};
  return {
    decision: { reason, fields: fields.map((name) => names[name] ?? FIELDS[name] ?? word("document", name)) },
    checks: decided ? [] : presentChecks(record.checks),
    materials: (record.materials ?? []).map((material) => ({ ...material, label: word("document", material.kind) })),
    events: presentEvents(record.events),
  };
}

/** @param {object} record  @param {(commitment: object) => string} text  @returns {?{status: string, toneClass: string, text: string}} */
export function presentCommitment({ commitment }, text) {
  if (!commitment) return null;
  return { status: word("commitment", commitment.status), toneClass: `tone-${COMMITMENT_TONES[commitment.status] ?? "plain"}`, text: text(commitment) };
}

/** What submissions of every kind show: findings of the checks, the decision, what was promised, the materials, how it came here. */

import { ApiError } from "./api.js";
import { date, dateTime, word } from "./words.js";

const LEVELS = {
  error: { name: "问题：", tone: "bad", icon: "#i-close" },
  warning: { name: "提醒：", tone: "warn", icon: "#i-warn" },
  info: { name: "说明：", tone: "info", icon: "#i-info" },
};

/** @param {{code: string, level: string, message: string}[]} findings */
export const presentChecks = (findings) =>
  (findings ?? []).map((finding) => {
    const level = LEVELS[finding.level] ?? LEVELS.info;
    return { ...finding, levelName: level.name, toneClass: `tone-${level.tone}`, icon: level.icon };
  });

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
  destination: "就医地",
  type: "备案类型",
  starts_on: "开始日期",
  ends_on: "结束日期",
  contact_name: "联系人",
  contact_phone: "联系电话",
  address: "就医地住址",
  materials: "证明材料",
  commitment: "个人承诺",
  institutions: "医疗机构",
  disease: "病种",
  diagnosed_on: "确诊日期",
  diagnosing_institution: "确诊医疗机构",
};

/** @returns {{name: string, text: string}[]} the facts that say something */
export const filledFacts = (facts) => facts.filter(({ text }) => text);

/** 补办: the stay that a filing makes up for. @returns {string} 北京示范医院，2026年11月20日入院 */
export const stayText = (hospital, day) => [hospital, day && `${date(day)}入院`].filter(Boolean).join("，");

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

/** What the guide answers: one filing to make, or that none is needed, each with its reason. */

import { LANES } from "../filings/draft.js";
import { promisable } from "../lib/documents.js";
import { t } from "../lib/lazy-pages.js";
import { date, typeName } from "../lib/words.js";

const LASTING = new Set(["retiree", "resident", "worker"]);

const BEFORE_LEAVING = t("就医时请带上社保卡或医保码。");

function documentsOf({ documents }) {
  const needed = documents.filter((document) => document.required);
  if (!needed.length) return t("不需要材料");
  return needed.map((document) => document.label + (promisable(document) ? t("（可先承诺，之后补交）") : "")).join("；");
}

const factsOf = (option) =>
  [
    { name: t("怎么办理"), text: (LANES[option.lane] ?? LANES.review).text },
    { name: t("需要材料"), text: documentsOf(option) },
    { name: t("有效期"), text: option.validity.text },
    { name: t("报销待遇"), text: option.benefit.summary },
    { name: t("说明"), text: option.note },
  ].filter(({ text }) => text);

const free = (title, text) => ({ tone: "tone-good", icon: "#i-check", title, text, facts: [], type: "", others: [], also: BEFORE_LEAVING });

/** @returns {string[]} the care that is free of filing, though the rest is not */
const exemptions = ({ exempt }) =>
  exempt.length ? [t("免备案：{join}。", { join: exempt.map(({ label, until }) => (until ? t("{label}（至 {until}）", { label, until: date(until) }) : label)).join("、") })] : [];

function toFile(option, options) {
  return {
    tone: "tone-info",
    icon: "#i-file",
    title: t("办理“{type}”备案", { type: typeName(option.type) }),
    text: exemptions(options).join(""),
    facts: factsOf(option),
    type: option.type,
    others: [],
    also: "",
  };
}

/** The wanted type is closed: why, and which others are open. A referral without its paper may go as any other journey. */
function closed(option, options) {
  const open = options.options.filter((each) => each.open && (LASTING.has(each.type) === LASTING.has(option.type) || each.type === "other"));
  return {
    tone: "tone-warn",
    icon: "#i-warn",
    title: t("现在不能办理“{type}”备案", { type: typeName(option.type) }),
    text: option.reason,
    facts: [],
    type: "",
    others: open.filter(({ type }) => type !== "emergency").map(({ type, label }) => ({ type, name: t("改办“{type}”", { type: typeName(type) }), label })),
    also: "",
  };
}

/**
 * @param {object} options what `filing-options/` answers for the place
 * @param {string} type as what one would file
 * @returns {{tone: string, icon: string, title: string, text: string, facts: object[], type: string, others: object[], also: string}}
 */
export function presentAnswer(options, type) {
  const deemed = options.deemed.find((each) => each.type === type);
  if (deemed) return free(type === "emergency" ? t("急诊抢救不需要备案") : t("不需要备案"), deemed.text);
  const option = options.options.find((each) => each.type === type);
  if (!options.needed && !(option?.open && type === "emergency")) return free(t("不需要备案"), options.reason);
  return option.open ? toFile(option, options) : closed(option, options);
}

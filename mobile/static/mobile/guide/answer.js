/** What the guide answers: one filing to make, or that none is needed, each with its reason. */

import { LANES } from "../filings/draft.js";
import { promisable } from "../lib/documents.js";
import { date, typeName } from "../lib/words.js";

const LASTING = new Set(["retiree", "resident", "worker"]);

const BEFORE_LEAVING = "就医时请带上社保卡或医保码。";

function documentsOf({ documents }) {
  const needed = documents.filter((document) => document.required);
  if (!needed.length) return "不需要材料";
  return needed.map((document) => document.label + (promisable(document) ? "（可先承诺，之后补交）" : "")).join("；");
}

const factsOf = (option) =>
  [
    { name: "怎么办理", text: (LANES[option.lane] ?? LANES.review).text },
    { name: "需要材料", text: documentsOf(option) },
    { name: "有效期", text: option.validity.text },
    { name: "报销待遇", text: option.benefit.summary },
    { name: "说明", text: option.note },
  ].filter(({ text }) => text);

const free = (title, text) => ({ tone: "tone-good", icon: "#i-check", title, text, facts: [], type: "", others: [], also: BEFORE_LEAVING });

/** @returns {string[]} the care that is free of filing, though the rest is not */
const exemptions = ({ exempt }) =>
  exempt.length ? [`免备案：${exempt.map(({ label, until }) => (until ? `${label}（至 ${date(until)}）` : label)).join("、")}。`] : [];

function toFile(option, options) {
  return {
    tone: "tone-info",
    icon: "#i-file",
    title: `办理“${typeName(option.type)}”备案`,
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
    title: `现在不能办理“${typeName(option.type)}”备案`,
    text: option.reason,
    facts: [],
    type: "",
    others: open.filter(({ type }) => type !== "emergency").map(({ type, label }) => ({ type, name: `改办“${typeName(type)}”`, label })),
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
  if (deemed) return free(type === "emergency" ? "急诊抢救不需要备案" : "不需要备案", deemed.text);
  const option = options.options.find((each) => each.type === type);
  if (!options.needed && !(option?.open && type === "emergency")) return free("不需要备案", options.reason);
  return option.open ? toFile(option, options) : closed(option, options);
}

/** What the guide answers: one filing to make, or that none is needed, each with its reason. */

import { documentsText, exemptText, LANES } from "../filings/options.js";
import { t } from "../lib/parts.js";
import { LONG_TERM, typeName } from "../lib/words.js";

const BEFORE_LEAVING = t("就医时请带上社保卡或医保码。");

const factsOf = (option) =>
  [
    { name: t("怎么办理"), text: (LANES[option.lane] ?? LANES.review).text },
    { name: t("需要材料"), text: documentsText(option.documents) },
    { name: t("有效期"), text: option.validity.text },
    { name: t("报销待遇"), text: option.benefit.summary },
    { name: t("说明"), text: option.note },
  ].filter(({ text }) => text);

const free = (title, text) => ({ tone: "tone-good", icon: "#i-check", title, text, facts: [], type: "", others: [], also: BEFORE_LEAVING });

function toFile(option, options) {
  return {
    tone: "tone-info",
    icon: "#i-file",
    title: t("办理“{type}”备案", { type: typeName(option.type) }),
    text: exemptText(options),
    facts: factsOf(option),
    type: option.type,
    others: [],
    also: "",
  };
}

/** The wanted type is closed: why, and which others are open. A referral without its paper may go as any other journey. */
function closed(option, options) {
  const open = options.options.filter((each) => each.open && (LONG_TERM.has(each.type) === LONG_TERM.has(option.type) || each.type === "other"));
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

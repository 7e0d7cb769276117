/** What can be filed for a place, as `filing-options/` explains it. */

import { promisable } from "./documents.js";
import { LONG_TERM } from "./filings.js";
import { LANES, TYPE_EXPLANATIONS } from "./words.js";

/** @returns {string} 居住证（必须，可先承诺）、户口簿 */
function documentsText(documents) {
  const needed = documents.filter((document) => document.required);
  return needed.length ? needed.map(documentText).join("；") : "不需要材料";
}

const documentText = (document) => document.label + (promisable(document) ? "（可先承诺，之后补交）" : "");

const citation = ({ title, publisher, year }) => `${title}（${publisher}，${year}）`;

/** @returns {object} an option with its explanation, lane and facts as rows */
export function presentOption(option, dualBenefit) {
  const lane = LANES[option.lane] ?? LANES.review;
  const facts = [
    { name: "怎么办理", text: lane.text },
    { name: "需要材料", text: documentsText(option.documents) },
    { name: "有效期", text: option.validity.text },
    { name: "变更取消", text: option.lock.text },
    { name: "报销待遇", text: option.benefit.summary },
    { name: "回参保地", text: LONG_TERM.has(option.type) ? dualBenefit : "" },
    { name: "说明", text: option.note },
  ];
  return {
    ...option,
    explanation: TYPE_EXPLANATIONS[option.type] ?? "",
    laneName: lane.name,
    toneClass: option.lane === "instant" ? "tone-good" : "tone-info",
    closed: !option.open,
    facts: facts.filter((fact) => fact.text),
    citations: option.benefit.citations.map(citation),
  };
}

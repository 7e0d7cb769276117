/** What can be filed for a place, as `filing-options/` explains it. */

import { LANES, TYPE_EXPLANATIONS } from "./words.js";

/** @param {string|{text?: string, summary?: string}|null} said  @returns {string} */
export const words = (said) => (said && typeof said === "object" ? (said.text ?? said.summary ?? "") : (said ?? ""));

/** @returns {string} 居住证（必须，可先承诺）、户口簿 */
function documentsText(documents) {
  if (!documents.length) return "不需要材料";
  return documents.map((document) => document.label + needText(document)).join("、");
}

function needText({ required, alternatives }) {
  const notes = [required ? "" : "选填", alternatives?.includes("commitment") ? "可先承诺后补" : ""].filter(Boolean);
  return notes.length ? `（${notes.join("，")}）` : "";
}

/** @returns {object} an option with its explanation, lane and facts as rows */
export function presentOption(option) {
  const lane = LANES[option.lane] ?? LANES.review;
  const facts = [
    { name: "怎么办理", text: lane.text },
    { name: "需要材料", text: documentsText(option.documents) },
    { name: "有效期", text: words(option.validity) },
    { name: "变更取消", text: words(option.lock) },
    { name: "报销待遇", text: words(option.benefit) },
  ];
  return {
    ...option,
    explanation: TYPE_EXPLANATIONS[option.type] ?? "",
    laneName: lane.name,
    toneClass: option.lane === "instant" ? "tone-good" : "tone-info",
    facts: facts.filter((fact) => fact.text),
    citations: option.benefit?.citations ?? [],
  };
}

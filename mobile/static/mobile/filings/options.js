/** What can be filed for a place, as `filing-options/` explains it, in words. */

import { api } from "../lib/api.js";
import { promisable } from "../lib/documents.js";
import { t } from "../lib/parts.js";
import { date } from "../lib/words.js";

/** How a type is dealt with. */
export const LANES = {
  instant: { name: t("自助开通"), text: t("提交后即时生效") },
  review: { name: t("人工审核"), text: t("2 个工作日内办结") },
};

/** What can be filed there; a filing that is corrected or changed does not stand in its own way. */
export const optionsFor = (enrollment, destination, filing) =>
  api.get("filing-options/", { enrollment, destination, filing: filing ?? "" });

const documentText = (document) => document.label + (promisable(document) ? t("（可先承诺，之后补交）") : "");

/** @returns {string} 居住证（可先承诺，之后补交）；户口簿 */
export function documentsText(documents) {
  const needed = documents.filter((document) => document.required);
  return needed.length ? needed.map(documentText).join("；") : t("不需要材料");
}

/** @returns {string} the care that is free of filing, though the rest is not; empty for none */
export function exemptText({ exempt = [] }) {
  const cares = exempt.map(({ label, until }) => (until ? t("{label}（至 {until}）", { label, until: date(until) }) : label));
  return cares.length ? t("免备案：{join}。", { join: cares.join("、") }) : "";
}

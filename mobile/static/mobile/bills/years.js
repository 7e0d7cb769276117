/** How an insurance year stands: its sums, and how far it is to the deductible, the caps and the next fund. */

import { omittedText, wide } from "../lib/amounts.js";
import { t } from "../lib/parts.js";
import { date, insuranceName, money } from "../lib/words.js";

const WHY = {
  last: t("按上次结算时的就医类型"),
  filing: t("按生效中的长期备案"),
  home: t("按在参保地就医"),
};
const PERIODS = { admission: t("每次"), year: t("每年"), month: t("每月") };

const isNothing = (amount) => Number(amount) === 0;

/** @returns {{width: string}} how full a meter is, in hundredths of its width */
const filled = (used, amount) => ({ width: `${Math.min(100, isNothing(amount) ? 100 : (100 * used) / amount).toFixed(2)}%` });

const sourceOf = (source) => (source ? t("依据：{join}", { join: [source.title, source.publisher, source.year].filter(Boolean).join("，") }) : "");

/** @returns {string} 800, 45,027.45: whole yuan without their cents */
const yuan = (amount) => money(amount).replace(/\.00$/, "");

/** @returns {string} 0 至 400 元, where a figure depends on what nobody can state yet; empty without a range */
const rangeOf = ({ least, most }) => (least === null ? "" : t("{least} 至 {most} 元", { least: yuan(least), most: yuan(most) }));

/** One line of a deductible: how much is still to be paid before the insurance pays, at hospitals of some levels. */
function deductibleOf(figure, index) {
  const { amount, left, levels_label: levels, period, reason, used } = figure;
  const shown = { key: `${index}`, levels: levels || t("各级医院"), reason, text: "", note: "", style: null };
  if (amount === null) return { ...shown, text: rangeOf(figure) };
  if (isNothing(amount)) return { ...shown, text: t("没有起付线") };
  if (period === "admission") {
    const note = left === amount ? "" : t("全年累计有上限，最多再付 {left} 元", { left: yuan(left) });
    return { ...shown, text: t("{amount} 元", { amount: yuan(amount) }), note };
  }
  const text = isNothing(left) ? t("已达到") : t("还差 {left} 元", { left: yuan(left) });
  return { ...shown, text, note: t("{period} {amount} 元，已付 {used} 元", { period: PERIODS[period], amount: yuan(amount), used: yuan(used) }), style: filled(used, amount) };
}

const CAPS = { pooled: t("统筹基金最多支付"), scope: t("最多纳入报销") };

/** A cap or limit: how much the insurance can still pay (or count) before it is reached. */
function capOf(figure, index) {
  const { amount, left, used, reason, period, levels_label: levels } = figure;
  const shown = { key: `${index}`, name: levels ? t("{name}（{levels}）", { name: figure.label, levels }) : figure.label, text: "", note: reason, style: null };
  if (amount === null) return { ...shown, text: rangeOf(figure) };
  return {
    ...shown,
    text: isNothing(left) ? t("已封顶") : t("还剩 {left} 元", { left: yuan(left) }),
    note: t("{period}{of} {amount} 元，已用 {used} 元", { period: PERIODS[period], of: CAPS[figure.of], amount: yuan(amount), used: yuan(used) }),
    style: filled(used, amount),
    full: isNothing(left),
  };
}

/** @returns {string[]} each source once */
const sourcesOf = (figures) => [...new Set(figures.map(({ source }) => sourceOf(source)).filter(Boolean))];

/** @returns {string} what matters most of a kind of care, for the line that opens it */
function essenceOf({ refused }, deductibles, caps) {
  if (refused) return t("见说明");
  const cap = caps.find(({ style }) => style);
  if (cap) return cap.full ? t("已封顶") : t("封顶{text}", { text: cap.text });
  return deductibles.find(({ style }) => style)?.text ?? "";
}

/** A reason that all lines share stands once, below them. @returns {string} */
function shareReason(lines) {
  const [{ reason } = { reason: "" }] = lines;
  if (lines.length < 2 || !reason || lines.some((line) => line.reason !== reason)) return "";
  for (const line of lines) line.reason = "";
  return reason;
}

function careOf(care, index) {
  const deductibles = care.deductibles.map(deductibleOf);
  const caps = care.caps.map(capOf);
  return {
    key: `${index}`,
    title: care.disease_name ? `${care.care_label} · ${care.disease_name}` : care.care_label,
    essence: essenceOf(care, deductibles, caps),
    refused: care.refused,
    basis: t("{travel_because}（{travel_label}）计算。", { travel_because: WHY[care.travel_because], travel_label: care.travel_label }),
    deductibleTitle: care.visit ? t("起付线（本年度第 {visit} 次住院）", { visit: care.visit }) : t("起付线"),
    deductibles,
    shared: shareReason(deductibles),
    caps,
    noCap: !care.over && !care.refused && !caps.length && !care.not_included.some(({ kind }) => kind === "cap") ? t("政策文件里没有写年度封顶线。") : "",
    sources: sourcesOf([...care.deductibles, ...care.caps]),
  };
}

const isUsed = ({ used }) => !isNothing(used);

/** Of a year that is over, only what was used of it. */
const usedOf = (care) => ({ ...care, over: true, deductibles: care.deductibles.filter(isUsed), caps: care.caps.filter(isUsed) });

/** The first kind of care of which something is known stands open. */
function caresOf({ current, cares: all }) {
  const cares = current ? all : all.map(usedOf).filter(({ deductibles, caps }) => deductibles.length + caps.length);
  const open = cares.findIndex(({ refused }) => !refused);
  return cares.map((care, index) => ({ ...careOf(care, index), open: index === open }));
}

/** A further fund that pays once the burden is above its threshold. */
function thresholdOf(figure) {
  const { id, label, amount, burden, left, cap, paid, reason, period } = figure;
  const shown = { key: id, name: t("{label}起付线", { label }), text: "", note: reason, style: null, sources: sourcesOf([figure]) };
  if (amount === null) return shown;
  if (period !== "year") return { ...shown, text: t("{amount} 元", { amount: yuan(amount) }), note: t("按每次就医单独计算。") };
  const most = cap ? t("，一年最多 {cap} 元", { cap: yuan(cap) }) : "";
  const got = isNothing(paid) ? "" : t("，今年已付 {paid} 元", { paid: yuan(paid) });
  return {
    ...shown,
    text: isNothing(left) ? t("已达到") : t("还差 {left} 元", { left: yuan(left) }),
    note: t("政策内个人负担一年累计超过 {amount} 元的部分，由{label}再付{most}。目前累计 {burden} 元{got}。", { amount: yuan(amount), label, most, burden: yuan(burden), got }),
    style: filled(burden, amount),
  };
}

/** @returns {string} 2026年；跨年的医保年度写明起止 */
export const yearName = ({ year, until }) => (year.endsWith("-01-01") ? t("{slice}年", { slice: year.slice(0, 4) }) : t("{year}起", { year: date(year) }));

/** @returns {object} a year as the page shows it */
export function presentYear(year) {
  const cares = caresOf(year);
  const thresholds = year.thresholds.filter(({ burden }) => year.current || !isNothing(burden)).map(thresholdOf);
  return {
    key: `${year.area}.${year.insurance}.${year.year}`,
    person: year.person,
    insured: `${year.area}.${year.insurance}`,
    insuredTitle: `${year.area_name} · ${insuranceName(year.insurance)}`,
    name: yearName(year),
    start: year.year,
    area: year.area,
    insurance: year.insurance,
    current: year.current,
    span: t("{year} 至 {until}", { year: date(year.year), until: date(year.until) }),
    bills: year.bills,
    total: money(year.total),
    fund: money(year.fund),
    own: money(year.own),
    fundStyle: wide(year.fund),
    ownStyle: wide(year.own),
    nothing: isNothing(year.total),
    reason: year.reason,
    omitted: omittedText(year.not_included),
    cares,
    thresholds,
    known: Boolean(cares.length + thresholds.length || year.reason),
    title: year.current ? t("还差多少") : t("这一年用了多少"),
  };
}

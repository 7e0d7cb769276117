/** How an insurance year stands: its sums, and how far it is to the deductible, the caps and the next fund. */

import { omittedText, wide } from "../lib/amounts.js";
import { date, insuranceName, money } from "../lib/words.js";

const WHY = {
  last: "按上次结算时的就医类型",
  filing: "按生效中的长期备案",
  home: "按在参保地就医",
};
const PERIODS = { admission: "每次", year: "每年", month: "每月" };

const isNothing = (amount) => Number(amount) === 0;

/** @returns {{width: string}} how full a meter is, in hundredths of its width */
const filled = (used, amount) => ({ width: `${Math.min(100, isNothing(amount) ? 100 : (100 * used) / amount).toFixed(2)}%` });

const sourceOf = (source) => (source ? `依据：${[source.title, source.publisher, source.year].filter(Boolean).join("，")}` : "");

/** @returns {string} 800, 45,027.45: whole yuan without their cents */
const yuan = (amount) => money(amount).replace(/\.00$/, "");

/** @returns {string} 0 至 400 元, where a figure depends on what nobody can state yet; empty without a range */
const rangeOf = ({ least, most }) => (least === null ? "" : `${yuan(least)} 至 ${yuan(most)} 元`);

/** One line of a deductible: how much is still to be paid before the insurance pays, at hospitals of some levels. */
function deductibleOf(figure, index) {
  const { amount, left, levels_label: levels, period, reason, used } = figure;
  const shown = { key: `${index}`, levels: levels || "各级医院", reason, text: "", note: "", style: null };
  if (amount === null) return { ...shown, text: rangeOf(figure) };
  if (isNothing(amount)) return { ...shown, text: "没有起付线" };
  if (period === "admission") {
    const note = left === amount ? "" : `全年累计有上限，最多再付 ${yuan(left)} 元`;
    return { ...shown, text: `${yuan(amount)} 元`, note };
  }
  const text = isNothing(left) ? "已达到" : `还差 ${yuan(left)} 元`;
  return { ...shown, text, note: `${PERIODS[period]} ${yuan(amount)} 元，已付 ${yuan(used)} 元`, style: filled(used, amount) };
}

const CAPS = { pooled: "统筹基金最多支付", scope: "最多纳入报销" };

/** A cap or limit: how much the insurance can still pay (or count) before it is reached. */
function capOf(figure, index) {
  const { amount, left, used, reason, period, levels_label: levels } = figure;
  const shown = { key: `${index}`, name: levels ? `${figure.label}（${levels}）` : figure.label, text: "", note: reason, style: null };
  if (amount === null) return { ...shown, text: rangeOf(figure) };
  return {
    ...shown,
    text: isNothing(left) ? "已封顶" : `还剩 ${yuan(left)} 元`,
    note: `${PERIODS[period]}${CAPS[figure.of]} ${yuan(amount)} 元，已用 ${yuan(used)} 元`,
    style: filled(used, amount),
    full: isNothing(left),
  };
}

/** @returns {string[]} each source once */
const sourcesOf = (figures) => [...new Set(figures.map(({ source }) => sourceOf(source)).filter(Boolean))];

/** @returns {string} what matters most of a kind of care, for the line that opens it */
function essenceOf({ refused }, deductibles, caps) {
  if (refused) return "见说明";
  const cap = caps.find(({ style }) => style);
  if (cap) return cap.full ? "已封顶" : `封顶${cap.text}`;
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
    basis: `${WHY[care.travel_because]}（${care.travel_label}）计算。`,
    deductibleTitle: care.visit ? `起付线（本年度第 ${care.visit} 次住院）` : "起付线",
    deductibles,
    shared: shareReason(deductibles),
    caps,
    noCap: !care.over && !care.refused && !caps.length && !care.not_included.some(({ kind }) => kind === "cap") ? "政策文件里没有写年度封顶线。" : "",
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
  const shown = { key: id, name: `${label}起付线`, text: "", note: reason, style: null, sources: sourcesOf([figure]) };
  if (amount === null) return shown;
  if (period !== "year") return { ...shown, text: `${yuan(amount)} 元`, note: "按每次就医单独计算。" };
  const most = cap ? `，一年最多 ${yuan(cap)} 元` : "";
  const got = isNothing(paid) ? "" : `，今年已付 ${yuan(paid)} 元`;
  return {
    ...shown,
    text: isNothing(left) ? "已达到" : `还差 ${yuan(left)} 元`,
    note: `政策内个人负担一年累计超过 ${yuan(amount)} 元的部分，由${label}再付${most}。目前累计 ${yuan(burden)} 元${got}。`,
    style: filled(burden, amount),
  };
}

/** @returns {string} 2026年；跨年的医保年度写明起止 */
export const yearName = ({ year, until }) => (year.endsWith("-01-01") ? `${year.slice(0, 4)}年` : `${date(year)}起`);

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
    span: `${date(year.year)} 至 ${date(year.until)}`,
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
    title: year.current ? "还差多少" : "这一年用了多少",
  };
}

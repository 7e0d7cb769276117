/** How an insurance year stands: its sums, and how far it is to the deductible, the caps and the next fund. */

import { date, money } from "../lib/format.js";
import { insuranceName } from "../lib/words.js";

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

/** One line of a deductible: how much is still to be paid before the insurance pays, at hospitals of some levels. */
function deductibleOf(figure, index) {
  const { amount, left, levels_label: levels, period, reason, used } = figure;
  const shown = { key: `${index}`, levels: levels || "各级医院", reason, text: "", note: "", style: null };
  if (amount === null) return shown;
  if (isNothing(amount)) return { ...shown, text: "没有起付线" };
  if (period === "admission") {
    const note = left === amount ? "" : `，因全年累计有上限，最多再付 ${money(left)} 元`;
    return { ...shown, text: `${money(amount)} 元`, note };
  }
  const text = isNothing(left) ? "已达到" : `还差 ${money(left)} 元`;
  return { ...shown, text, note: `${PERIODS[period]} ${money(amount)} 元，已付 ${money(used)} 元`, style: filled(used, amount) };
}

const CAPS = { pooled: "统筹基金最多支付", scope: "最多纳入报销" };

function capOf(figure, index) {
  const { amount, left, used, reason, period } = figure;
  const levels = figure.levels_label ? `（${figure.levels_label}）` : "";
  const name = `${figure.label}${levels}`;
  if (amount === null) return { key: `${index}`, name, text: "", note: reason, style: null };
  return {
    key: `${index}`,
    name,
    text: isNothing(left) ? "已封顶" : `还剩 ${money(left)} 元`,
    note: `${PERIODS[period]}${CAPS[figure.of]} ${money(amount)} 元，已用 ${money(used)} 元`,
    style: filled(used, amount),
    full: isNothing(left),
  };
}

/** Who is told of the deductible: everybody at once, or by the level of the hospital. */
const titleOf = ({ deductibles, visit }) => {
  if (deductibles.some(({ period }) => period === "admission" && visit)) return `起付线（今年第 ${visit} 次住院）`;
  return "起付线";
};

/** @returns {string} the same sources once */
const sourcesOf = (figures) => [...new Set(figures.map(({ source }) => sourceOf(source)).filter(Boolean))];

function careOf(care, index) {
  const title = care.disease_name ? `${care.care_label} · ${care.disease_name}` : care.care_label;
  return {
    key: `${index}`,
    title,
    refused: care.refused,
    basis: `${WHY[care.travel_because]}（${care.travel_label}）计算`,
    deductibleTitle: titleOf(care),
    deductibles: care.deductibles.map(deductibleOf),
    caps: care.caps.map(capOf),
    noCap: !care.refused && !care.caps.length ? "政策文件里没有写年度封顶线。" : "",
    sources: sourcesOf([...care.deductibles, ...care.caps]),
  };
}

function thresholdOf(figure) {
  const { id, label, amount, burden, left, cap, paid, reason, period } = figure;
  const most = cap ? `，一年最多 ${money(cap)} 元` : "";
  const got = isNothing(paid) ? "" : `，今年已付 ${money(paid)} 元`;
  const shown = { key: id, name: `${label}起付线`, sources: sourcesOf([figure]) };
  if (amount === null) return { ...shown, text: "", note: reason, style: null };
  if (period !== "year") return { ...shown, text: `${money(amount)} 元`, note: "按每次就医单独计算", style: null };
  return {
    ...shown,
    text: isNothing(left) ? "已达到" : `还差 ${money(left)} 元`,
    note: `一年内政策内个人负担超过 ${money(amount)} 元的部分由${label}再付${most}；目前 ${money(burden)} 元${got}`,
    style: filled(burden, amount),
  };
}

/** @returns {string} 2026年；跨年的医保年度写明起止 */
export const yearName = ({ year, until }) => (year.endsWith("-01-01") ? `${year.slice(0, 4)}年` : `${date(year)}起`);

/** @returns {object} a year as the page shows it */
export function presentYear(year) {
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
    fundStyle: { flexGrow: year.fund },
    ownStyle: { flexGrow: year.own },
    nothing: isNothing(year.total),
    reason: year.reason,
    cares: year.cares.map(careOf),
    thresholds: year.thresholds.map(thresholdOf),
    title: year.current ? "还差多少" : "这一年用了多少",
  };
}


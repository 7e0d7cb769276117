/** A bill as people type it, and as the pages show it: who pays how much, and the lines with their formulas and sources. */

import { ApiError } from "./api.js";
import "./fields.js";
import { t } from "./parts.js";
import { amount as amountOf } from "./text.js";
import { money, word } from "./words.js";

export { amountOf };

export const CLASSES = [
  { code: "A", name: t("甲类") },
  { code: "B", name: t("乙类") },
  { code: "C", name: t("自费") },
];


const percentOf = (text) => {
  const percent = Number(amountOf(text) || "0");
  return Number.isFinite(percent) ? String(Math.round(percent * 100) / 10000) : text;
};

/** @returns {object} without what was left empty */
export const filled = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));

const amounts = (fields) => filled(Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, amountOf(text)])));

const itemOf = (item) => ({
  class: item.class,
  ...filled({ name: item.name.trim() }),
  ...amounts({ amount: item.amount, limit: item.class === "C" ? "" : item.limit }),
  ...(item.class === "B" && { first_copay_ratio: percentOf(item.copay) }),
});

/** @param {{itemised: string, items: object[], cost: object}} visit  @returns {object} the bill as the API reads it */
export const costOf = (visit) => (visit.itemised ? { items: visit.items.map(itemOf) } : amounts(visit.cost));

/** @returns {string} what the lines of a bill come to */
export function sumOf(items) {
  const total = items.reduce((sum, item) => sum + (Number(amountOf(item.amount)) || 0), 0);
  return t("合计 {toFixed} 元", { toFixed: money(total.toFixed(2)) });
}

export const blankItem = () => ({ name: "", class: "A", amount: "", copay: "", limit: "" });

/** What is wrong with a line of the bill stands at that line. */
export function atItems(error) {
  const errors = error.errors?.map((each) => ({ ...each, attr: each.attr?.replace(/^cost\.items\.(\d+).*/, "item.$1") ?? null }));
  return errors ? new ApiError(error.status, errors) : error;
}

/** Who pays, in the order of the stacked bar; `look` is its colour. */
const PARTS = [
  { code: "pooled", look: "part-pooled" },
  { code: "large_amount", look: "part-large" },
  { code: "serious_illness", look: "part-large" },
  { code: "assistance", look: "part-help" },
  { code: "civil_servant", look: "part-help" },
  { code: "enterprise", look: "part-help" },
  { code: "account", look: "part-account" },
  { code: "cash", look: "part-cash" },
];

const share = (amount, total) => `${((100 * amount) / total).toFixed(1)}%`;

/** @returns {object[]} who pays how much, the wider the more; nobody who pays nothing */
export const partsOf = (found) =>
  PARTS.filter(({ code }) => Number(found[code]) > 0).map(({ code, look }) => ({
    name: word("payer", code),
    look,
    text: money(found[code]),
    share: share(found[code], found.total),
    style: { flexGrow: found[code] },
  }));

/** @returns {string} what an entry of the API's `not_included` left out */
export function omittedName({ kind, fund }) {
  const name = word("payer", fund ?? "pooled");
  return { fund: name, cap: t("{name}年度封顶线", { name }), rule: t("部分规定") }[kind];
}

/** A fund that is missing would pay more, a cap less; of a rule nobody knows. */
const EFFECTS = { fund: t("可能更低"), cap: t("可能更高") };

/** @param {object[]} omitted the API's `not_included`  @returns {string} one sentence; empty for none */
export function omittedText(omitted) {
  if (!omitted?.length) return "";
  const named = omitted.map((each) => t("{name}（{reason}）", { name: omittedName(each), reason: each.reason })).join(t("；"));
  const kinds = new Set(omitted.map(({ kind }) => kind));
  return t("未计入：{named}。实际个人负担{kind}。", { named, kind: (kinds.size === 1 && EFFECTS[omitted[0].kind]) || t("可能与此不同") });
}

/** A source as the pages name it; what is no web address is no link. */
export const sourceOf = ({ id, title, publisher, year, grade, url }) => ({
  id,
  title,
  by: [publisher, year].filter(Boolean).join("，"),
  grade: word("grade", grade),
  url: url?.startsWith("http") ? url : "",
});

/** A line rests on its own source, and on those that its formula names. */
export const lineOf = (sources) => (line, key) => ({
  key,
  label: line.label,
  amount: money(line.amount),
  formula: line.formula === line.amount ? "" : line.formula,
  sources: sources.filter(({ id }) => id === line.source || line.formula.includes(`，${id}）`)).map(sourceOf),
});

/** @returns {object} how wide a part of a bar is; who pays nothing has none */
export const wide = (amount) => ({ flexGrow: amount, display: Number(amount) ? "" : "none" });

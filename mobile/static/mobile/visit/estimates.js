/** What a planned visit would cost: the question as the API takes it, and its answer as bars, parts and lines. */

import { ApiError, api } from "../lib/api.js";
import { money } from "../lib/format.js";
import { word } from "../lib/words.js";

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

/** @returns {string} what people type as money, as the API reads it: ￥1，234.5 元 → 1234.5 */
export const amountOf = (text) => text.normalize("NFKC").replace(/[,\s¥元]/g, "");

const percentOf = (text) => {
  const percent = Number(amountOf(text) || "0");
  return Number.isFinite(percent) ? String(Math.round(percent * 100) / 10000) : text;
};

/** @returns {object} without what was left empty */
const filled = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));

const amounts = (fields) => filled(Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, amountOf(text)])));

const itemOf = (item) => ({
  class: item.class,
  ...filled({ name: item.name.trim() }),
  ...amounts({ amount: item.amount, limit: item.class === "C" ? "" : item.limit }),
  ...(item.class === "B" && { first_copay_ratio: percentOf(item.copay) }),
});

/** @param {{itemised: string, items: object[], cost: object}} visit  @returns {object} the bill as the API reads it */
export const costOf = (visit) => (visit.itemised ? { items: visit.items.map(itemOf) } : amounts(visit.cost));

const whole = (text) => (/\d/.test(text) ? Number(text.replace(/\D/g, "")) : "");

const insuredFacts = ({ area, insurance, category, age }) =>
  filled({ area: area?.code ?? "", insurance, person: category, age: whole(age) });

/** A hospital says its level itself; without one, the province of the place is known at most. */
const placeFacts = ({ place, hospital, level }) =>
  hospital
    ? { institution: hospital.code }
    : { level: Number(level), ...(place && { destination: `${place.code.slice(0, 2)}0000` }) };

/** @param {object} visit  @returns {object} the body of `POST estimates/` */
export const questionOf = (visit) => ({
  ...(visit.enrollment ? { enrollment: visit.enrollment } : insuredFacts(visit.insured)),
  ...placeFacts(visit),
  care: visit.care,
  ...(visit.care === "chronic" && filled({ disease: visit.disease })),
  ...(visit.care === "inpatient" && visit.visit && { visit: Number(visit.visit) }),
  ...filled({ on: visit.day, account_balance: amountOf(visit.balance) }),
  cost: costOf(visit),
});

let last = { call: "", answer: null };

/** Asked once, also when the form has asked and the next page asks again. @returns {Promise<object>} */
export function estimate(question) {
  const call = JSON.stringify(question);
  if (call !== last.call) {
    const answer = api.ask("estimates/", question).catch((error) => {
      last = { call: "", answer: null };
      throw atItems(error);
    });
    last = { call, answer };
  }
  return last.answer;
}

/** What is wrong with a line of the bill stands at that line. */
export function atItems(error) {
  const errors = error.errors?.map((each) => ({ ...each, attr: each.attr?.replace(/^cost\.items\.(\d+).*/, "item.$1") ?? null }));
  return errors ? new ApiError(error.status, errors) : error;
}

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

const sourceOf = ({ id, title, publisher, year, grade, url }) => ({
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

/** @returns {object} what a way of going pays and takes */
function paidOf({ amounts, lines }, sources) {
  return {
    total: money(amounts.total),
    fund: money(amounts.fund),
    own: `自己付 ${money(amounts.own)} 元`,
    parts: partsOf(amounts),
    lines: lines.map(lineOf(sources)),
  };
}

/** @param {object} answer  @returns {object[]} each way of going as a bar, or as the reason why there is none */
export function barsOf({ policy, results, best, ways }) {
  return Object.entries(results).map(([travel, result]) => ({
    travel,
    label: result.label,
    refused: result.refused ? word("refusal", result.refused) : "",
    reason: result.reason ?? "",
    best: travel === best?.travel,
    takes: ways.find((way) => way.travel === travel)?.takes ?? "",
    ...(!result.refused && paidOf(result, policy.sources)),
  }));
}

/** @returns {{name: string, look: string}[]} each payer that any bar shows, once */
export const legendOf = (bars) => [...new Map(bars.flatMap((bar) => bar.parts ?? []).map((part) => [part.name, part])).values()];

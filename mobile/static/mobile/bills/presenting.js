/** A settled bill in the words the pages show. */

import { date, money } from "../lib/format.js";

const STATUS = { settled: { name: "已结算", tone: "good" }, reversed: { name: "已冲正", tone: "bad" } };
const CLAIMED = { name: "已报销", tone: "info" };

/** @returns {string} 2026年3月1日 至 3月2日; one day alone, and the year once */
export function daysOf({ admitted_on: from, discharged_on: until }) {
  if (!until || until === from) return date(from);
  const last = until.slice(0, 4) === from.slice(0, 4) ? date(until).replace(/^\d+年/, "") : date(until);
  return `${date(from)} 至 ${last}`;
}

/** @returns {object} how wide a part of a bar is; who pays nothing has none */
export const wide = (amount) => ({ flexGrow: amount, display: Number(amount) ? "" : "none" });

/** @returns {object} the API's row with what the pages show of it */
export function present(bill) {
  const status = bill.status === "settled" && bill.channel === "manual" ? CLAIMED : STATUS[bill.status];
  return {
    ...bill,
    status: status.name,
    toneClass: `tone-${status.tone}`,
    reversed: bill.status === "reversed",
    title: bill.institution_name,
    what: [bill.care_area_name, bill.care_label, bill.disease_name].filter(Boolean).join(" · "),
    when: daysOf(bill),
    totalText: money(bill.total),
    fundText: money(bill.fund),
    ownText: money(bill.own),
    fundStyle: wide(bill.fund),
    ownStyle: wide(bill.own),
    href: `#/bills/${bill.id}`,
  };
}

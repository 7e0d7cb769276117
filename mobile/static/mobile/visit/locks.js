/** The lock (变更时限) of an approved filing: until when it may not be changed or cancelled. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { date, isoDay } from "../lib/format.js";

const LOCKS = [
  { verb: "change", field: "change_until", name: "变更" },
  { verb: "cancel", field: "cancel_until", name: "取消" },
];

/** A lock counts from the first day of the filing to its last locked day. */
function counts(filing, { field }) {
  const today = isoDay(Alpine.store("clock").now);
  return filing.status === "approved" && filing.valid_from <= today && today <= (filing.lock[field] ?? "");
}

const standing = (filing) => LOCKS.filter((lock) => counts(filing, lock));

/** @returns {string[]} */
export const lockedVerbs = (filing) => standing(filing).map((lock) => lock.verb);

/** @returns {string} 按参保地规定，2027年5月20日前（含当日）不能变更或取消。 */
export function lockSentence(filing) {
  const verbs = {};
  for (const { field, name } of standing(filing)) (verbs[filing.lock[field]] ??= []).push(name);
  const said = Object.entries(verbs).map(([day, names]) => `${date(day)}前（含当日）不能${names.join("或")}`);
  return said.length ? `按参保地规定，${said.join("；")}。` : "";
}

/** What the API says of a filing, in the words the pages show. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { date, dayTime, isoDay } from "./format.js";
import { STATUS_TONES, typeName, word } from "./words.js";
import { countdown } from "./workdays.js";

export const LONG_TERM = new Set(["retiree", "resident", "worker"]);

const today = () => isoDay(Alpine.store("clock").now);

/** @returns {{name: string, tone: string}} an approved filing is in force, or will be */
function statusOf(filing) {
  const tone = STATUS_TONES[filing.status] ?? "plain";
  if (filing.status !== "approved") return { name: word("status", filing.status), tone };
  return filing.valid_from > today() ? { name: "待生效", tone: "info" } : { name: "生效中", tone: "good" };
}

/** @returns {string} 2026年11月23日 起，长期有效 */
export function validity(filing) {
  const from = filing.valid_from ?? filing.starts_on;
  const until = filing.valid_from ? filing.valid_until : filing.ends_on;
  if (until) return `${date(from)} 至 ${date(until)}`;
  return LONG_TERM.has(filing.type) || filing.valid_from ? `${date(from)} 起，长期有效` : `${date(from)} 起`;
}

/** @returns {string} what matters now: the due time while it is reviewed, the validity afterwards */
function whenOf(filing) {
  if (filing.status === "submitted") return countdown(filing.due_at, filing.due_provisional);
  if (filing.status === "returned") return filing.correct_by ? `请在 ${date(filing.correct_by)} 前补正` : "请补正后重新提交";
  if (filing.status === "draft") return "还没有提交";
  if (filing.status === "approved") return validity(filing);
  return filing.decided_at ? `${dayTime(filing.decided_at)} 办结` : dayTime(filing.submitted_at);
}

/** @returns {object} the API's filing with what the pages show of it */
export function present(filing) {
  const status = statusOf(filing);
  return {
    ...filing,
    code: filing.status,
    status: status.name,
    toneClass: `tone-${status.tone}`,
    place: filing.destination_name,
    title: `${filing.destination_name} · ${typeName(filing.type)}`,
    who: `${filing.person_name} · ${filing.insured_area_name}参保`,
    when: whenOf(filing),
    validity: validity(filing),
    href: `#/records/${filing.id}`,
  };
}

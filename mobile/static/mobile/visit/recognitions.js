/** What the API says of recognitions of chronic diseases, in the words the pages show. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { date, dayTime, isoDay } from "../lib/format.js";
import { countdown } from "../lib/workdays.js";
import { STATUS_TONES, word } from "../lib/words.js";

const today = () => isoDay(Alpine.store("clock").now);

/** @returns {{name: string, tone: string}} an approved one is in force, or will be; one under review says at which stage */
function statusOf(row) {
  const tone = STATUS_TONES[row.status] ?? "plain";
  if (row.status === "submitted" && row.stages > 1) return { name: row.stage === row.stages ? "专家复审中" : "初审中", tone };
  if (row.status !== "approved") return { name: word("status", row.status), tone };
  return row.valid_from > today() ? { name: "待生效", tone: "info" } : { name: "生效中", tone: "good" };
}

/** @returns {string} 2026年12月1日 起，长期有效 */
export function validity(row) {
  const last = row.valid_until ?? row.renew_by;
  if (!row.valid_from) return "";
  return last ? `${date(row.valid_from)} 至 ${date(last)}` : `${date(row.valid_from)} 起，长期有效`;
}

function whenOf(row) {
  if (row.status === "submitted") return countdown(row.due_at, row.due_provisional);
  if (row.status === "returned") return row.correct_by ? `请在 ${date(row.correct_by)} 前补正` : "请补正后重新提交";
  if (row.status === "draft") return "还没有提交";
  if (row.renewing) return `${validity(row)}，续期审核中，其间照常享受待遇`;
  return validity(row) || (row.decided_at ? `${dayTime(row.decided_at)} 办结` : dayTime(row.submitted_at));
}

/** @returns {object} the API's recognition with what the pages show of it */
export function present(row) {
  const status = statusOf(row);
  return {
    ...row,
    code: row.status,
    status: status.name,
    toneClass: `tone-${status.tone}`,
    title: row.disease_name,
    who: `${row.person_name} · ${row.insured_area_name}参保`,
    when: whenOf(row),
    href: `#/chronic/${row.id}`,
  };
}

/** @returns {{name: string, text: string}[]} */
export function factsOf(row) {
  const facts = [
    { name: "受理编号", text: row.number },
    { name: "参保人", text: row.person_name },
    { name: "参保地", text: row.insured_area_name },
    { name: "病种", text: row.disease_name },
    { name: "确诊", text: [date(row.diagnosed_on), row.diagnosing_institution_name].filter(Boolean).join(" ") },
    { name: "选定医院", text: row.institutions.map((each) => each.name).join("、") },
    { name: "有效期", text: validity(row) },
  ];
  return facts.filter((fact) => fact.text);
}

/** What the API says of claims (手工报销), in the words the pages show. */

import { date, dayTime, money } from "../lib/format.js";
import { daysOf } from "../bills/presenting.js";
import { countdown } from "../lib/workdays.js";
import { STATUS_TONES, word } from "../lib/words.js";

const PAID = { due: "已通过，待支付", exported: "已通过，支付中", paid: "已支付" };

/** @returns {{name: string, tone: string}} one under review says at which stage, an approved one how far the money is */
function statusOf(row) {
  const tone = STATUS_TONES[row.status] ?? "plain";
  if (row.status === "submitted" && row.stages > 1) return { name: row.stage === row.stages ? "复审中" : "初审中", tone };
  return { name: (row.status === "approved" && PAID[row.payment.status]) || word("status", row.status), tone };
}

function whenOf(row) {
  if (row.status === "submitted") return countdown(row.due_at, row.due_provisional);
  if (row.status === "returned") return row.correct_by ? `请在 ${date(row.correct_by)} 前补正` : "请补正后重新提交";
  if (row.status === "draft") return "还没有提交";
  if (row.amounts) return `医保付 ${money(row.amounts.fund)} 元，自己付 ${money(row.amounts.own)} 元`;
  return row.decided_at ? `${dayTime(row.decided_at)} 办结` : dayTime(row.submitted_at);
}

/** @returns {object} the API's claim with what the pages show of it */
export function present(row) {
  const status = statusOf(row);
  return {
    ...row,
    code: row.status,
    status: status.name,
    toneClass: `tone-${status.tone}`,
    title: row.institution_name || "手工报销",
    who: [row.person_name, row.care_label, row.total && `${money(row.total)} 元`].filter(Boolean).join(" · "),
    when: whenOf(row),
    href: `#/claims/${row.id}`,
  };
}

const filled = (facts) => facts.filter((fact) => fact.text);

/** @returns {{name: string, text: string}[]} */
export const factsOf = (row) =>
  filled([
    { name: "受理编号", text: row.number },
    { name: "参保人", text: row.person_name },
    { name: "参保地", text: row.insured_area_name },
    { name: "医院", text: row.institution_name },
    { name: "就医类别", text: [row.care_label, row.disease_name, row.emergency && "急诊抢救"].filter(Boolean).join(" · ") },
    { name: "就医日期", text: row.admitted_on ? daysOf(row) : "" },
    { name: "票据", text: [row.invoice_code, row.invoice_number].filter(Boolean).join(" ") },
    { name: "费用总额", text: row.total ? `${money(row.total)} 元${row.corrected ? "（审核核定）" : ""}` : "" },
    { name: "收款账号", text: [row.bank_account, row.bank_holder].filter(Boolean).join(" ") },
    { name: "原因", text: row.reason },
  ]);

/** @returns {{name: string, text: string}[]} what came out, once it was computed */
export const resultOf = ({ amounts, travel_label: travel }) =>
  amounts
    ? filled([
        { name: "计算依据", text: `按“${travel}”、手工报销` },
        { name: "起付线", text: `${money(amounts.deductible)} 元` },
        { name: "医保支付", text: `${money(amounts.fund)} 元` },
        { name: "自己负担", text: `${money(amounts.own)} 元` },
      ])
    : [];

const FIELDS = {
  institution: "医疗机构",
  care: "就医类别",
  admitted_on: "就医日期",
  invoice_number: "票据号码",
  cost: "费用",
  bank_account: "银行账号",
  reason: "没有直接结算的原因",
};

/** @returns {string} a field or document that is marked for correction */
export const fieldName = (name) => FIELDS[name] ?? word("document", name);

const PAYMENTS = {
  none: () => "没有应由医保支付的金额。",
  due: () => "等待参保地经办机构支付。",
  exported: () => "已交银行支付，请留意到账。",
  paid: ({ paid_on }) => `${date(paid_on)} 支付到您的银行账户，如未到账请联系参保地经办机构。`,
};

/** @returns {string} where the money is */
export const paymentOf = ({ status, payment }) => (status === "approved" ? PAYMENTS[payment.status](payment) : "");

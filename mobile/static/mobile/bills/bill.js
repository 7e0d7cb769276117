/** One bill: who paid what, as a picture and line by line in the words of the sheet, each with its sum and source. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { lineOf, omittedText, partsOf } from "../lib/amounts.js";
import { api } from "../lib/api.js";
import { acts, loads } from "../lib/lazy-pages.js";
import { date, dateTime, insuranceName, money } from "../lib/words.js";
import { present } from "./bills.js";
import { sheetOf } from "./sheet.js";
import { yearName } from "./years.js";

async function readBill() {
  this.record = await api.get(`settlements/${Alpine.store("route").params.id}/`);
}

const YEAR = [
  ["deductible", "起付线"],
  ["pooled", "统筹基金支付"],
  ["burden", "政策内个人负担"],
  ["large_amount", "大额补助支付"],
  ["serious_illness", "大病保险支付"],
  ["assistance", "医疗救助支付"],
];
/** Paid first, claimed afterwards (手工报销): the number is the invoice's, and the agency answers for it. */
const claimed = ({ channel }) => channel === "manual";
const SHOWN_AT_ZERO = new Set(["deductible", "pooled", "burden"]);

function billPage() {
  return {
    ...loads(readBill),
    ...acts(),
    record: null,
    get bill() {
      return present(this.record);
    },
    get status() {
      const { status, reversal } = this.record;
      if (status === "reversed") return `${dateTime(reversal?.at)} 冲正，不再计入年度累计。`;
      return `${dateTime(this.record.settled_at)} ${this.record.channel_label}`;
    },
    get reason() {
      return this.record.reversal?.reason ? `原因：${this.record.reversal.reason}` : "";
    },
    get foot() {
      const whom = claimed(this.record) ? "请联系参保地经办机构" : "请先问就诊医院的医保办";
      return `对结算有疑问，${whom}，或拨打 12393`;
    },
    get parts() {
      return partsOf(this.record.amounts);
    },
    get omitted() {
      return omittedText(this.record.not_included);
    },
    get spoken() {
      return this.parts.map(({ name, text, share }) => `${name} ${text} 元，占 ${share}`).join("；");
    },
    get sections() {
      return sheetOf(this.record, lineOf(this.record.policy.sources ?? []));
    },
    get facts() {
      const { record } = this;
      return [
        { name: "结算编号", text: record.number },
        { name: "参保人", text: record.person_name },
        { name: "参保地", text: `${record.insured_area_name} · ${insuranceName(record.insurance)}` },
        { name: "医疗机构", text: record.institution_name },
        { name: "就医地", text: record.care_area_name },
        { name: "就医类别", text: [record.care_label, record.disease_name].filter(Boolean).join(" · ") },
        { name: record.care === "inpatient" ? "住院日期" : "就诊日期", text: this.bill.when },
        { name: "就医类型", text: `${record.travel_label}${record.emergency && record.travel !== "emergency" ? "（急诊）" : ""}` },
        { name: "结算方式", text: record.channel_label },
        { name: "结算时间", text: dateTime(record.settled_at) },
        { name: claimed(record) ? "票据号码" : "医院账单号", text: record.bill_number },
        { name: "接续", text: record.continues ? `接续 ${record.continues}，连续计算起付线` : "" },
        { name: "待遇政策", text: record.policy.name ? `${record.policy.name}（${date(record.policy.effective_from)}起）` : record.policy.id },
      ].filter((fact) => fact.text);
    },
    get yearTitle() {
      return `到这笔为止，${yearName(this.record)}累计`;
    },
    /** Of a bill that was undone the year knows nothing any more. */
    get yearFacts() {
      if (this.bill.reversed) return [];
      const sums = this.record.year_to_date;
      const shown = YEAR.filter(([code]) => sums[code] && (SHOWN_AT_ZERO.has(code) || Number(sums[code])));
      return shown.map(([code, name]) => ({ name, text: `${money(sums[code])} 元` }));
    },
    get filing() {
      return this.record.filing ? `#/records/${this.record.filing}` : "";
    },
    statement() {
      const { id, number } = this.record;
      return this.act(() => api.download(`settlements/${id}/statement.pdf`, `结算单-${number}.pdf`));
    },
  };
}

export const pages = { billPage };

/** One bill: who paid what, as a picture and line by line in the words of the sheet, each with its sum and source. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { lineOf, omittedText, partsOf } from "../lib/amounts.js";
import { api } from "../lib/api.js";
import { acts, loads } from "../lib/lazy-pages.js";
import { t } from "../lib/parts.js";
import { date, dateTime, insuranceName, money } from "../lib/words.js";
import { present } from "./bills.js";
import { sheetOf } from "./sheet.js";
import { yearName } from "./years.js";

async function readBill() {
  this.record = await api.get(`settlements/${Alpine.store("route").params.id}/`);
}

const YEAR = [
  ["deductible", t("起付线")],
  ["pooled", t("统筹基金支付")],
  ["burden", t("政策内个人负担")],
  ["large_amount", t("大额补助支付")],
  ["serious_illness", t("大病保险支付")],
  ["assistance", t("医疗救助支付")],
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
      if (status === "reversed") return t("{at} 冲正，不再计入年度累计。", { at: dateTime(reversal?.at) });
      return `${dateTime(this.record.settled_at)} ${this.record.channel_label}`;
    },
    get reason() {
      return this.record.reversal?.reason ? t("原因：{reason}", { reason: this.record.reversal.reason }) : "";
    },
    get foot() {
      const whom = claimed(this.record) ? t("请联系参保地经办机构") : t("请先问就诊医院的医保办");
      return t("对结算有疑问，{whom}，或拨打 12393", { whom });
    },
    get parts() {
      return partsOf(this.record.amounts);
    },
    get omitted() {
      return omittedText(this.record.not_included);
    },
    get spoken() {
      return this.parts.map(({ name, text, share }) => t("{name} {text} 元，占 {share}", { name, text, share })).join("；");
    },
    get sections() {
      return sheetOf(this.record, lineOf(this.record.policy.sources ?? []));
    },
    get facts() {
      const { record } = this;
      return [
        { name: t("结算编号"), text: record.number },
        { name: t("参保人"), text: record.person_name },
        { name: t("参保地"), text: `${record.insured_area_name} · ${insuranceName(record.insurance)}` },
        { name: t("医疗机构"), text: record.institution_name },
        { name: t("就医地"), text: record.care_area_name },
        { name: t("就医类别"), text: [record.care_label, record.disease_name].filter(Boolean).join(" · ") },
        { name: record.care === "inpatient" ? t("住院日期") : t("就诊日期"), text: this.bill.when },
        { name: t("就医类型"), text: `${record.travel_label}${record.emergency && record.travel !== "emergency" ? t("（急诊）") : ""}` },
        { name: t("结算方式"), text: record.channel_label },
        { name: t("结算时间"), text: dateTime(record.settled_at) },
        { name: claimed(record) ? t("票据号码") : t("医院账单号"), text: record.bill_number },
        { name: t("接续"), text: record.continues ? t("接续 {continues}，连续计算起付线", { continues: record.continues }) : "" },
        { name: t("待遇政策"), text: record.policy.name ? t("{name}（{effective_from}起）", { name: record.policy.name, effective_from: date(record.policy.effective_from) }) : record.policy.id },
      ].filter((fact) => fact.text);
    },
    get yearTitle() {
      return t("到这笔为止，{record}累计", { record: yearName(this.record) });
    },
    /** Of a bill that was undone the year knows nothing any more. */
    get yearFacts() {
      if (this.bill.reversed) return [];
      const sums = this.record.year_to_date;
      const shown = YEAR.filter(([code]) => sums[code] && (SHOWN_AT_ZERO.has(code) || Number(sums[code])));
      return shown.map(([code, name]) => ({ name, text: t("{code} 元", { code: money(sums[code]) }) }));
    },
    get filing() {
      return this.record.filing ? `#/records/${this.record.filing}` : "";
    },
    statement() {
      const { id, number } = this.record;
      return this.act(() => api.download(`settlements/${id}/statement.pdf`, t("结算单-{number}.pdf", { number })));
    },
  };
}

export const pages = { billPage };

/** Manual reimbursement (手工报销): the claims in the words the pages show, their list, and one of them. */

import { api, rows } from "../lib/api.js";
import { tellOver } from "../lib/drafts.js";
import { acts, ask, go, loads, toast } from "../lib/lazy-pages.js";
import { listing } from "../lib/listing.js";
import { t } from "../lib/parts.js";
import { filledFacts, followsCase, presentDetails } from "../lib/submissions.js";
import { keepsUnsent } from "../lib/unsent.js";
import { date, daysOf, money, toneOf, whenOf, word } from "../lib/words.js";
import { applicantsOf } from "../people/persons.js";

const PAID = { due: t("已通过，待支付"), exported: t("已通过，支付中"), paid: t("已支付"), refused: t("银行退回，请更正账户") };

/** @returns {{name: string, tone: string}} one under review says at which stage, an approved one how far the money is */
function claimStatus(row) {
  const tone = row.status === "approved" && row.payment.status === "refused" ? "warn" : toneOf(row.status);
  if (row.status === "submitted" && row.stages > 1) return { name: row.stage === row.stages ? t("复审中") : t("初审中"), tone };
  return { name: (row.status === "approved" && PAID[row.payment.status]) || word("status", row.status), tone };
}

const outcome = ({ amounts }) => amounts && t("医保付 {fund} 元，自己付 {own} 元", { fund: money(amounts.fund), own: money(amounts.own) });

/** @returns {object} the API's claim with what the pages show of it */
function present(row) {
  const status = claimStatus(row);
  return {
    ...row,
    code: row.status,
    status: status.name,
    toneClass: `tone-${status.tone}`,
    title: row.institution_name || t("手工报销"),
    who: [row.person_name, row.care_label, row.total && t("{total} 元", { total: money(row.total) })].filter(Boolean).join(" · "),
    when: whenOf(row, outcome(row)),
    href: `#/claims/${row.id}`,
  };
}

const STATED = { vacation: t("学生假期在外"), injury: t("外伤"), newborn: t("新生儿随母亲"), maternity: t("生育") };

/** @returns {string[]} what was said of the visit besides */
const statedIn = (row) => Object.keys(STATED).filter((name) => row[name]).map((name) => STATED[name]);

/** @returns {{name: string, text: string}[]} */
const factsOf = (row) =>
  filledFacts([
    { name: t("受理编号"), text: row.number },
    { name: t("参保人"), text: row.person_name },
    { name: t("参保地"), text: row.insured_area_name },
    { name: t("医院"), text: row.institution_name },
    { name: t("就医类别"), text: [row.care_label, row.disease_name, row.emergency && t("急诊抢救"), ...statedIn(row)].filter(Boolean).join(" · ") },
    { name: t("新生儿的出生日期"), text: row.newborn ? date(row.born_on) : "" },
    { name: t("就医日期"), text: row.admitted_on ? daysOf(row) : "" },
    { name: t("票据"), text: [row.invoice_code, row.invoice_number].filter(Boolean).join(" ") },
    { name: t("费用总额"), text: row.total ? t("{total} 元{corrected}", { total: money(row.total), corrected: row.corrected ? t("（审核核定）") : "" }) : "" },
    { name: t("收款账号"), text: [row.bank_account, row.bank_holder].filter(Boolean).join(" ") },
    { name: t("原因"), text: row.reason },
  ]);

/** @returns {{name: string, text: string}[]} what came out, once it was computed */
const resultOf = ({ amounts, travel_label: travel }) =>
  amounts
    ? filledFacts([
        { name: t("计算依据"), text: t("按“{travel}”、手工报销", { travel }) },
        { name: t("起付线"), text: t("{deductible} 元", { deductible: money(amounts.deductible) }) },
        { name: t("医保支付"), text: t("{fund} 元", { fund: money(amounts.fund) }) },
        { name: t("自己负担"), text: t("{own} 元", { own: money(amounts.own) }) },
      ])
    : [];

const FIELDS = {
  institution: t("医疗机构"),
  care: t("就医类别"),
  admitted_on: t("就医日期"),
  born_on: t("新生儿的出生日期"),
  invoice_number: t("票据号码"),
  cost: t("费用"),
  bank_account: t("银行账号"),
  reason: t("没有直接结算的原因"),
};

const PAYMENTS = {
  none: () => t("没有应由医保支付的金额。"),
  due: () => t("等待参保地经办机构支付。"),
  exported: () => t("已交银行支付，请留意到账。"),
  refused: ({ refusal_label: why }) => t("银行未能支付（{why}），请更正收款账户。", { why }),
  paid: ({ paid_on }) => t("{paid_on} 支付到您的银行账户，如未到账请联系参保地经办机构。", { paid_on: date(paid_on) }),
};

/** @returns {string} where the money is */
const paymentOf = ({ status, payment }) => (status === "approved" ? PAYMENTS[payment.status](payment) : "");

/** What was claimed, and for whom to claim. */
function claimsPage() {
  const list = listing("claims/", "claims", present);
  return {
    ...list,
    persons: [],
    async init() {
      await Promise.all([this.reload(), this.readPersons()]);
    },
    /** Without the names there is just nobody to claim for. */
    async readPersons() {
      const persons = rows(await api.get("persons/").catch(() => []));
      this.persons = applicantsOf(persons, ({ id }) => `#/claims/apply/${id}`);
    },
  };
}

const EDITS = new Set(["submit", "resubmit"]);

const ACTIONS = {
  submit: { name: t("继续填写"), look: "weui-btn_primary" },
  resubmit: { name: t("去补正"), look: "weui-btn_primary" },
  withdraw: { name: t("撤回申请"), look: "weui-btn_default", title: t("撤回这份申请？"), text: t("撤回后不再审核；在期限内可以重新申请。"), done: t("已撤回") },
};

const DRAFT_ACTIONS = {
  withdraw: { name: t("放弃草稿"), title: t("放弃这份草稿？"), text: t("已填写的内容将不再保留。"), done: t("已放弃") },
};

const blankAccount = () => ({ form: { bank_account: "", bank_holder: "" } });

/** Within the page of a claim that the bank sent back: another account. A doubtful number is taken when it is sent once more. */
function claimAccount() {
  return {
    ...keepsUnsent(({ record }) => `account ${record.id}`),
    draft: blankAccount(),
    doubted: null,
    marked: () => false,
    init() {
      return this.recall();
    },
    get contents() {
      return { draft: this.draft };
    },
    get refused() {
      return t("银行退回：{refusal_label}。款项将支付到更正后的账户。", { refusal_label: this.record.payment.refusal_label });
    },
    async mendAccount() {
      const { id, version } = this.record;
      const { bank_account, bank_holder } = this.draft.form;
      await this.act(async () => {
        try {
          this.record = await api.post(`claims/${id}/account/`, { bank_account, bank_holder, confirmed: this.doubted === bank_account }, { version });
        } catch (error) {
          if (error.errors?.some(({ code }) => code === "bank_account_doubtful")) this.doubted = bank_account;
          throw error;
        }
        this.sent();
        this.draft = blankAccount();
        toast(t("已更正，将重新支付"));
      });
    },
  };
}

/** One claim: where it stands, what it came to, where the money is, and how it came here. */
function claimPage() {
  return {
    ...followsCase("claims"),
    ...acts(),
    get claim() {
      return present(this.record);
    },
    get facts() {
      return factsOf(this.record);
    },
    get details() {
      return presentDetails(this.record, FIELDS);
    },
    get result() {
      return resultOf(this.record);
    },
    get payment() {
      return paymentOf(this.record);
    },
    get mends() {
      return this.record.actions.includes("account");
    },
    get bill() {
      return this.record.settlement ? `#/bills/${this.record.settlement}` : "";
    },
    get actions() {
      return this.record.actions.filter((verb) => ACTIONS[verb]).map((verb) => ({ verb, ...ACTIONS[verb], ...(this.record.status === "draft" && DRAFT_ACTIONS[verb]) }));
    },
    /** In another tab it was handed in or thrown away. */
    hearOver(id) {
      return this.record?.id === id && !this.busy ? this.reload() : null;
    },
    run(action) {
      return EDITS.has(action.verb) ? go(`${this.claim.href}/edit`) : this.withdraw(action);
    },
    async withdraw({ name, title, text, done }) {
      if (!(await ask({ title, text, ok: name, danger: true }))) return;
      await this.act(async () => {
        const { id, version } = this.record;
        this.record = await api.post(`claims/${id}/withdraw/`, {}, { version });
        tellOver(id);
        toast(done);
      });
    },
  };
}

export const pages = { claimsPage, claimPage, claimAccount };

/** The application for manual reimbursement: a new one, a draft, or one that is mended. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { CLASSES, atItems, blankItem, costOf, sumOf } from "../lib/amounts.js";
import { api, persist, rows } from "../lib/api.js";
import { filesFrom, uploads } from "../lib/documents.js";
import { go, loads, toast } from "../lib/lazy-pages.js";
import "../lib/places.js";
import { blankStated } from "../lib/stated.js";
import { choices } from "../lib/words.js";

/** The claim that is being written stays on this phone until it is handed in. @returns {object} `of` says which claim was written, `written` what of it */
const blank = () => ({ of: "", written: null });

/** Files whose upload did not finish are chosen again. */
const mend = ({ of, written }) => ({ of, written: written && mended(written) });

const mended = (written) => ({
  ...written,
  visit: { stated: blankStated(), ...written.visit },
  files: written.files.filter((file) => file.id),
});

Alpine.store("claim", { data: blank() });
persist("claim", "claim", blank, mend);

/** @param {object} value  @returns {object} without what is of this moment only (`_…`) */
const copied = (value) => JSON.parse(JSON.stringify(value, (name, each) => (name.startsWith("_") ? undefined : each)));

/** @param {string} of  @returns {?object} what was written of this claim; of another nothing */
function storedClaim(of) {
  const { data } = Alpine.store("claim");
  return data.of === of && data.written ? copied(data.written) : null;
}

/** The bank account is typed again: it is never written down on the phone. */
function storeClaim(of, written) {
  const { draft, ...rest } = copied(written);
  Alpine.store("claim").data = { of, written: { ...rest, draft: { form: { ...draft.form, bank_account: "" } } } };
}

function forgetClaim() {
  Alpine.store("claim").data = blank();
}

const DISEASES = 100;
const SAID = ["vacation", "injury", "newborn", "maternity"];
const blankForm = () => ({ admitted_on: "", discharged_on: "", invoice_code: "", invoice_number: "", institution_name: "", bank_account: "", bank_holder: "", reason: "" });
const blankCost = () => ({ total: "", excluded: "", over_limit: "", first_copay: "" });

async function readOptions() {
  const { params } = Alpine.store("route");
  this.record = params.id ? await api.get(`claims/${params.id}/`) : null;
  this.enrollment = this.record?.enrollment ?? params.enrollment;
  const [options, diseases] = await Promise.all([api.get("claim-options/", { enrollment: this.enrollment }), api.get("diseases/", { page_size: DISEASES })]);
  Object.assign(this, { options, diseases: rows(diseases) });
  if (this.record) this.fill();
  this.place = this.record?.place ? await api.get(`areas/${this.record.place}/`) : null;
  Object.assign(this, storedClaim(this.key));
  if (!this.visit.items.length) this.addItem();
}

/** @returns {object} a line of a stored bill as the form has it */
const itemOf = ({ name = "", class: kind, amount, first_copay_ratio: ratio, limit = "" }) => ({
  name,
  class: kind,
  amount,
  copay: Number(ratio) ? String(Math.round(Number(ratio) * 10000) / 100) : "",
  limit,
});

function claimFormPage() {
  return {
    ...loads(readOptions),
    ...uploads(),
    record: null,
    enrollment: "",
    options: null,
    diseases: [],
    cares: choices("care"),
    classes: CLASSES,
    hospital: null,
    place: null,
    unlisted: false,
    emergency: false,
    visit: { care: "inpatient", disease: "", stated: blankStated(), itemised: "", cost: blankCost(), items: [] },
    files: [],
    marks: [],
    draft: { form: blankForm() },
    async init() {
      await this.reload();
      this.$watch("written", (written) => storeClaim(this.key, written));
    },
    /** One claim, as it stood when one began to write: what is changed elsewhere is not written over. */
    get key() {
      return this.record ? `${this.record.id} ${this.record.version}` : this.enrollment;
    },
    get written() {
      const { draft, visit, hospital, place, unlisted, emergency, files } = this;
      return { draft, visit, hospital, place, unlisted, emergency, files };
    },
    get savable() {
      return !this.record || this.record.status === "draft";
    },
    fill() {
      const { record } = this;
      for (const name of Object.keys(this.draft.form)) this.draft.form[name] = name === "bank_account" ? "" : record[name] ?? "";
      this.hospital = record.institution ? { code: record.institution, name: record.institution_name } : null;
      this.unlisted = !record.institution && Boolean(record.institution_name);
      this.emergency = record.emergency;
      Object.assign(this.visit, { care: record.care, disease: record.disease ?? "" });
      for (const name of SAID) this.visit.stated[name] = record[name];
      this.fillCost(record.cost ?? {});
      this.files = filesFrom(record.materials);
      this.marks = (record.status === "returned" && record.decision?.fields) || [];
    },
    fillCost({ items = [], ...sums }) {
      Object.assign(this.visit, { itemised: items.length ? "items" : "", items: items.map(itemOf), cost: { ...blankCost(), ...sums } });
    },
    get documents() {
      const { documents, injury } = this.options;
      const papers = documents.filter((each) => each.kind !== "certificate");
      return this.visit.stated.injury && injury.statement ? [...papers, injury.statement] : papers;
    },
    get explanation() {
      const { deadline, working_days: days, note } = this.options;
      const time = `${this.options.insured_area_name}：请在${deadline}申请；初审、复审各 ${days[0]} 个工作日内办结。`;
      return [this.record?.decision?.reason, time, note].filter(Boolean).join(" ");
    },
    get accountHint() {
      return this.record?.bank_account ? `已填写 ${this.record.bank_account}，不修改的可以不填。` : "参保人本人的银行账户，用来收报销款。";
    },
    get ownKnown() {
      const { excluded, over_limit, first_copay } = this.visit.cost;
      return Boolean(excluded || over_limit || first_copay);
    },
    get sum() {
      return sumOf(this.visit.items);
    },
    addItem() {
      this.visit.items.push(blankItem());
    },
    removeItem(index) {
      this.visit.items.splice(index, 1);
    },
    async pickHospital() {
      this.hospital = (await Alpine.store("hospitals").open("")) ?? this.hospital;
    },
    async pickPlace() {
      const found = await Alpine.store("areas").open();
      if (found) this.place = { code: found.code, name: found.name };
    },
    where() {
      const { institution_name } = this.draft.form;
      if (!this.unlisted) return { institution: this.hospital?.code ?? null };
      return { institution: null, institution_name: institution_name.trim(), place: this.place?.code ?? null };
    },
    /** What was left empty is not said: the check tells what is missing. */
    said() {
      const { bank_account, invoice_code, invoice_number, bank_holder, reason } = this.draft.form;
      const fields = { bank_account, invoice_code, invoice_number, bank_holder, reason };
      return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.trim()]).filter(([, text]) => text));
    },
    /** Childbirth is a stay. */
    stated() {
      const { care, stated } = this.visit;
      return Object.fromEntries(SAID.map((name) => [name, stated[name] && (name !== "maternity" || care === "inpatient")]));
    },
    /** A bill that was not filled in is not sent, unless it takes away what was sent before. */
    cost() {
      const cost = costOf(this.visit);
      const blank = !Object.keys(cost).length || cost.items?.every(({ amount }) => !amount);
      return blank && !this.record?.cost ? {} : { cost };
    },
    body() {
      const { admitted_on, discharged_on } = this.draft.form;
      const { care, disease } = this.visit;
      return {
        ...this.where(),
        ...this.said(),
        care,
        disease: care === "chronic" && disease ? disease : null,
        emergency: this.emergency,
        ...this.stated(),
        admitted_on: admitted_on || null,
        discharged_on: care === "inpatient" ? discharged_on || null : null,
        ...this.cost(),
        materials: this.sentFiles(this.documents),
      };
    },
    send() {
      return this.act(async () => {
        const done = await this.hand().catch((error) => Promise.reject(atItems(error)));
        this.leave(done, "已提交，等待审核");
      });
    },
    save() {
      return this.act(async () => {
        const saved = await (this.record ? this.amend() : this.begin({ draft: true })).catch((error) => Promise.reject(atItems(error)));
        this.leave(saved, "已保存，还没有提交");
      });
    },
    leave({ id }, text) {
      forgetClaim();
      toast(text);
      go(`#/claims/${id}`, { replace: true });
    },
    begin(more = {}) {
      return api.post("claims/", { ...this.body(), enrollment: this.enrollment, ...more });
    },
    amend() {
      const { id, version } = this.record;
      return api.patch(`claims/${id}/`, this.body(), { version });
    },
    async hand() {
      if (!this.record) return this.begin();
      this.record = { ...(await this.amend()), decision: this.record.decision };
      const { id, version, status } = this.record;
      return api.post(`claims/${id}/${status === "returned" ? "resubmit" : "submit"}/`, {}, { version });
    },
  };
}

export const pages = { claimFormPage };

/** The application for manual reimbursement: a new one, a draft, or one that is mended; saved as one types. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { CLASSES, atItems, blankItem, costOf, sumOf } from "../lib/amounts.js";
import { api, rows } from "../lib/api.js";
import { filesFrom, uploads } from "../lib/documents.js";
import { autosaves, isOpen, keepsCopy } from "../lib/drafts.js";
import { go, leave, loads, rename, toast } from "../lib/lazy-pages.js";
import { marksOf, walksMarks } from "../lib/marks.js";
import { t } from "../lib/parts.js";
import "../lib/places.js";
import { blankStated } from "../lib/stated.js";
import { choices } from "../lib/words.js";

const DISEASES = 100;
const SAID = ["vacation", "injury", "newborn", "maternity"];
const blankForm = () => ({ admitted_on: "", discharged_on: "", invoice_code: "", invoice_number: "", institution_name: "", bank_account: "", bank_holder: "", reason: "" });
const blankCost = () => ({ total: "", excluded: "", over_limit: "", first_copay: "" });

async function readOptions() {
  const { params } = Alpine.store("route");
  this.record = params.id ? await api.get(`claims/${params.id}/`) : null;
  if (this.record && !isOpen(this.record)) return leave(`#/claims/${params.id}`);
  this.enrollment = this.record?.enrollment ?? params.enrollment;
  const [options, diseases] = await Promise.all([api.get("claim-options/", { enrollment: this.enrollment }), api.get("diseases/", { page_size: DISEASES })]);
  Object.assign(this, { options, diseases: rows(diseases) });
  await this.fill();
  const more = await this.restore();
  if (!this.visit.items.length) this.addItem();
  this.startSaving(more);
  if (this.marks.length) requestAnimationFrame(() => this.nextMark());
  return null;
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
    ...autosaves(),
    ...keepsCopy("claim"),
    ...walksMarks(),
    path: "claims",
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
    visit: { care: "inpatient", disease: "", stated: blankStated(), born_on: "", itemised: "", cost: blankCost(), items: [] },
    files: [],
    marks: [],
    draft: { form: blankForm() },
    get copyKey() {
      return this.record?.id ?? this.enrollment;
    },
    /** The bank account is typed again: it is never written down on the phone. */
    get contents() {
      const { draft, visit, hospital, place, unlisted, emergency, files } = this;
      return { draft: { form: { ...draft.form, bank_account: "" } }, visit, hospital, place, unlisted, emergency, files };
    },
    get savable() {
      return Boolean(this.options);
    },
    get keepable() {
      return !this.record || this.record.status === "draft";
    },
    get written() {
      return JSON.stringify(this.body(true, true));
    },
    async fill() {
      const { record } = this;
      if (!record) return;
      for (const name of Object.keys(this.draft.form)) this.draft.form[name] = name === "bank_account" ? "" : (record[name] ?? "");
      this.hospital = record.institution ? { code: record.institution, name: record.institution_name } : null;
      this.unlisted = !record.institution && Boolean(record.institution_name);
      this.emergency = record.emergency;
      Object.assign(this.visit, { care: record.care, disease: record.disease ?? "", born_on: record.born_on ?? "" });
      for (const name of SAID) this.visit.stated[name] = record[name];
      this.fillCost(record.cost ?? {});
      this.files = filesFrom(record.materials);
      this.marks = marksOf(record);
      this.place = record.place ? await api.get(`areas/${record.place}/`) : null;
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
      const time = t("{insured_area_name}：请在{deadline}申请；初审、复审各 {value} 个工作日内办结。", { insured_area_name: this.options.insured_area_name, deadline, value: days[0] });
      return [this.record?.decision?.reason, time, note].filter(Boolean).join(" ");
    },
    get accountHint() {
      return this.record?.bank_account ? t("已填写 {bank_account}，不修改的可以不填。", { bank_account: this.record.bank_account }) : t("参保人本人的银行账户，用来收报销款。");
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
    /** @param {boolean} [quiet] without what a later look may take back  @param {boolean} [whole] though it was returned */
    body(quiet = false, whole = false) {
      const files = quiet ? this.readyFiles(this.documents) : this.sentFiles(this.documents);
      const materials = quiet && !whole && this.record?.status === "returned" ? {} : { materials: files };
      const { admitted_on, discharged_on } = this.draft.form;
      const { care, disease } = this.visit;
      return {
        ...this.where(),
        ...this.said(),
        care,
        disease: care === "chronic" && disease ? disease : null,
        emergency: this.emergency,
        ...this.stated(),
        born_on: (this.visit.stated.newborn && this.visit.born_on) || null,
        admitted_on: admitted_on || null,
        discharged_on: care === "inpatient" ? discharged_on || null : null,
        ...this.cost(),
        ...materials,
      };
    },
    async create(fields) {
      const made = await api.post("claims/", { ...fields, enrollment: this.enrollment, draft: true });
      if (!this._gone) rename(`#/claims/${made.id}/edit`);
      return made;
    },
    async reopen(record) {
      this.record = record;
      await this.fill();
      this._stored = this.written;
    },
    showRecord() {
      go(`#/claims/${this.record.id}`, { replace: true });
    },
    send() {
      return this.act(async () => {
        this.record = await this.hand().catch((error) => Promise.reject(atItems(error)));
        this.handedIn();
        toast(t("已提交，等待审核"));
        this.showRecord();
      });
    },
    saveLater() {
      return this.act(async () => {
        await this.save().catch((error) => Promise.reject(atItems(error)));
        this.left = true;
        toast(t("已保存，还没有提交"));
        this.showRecord();
      });
    },
    async hand() {
      await this.save();
      const { id, version, status } = this.record;
      const verb = status === "returned" ? "resubmit" : "submit";
      return api.post(`claims/${id}/${verb}/`, {}, { version }).catch((error) => this.refused(error));
    },
  };
}

export const pages = { claimFormPage };

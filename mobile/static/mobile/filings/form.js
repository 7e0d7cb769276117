/** The form of a filing: saved as one types, what a reviewer marked opened one after another. */

import Alpine from "../vendor/alpine-csp.esm.min.js";
import { promisable, uploads } from "../lib/documents.js";
import { autosaves } from "../lib/drafts.js";
import { go } from "../lib/lazy-pages.js";
import { openAt, placeOf, walksMarks } from "../lib/marks.js";
import { signed, t } from "../lib/parts.js";
import "../lib/places.js";
import { refuseErrors } from "../lib/submissions.js";
import { today, typeName } from "../lib/words.js";
import { bodyOf, createDraft, draftFrom, optionOf, setAside, stepInstead } from "./draft.js";

const PROMISE = signed("本人承诺：所填信息真实有效，并在规定期限内补交上述材料。逾期未补交或内容不实的，备案将按参保地规定处理，今后一段时间不能再以承诺方式备案。");

/** Step 3, 填写与上传/承诺: the form is stored as it is typed; going on saves it as a draft, which also checks it. */
function fileFormPage() {
  return {
    ...uploads(),
    ...autosaves(),
    ...walksMarks(),
    path: "filings",
    /** What this page writes, also when another is begun while a save of it is under way. */
    draft: Alpine.store("draft").data,
    init() {
      this.draft.form.starts_on ||= today();
      if (!this.documents.some(({ kind }) => kind === this.draft.commitment)) this.draft.commitment = "";
      this.startSaving(this.draft.unsaved && this.record?.status === "draft");
      requestAnimationFrame(() => this.arrive());
    },
    /** Where somebody is wanted: the field they came back for, or the first that was marked. */
    arrive() {
      const draft = Alpine.store("draft");
      const place = draft.wanted && placeOf(draft.wanted);
      draft.wanted = "";
      if (place) openAt(place);
      else if (this.marks.length) this.nextMark();
    },
    get record() {
      return this.draft.filing;
    },
    set record(filing) {
      this.draft.filing = filing;
    },
    get rival() {
      return this.draft.rival;
    },
    set rival(rival) {
      this.draft.rival = rival;
    },
    get savable() {
      return Boolean(this.option);
    },
    get written() {
      return JSON.stringify(bodyOf(this.draft, this.readyFiles(this.asked)));
    },
    /** Of what was returned documents are never taken back, so they are handed in by going on alone. */
    body(quiet) {
      const fields = bodyOf(this.draft, quiet ? this.readyFiles(this.asked) : this.sentFiles(this.asked));
      if (!quiet || this.record?.status !== "returned") return fields;
      const { materials, ...rest } = fields;
      return rest;
    },
    create(fields) {
      return createDraft(fields, this.draft.enrollment.id);
    },
    keep(unsaved) {
      this.draft.unsaved = unsaved || this.record?.status === "returned";
      if (this.draft !== Alpine.store("draft").data) setAside(this.draft);
    },
    dropCopy() {
      this.draft.unsaved = false;
      if (this.draft !== Alpine.store("draft").data) setAside(this.draft);
    },
    async reopen(record) {
      Alpine.store("draft").start(await draftFrom(record));
      this.draft = Alpine.store("draft").data;
      this._stored = this.written;
    },
    showRecord() {
      go(`#/records/${this.record.id}`, { replace: true });
    },
    get option() {
      return optionOf(this.draft);
    },
    get files() {
      return this.draft.files;
    },
    get marks() {
      return this.draft.marks;
    },
    get title() {
      return `${this.draft.destination.name} · ${typeName(this.draft.type)}`;
    },
    get dates() {
      return t("{text}。结束日期可以不填。", { text: this.option.validity.text });
    },
    get documents() {
      return this.option.documents;
    },
    get promisable() {
      return this.documents.find(promisable) ?? null;
    },
    /** A promised document need not be uploaded now. */
    get documentsNow() {
      return this.documents.filter((document) => document.required && document.kind !== this.draft.commitment);
    },
    /** Of an injury; it may also be signed at the hospital. */
    get statements() {
      const statement = this.draft.form.injury && this.draft.options.injury?.statement;
      return statement ? [{ ...statement, required: false }] : [];
    },
    /** Every document there is a place for. */
    get asked() {
      return [...this.documentsNow, ...this.statements, ...this.extras];
    },
    get extras() {
      return this.documents.filter((document) => !document.required);
    },
    get promise() {
      return PROMISE;
    },
    get nextLabel() {
      if (this.uploading()) return t("正在上传…");
      return this.busy ? t("正在核对…") : t("下一步：核对");
    },
    get referralHint() {
      return t("医院已开具电子转诊证明的，填写编号就不用上传。清空则不再使用这份证明。");
    },
    get hospitalHint() {
      return t("参保地要求在就医地选定医院，最多 {institutions} 家。", { institutions: this.option.institutions });
    },
    async addHospital() {
      const hospital = await this.askHospital();
      const known = this.draft.hospitals.map((each) => each.code);
      if (hospital && !known.includes(hospital.code)) this.draft.hospitals.push(hospital);
    },
    removeHospital(hospital) {
      this.draft.hospitals = this.draft.hospitals.filter((each) => each.code !== hospital.code);
    },
    /** 补办: the filing begins with the stay. */
    async pickStay() {
      this.draft.stay.hospital = (await this.askHospital()) ?? this.draft.stay.hospital;
    },
    noStay() {
      this.draft.stay = { hospital: null, admitted_on: "" };
    },
    askHospital() {
      return Alpine.store("hospitals").open(this.draft.destination.code);
    },
    next() {
      return this.act(async () => {
        await this.save();
        refuseErrors(this.record.checks);
        if (!this._gone) go("#/file/check");
      });
    },
  };
}

export const instead = stepInstead;

export const pages = { fileFormPage };
